// Lay the cut-out over the photo, with an edge to pull. Without this script both stand side by side.

const START = 55;

export function compare(pair) {
  const cutout = pair.querySelector(".compare-cutout");
  const range = document.createElement("input");
  Object.assign(range, { type: "range", min: 0, max: 100, value: START, className: "compare-range" });
  range.setAttribute("aria-label", "How much of the photo is shown instead of the cut-out");
  const handle = document.createElement("div");
  handle.className = "compare-handle";

  const place = () => {
    cutout.style.clipPath = `inset(0 0 0 ${range.value}%)`;
    handle.style.insetInlineStart = `${range.value}%`;
  };
  range.addEventListener("input", place);
  pair.append(range, handle);
  pair.classList.add("compare-live");
  place();
}
