// The front page: choose, drop, paste or take photos; see them; send them; read what was wrong with them without losing them.
import { Photos } from "./photos.js";
import { watchDrops } from "./dropzone.js";
import { send } from "./send.js";

const form = document.getElementById("drop");
const part = (name) => form.querySelector(`[data-${name}]`);
const problem = part("problem");
const progress = part("progress");
const status = part("status");
const button = part("send").querySelector("button");

const say = (sentence) => {
  part("send").before(problem); // beside the button that was just pressed: a phone may have scrolled past the top
  problem.textContent = sentence;
  problem.hidden = !sentence;
  if (sentence) problem.scrollIntoView({ block: "nearest" });
};

const photos = new Photos({
  list: part("previews"),
  max: Number(form.dataset.maxPhotos),
  maxMegabytes: Number(form.dataset.maxMegabytes),
  onProblem: say,
  onChange: (count) => {
    part("send").classList.toggle("drop-filled", count > 0);
    button.textContent = count > 1 ? `Identify it from ${count} photos` : "Identify this shoe";
  },
});

const add = (files) => {
  say("");
  photos.add(files);
  if (photos.files.length) button.focus({ preventScroll: true });
};

for (const input of [part("files"), part("camera")]) {
  input.addEventListener("change", () => {
    add([...input.files]);
    input.value = ""; // the same file can be chosen again after it was removed
  });
}
watchDrops(form, add);

const setBusy = (busy) => {
  form.classList.toggle("drop-busy", busy);
  form.setAttribute("aria-busy", String(busy));
  button.disabled = busy;
  progress.hidden = !busy;
};

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!photos.files.length) {
    say("Please choose a photo first.");
    return;
  }
  say("");
  setBusy(true);
  status.textContent = "Sending …";
  try {
    const answer = await send(form.dataset.api, photos.files, (share) => {
      if (share < 1) {
        progress.value = share;
      } else {
        progress.removeAttribute("value");
        status.textContent = "Looking at it …";
      }
    }, part("training").checked ? { training: "yes" } : {});
    window.location.assign(form.dataset.answers.replace("ID", answer.id));
  } catch (error) {
    setBusy(false);
    status.textContent = "";
    say(error.message);
  }
});

// Coming back with the browser's button finds the page as it was, not in the middle of sending.
window.addEventListener("pageshow", () => {
  setBusy(false);
  status.textContent = "";
});
