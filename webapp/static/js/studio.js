// Keep the four choices while a shoe is picked, and say that something is going on once the form is sent.

const KEY = "studio-choices";
const form = document.querySelector("#ask");
const selects = [...form.querySelectorAll("[data-kept]")];
const problem = document.querySelector("[role=alert]");

function restore() {
  const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "{}");
  for (const select of selects) {
    // What kind of shoe it is comes from the catalogue, once a shoe is picked.
    if (select.name === "sneaker_type" && form.elements.product_id) continue;
    if ([...select.options].some((option) => option.value === kept[select.name])) select.value = kept[select.name];
  }
}

function keep() {
  const chosen = Object.fromEntries(selects.map((select) => [select.name, select.value]));
  sessionStorage.setItem(KEY, JSON.stringify(chosen));
}

if (!problem) restore();
form.addEventListener("change", keep);

form.addEventListener("submit", () => {
  const button = form.querySelector(".ask-send");
  button.setAttribute("aria-disabled", "true");
  button.textContent = "Looking at every version …";
});
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  const button = form.querySelector(".ask-send");
  button.removeAttribute("aria-disabled");
  button.textContent = "Show me which";
});
