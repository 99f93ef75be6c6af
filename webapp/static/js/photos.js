// The photos that were chosen so far, with their previews.

const READABLE = /^image\/|\.(heic|heif|avif)$/i;

export class Photos {
  constructor({ list, max, maxMegabytes, onChange, onProblem }) {
    Object.assign(this, { list, max, maxMegabytes, onChange, onProblem });
    this.files = [];
  }

  add(files) {
    for (const file of files) {
      const refusal = this.#refusal(file);
      if (refusal) {
        this.onProblem(refusal);
      } else if (this.files.length >= this.max) {
        this.onProblem(`Up to ${this.max} photos of the same shoe can be sent at once.`);
        break;
      } else {
        this.files.push(file);
      }
    }
    this.#show();
  }

  remove(file) {
    this.files = this.files.filter((kept) => kept !== file);
    this.onProblem("");
    this.#show();
  }

  #refusal(file) {
    if (!READABLE.test(file.type) && !READABLE.test(file.name)) return `${file.name} is not a picture.`;
    if (file.size === 0) return `${file.name} is empty.`;
    if (file.size > this.maxMegabytes * 1024 * 1024) return `${file.name} is larger than ${this.maxMegabytes} MB.`;
    return "";
  }

  #show() {
    this.list.replaceChildren(...this.files.map((file) => this.#preview(file)));
    this.list.hidden = this.files.length === 0;
    this.onChange(this.files.length);
  }

  #preview(file) {
    const entry = document.createElement("li");
    entry.className = "drop-preview";
    const picture = document.createElement("img");
    picture.alt = file.name;
    picture.src = URL.createObjectURL(file);
    picture.addEventListener("load", () => URL.revokeObjectURL(picture.src));
    picture.addEventListener("error", () => {
      // iPhone photos: the site can read them, this browser cannot show them
      const name = document.createElement("span");
      name.textContent = file.name;
      picture.replaceWith(name);
    });
    const remove = document.createElement("button");
    remove.type = "button";
    remove.className = "drop-remove";
    remove.textContent = "×";
    remove.setAttribute("aria-label", `Leave out ${file.name}`);
    remove.addEventListener("click", () => this.remove(file));
    entry.append(picture, remove);
    return entry;
  }
}
