// Turn a shoe: drag it, use the arrow keys, or let it turn by itself once.
// Without this module the page shows the same pictures as a strip.

const TURN_MS = 4200;
const icon = (path) => `<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="${path}" fill="currentColor"/></svg>`;
const PLAY = icon("M4.500 2.400v11.200L13.500 8z");
const PAUSE = icon("M4 2.500h2.800v11H4zM9.200 2.500H12v11H9.200z");
const STILL = matchMedia("(prefers-reduced-motion: reduce)");

class Spinner {
  constructor(root) {
    this.root = root;
    this.plate = root.querySelector(".spinner-plate");
    this.shown = root.querySelector(".spinner-frame");
    this.steps = [...root.querySelectorAll("[data-frame]")];
    this.at = 0;
    this.timer = 0;
    this.pictures = [];
    this.build();
    this.listen();
    this.load();
  }

  build() {
    const bar = document.createElement("div");
    bar.className = "spinner-bar";
    this.play = document.createElement("button");
    this.play.type = "button";
    this.play.className = "spinner-play";
    const hint = document.createElement("span");
    hint.textContent = "Drag to turn";
    const track = document.createElement("span");
    track.className = "spinner-track";
    this.knob = document.createElement("span");
    this.knob.className = "spinner-knob";
    track.append(this.knob);
    bar.append(this.play, hint, track);
    this.root.append(bar);
    this.root.dataset.on = "";
    const plate = this.plate;
    plate.tabIndex = 0;
    plate.setAttribute("role", "slider");
    plate.setAttribute("aria-label", `${this.shown.alt}, turn`);
    plate.setAttribute("aria-valuemin", "0");
    plate.setAttribute("aria-valuemax", "359");
    this.sign(false);
    this.show(0);
  }

  listen() {
    const plate = this.plate;
    plate.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      this.stop();
      plate.setPointerCapture(event.pointerId);
      this.grip = { x: event.clientX, at: this.at };
    });
    plate.addEventListener("pointermove", (event) => {
      if (!this.grip) return;
      // Once across the plate is one full turn; the shoe follows the finger.
      const share = (event.clientX - this.grip.x) / plate.clientWidth;
      this.show(this.grip.at - Math.round(share * this.steps.length));
    });
    for (const end of ["pointerup", "pointercancel"]) {
      plate.addEventListener(end, () => { this.grip = undefined; });
    }
    plate.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageUp: 9, PageDown: -9 }[event.key];
      const target = { Home: 0, End: this.steps.length - 1 }[event.key] ?? (step && this.at + step);
      if (target === undefined) return;
      event.preventDefault();
      this.stop();
      this.show(target);
    });
    this.play.addEventListener("click", () => (this.timer ? this.stop() : this.turn(Infinity)));
    document.addEventListener("visibilitychange", () => document.hidden && this.stop());
  }

  // Every frame is fetched before the first turn, so that none of them flickers.
  async load() {
    this.pictures = this.steps.map((step) => {
      const picture = new Image();
      picture.src = step.dataset.frame;
      return picture;
    });
    await Promise.allSettled(this.pictures.map((picture) => picture.decode()));
    if (!STILL.matches && !this.grip && this.at === 0 && !document.hidden) this.turn(1);
  }

  show(frame) {
    const count = this.steps.length;
    this.at = ((frame % count) + count) % count;
    const step = this.steps[this.at];
    this.shown.src = step.dataset.frame;
    this.knob.style.left = `${(100 * this.at) / Math.max(1, count - 1)}%`;
    this.plate.setAttribute("aria-valuenow", step.dataset.angle);
    this.plate.setAttribute("aria-valuetext", `turned by ${step.dataset.angle} degrees`);
  }

  turn(times) {
    this.stop();
    this.sign(true);
    let left = times * this.steps.length;
    this.timer = setInterval(() => {
      this.show(this.at + 1);
      left -= 1;
      if (left <= 0) this.stop();
    }, TURN_MS / this.steps.length);
  }

  stop() {
    clearInterval(this.timer);
    this.timer = 0;
    this.sign(false);
  }

  sign(turning) {
    this.play.setAttribute("aria-label", turning ? "Stop turning" : "Turn the shoe");
    this.play.innerHTML = turning ? PAUSE : PLAY;
  }
}

document.querySelectorAll("[data-spinner]").forEach((root) => new Spinner(root));
