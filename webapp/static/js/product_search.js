// Suggest products below a text field as one types; the picked one's id goes into the form's hidden field.
// The list follows the ARIA combobox pattern. Without this script the field offers the known shoes by itself.

const WAIT_MS = 180;
const SHOWN = 8;

export function searchProducts(field) {
  const form = field.closest("form");
  const productId = form.querySelector("[data-product]");
  const list = document.createElement("ul");
  Object.assign(list, { className: "feedback-found", id: `${field.id}-found`, hidden: true });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Products");
  field.parentElement.append(list);
  field.removeAttribute("list"); // ours shows pictures, too
  for (const [name, value] of Object.entries({ role: "combobox", "aria-controls": list.id, "aria-autocomplete": "list", "aria-expanded": "false" })) {
    field.setAttribute(name, value);
  }

  let products = [];
  let marked = -1;
  let waiting;
  let asked = 0;

  const close = () => {
    list.hidden = true;
    marked = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };

  const pick = (product) => {
    field.value = [`${product.brand} ${product.name}`, product.colorway].filter(Boolean).join(", ");
    productId.value = product.product_id;
    close();
  };

  const mark = (index) => {
    marked = (index + products.length) % products.length;
    [...list.children].forEach((entry, at) => entry.setAttribute("aria-selected", String(at === marked)));
    field.setAttribute("aria-activedescendant", list.children[marked].id);
    list.children[marked].scrollIntoView({ block: "nearest" });
  };

  const show = () => {
    list.replaceChildren(...products.map((product, index) => choice(product, `${list.id}-${index}`, () => pick(product))));
    list.hidden = products.length === 0;
    marked = -1;
    field.setAttribute("aria-expanded", String(!list.hidden));
  };

  const search = async () => {
    const words = field.value.trim();
    const turn = ++asked;
    if (words.length < 2) {
      close();
      return;
    }
    const query = new URLSearchParams({ query: words, per_page: SHOWN });
    try {
      const response = await fetch(`${field.dataset.search}?${query}`);
      if (!response.ok || turn !== asked) return;
      products = (await response.json()).products;
      if (turn === asked) show();
    } catch {
      close(); // the text alone still works
    }
  };

  field.addEventListener("input", () => {
    productId.value = "";
    clearTimeout(waiting);
    waiting = setTimeout(search, WAIT_MS);
  });
  field.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      mark(marked + (event.key === "ArrowDown" ? 1 : marked < 0 ? 0 : -1));
    } else if (event.key === "Enter" && marked >= 0) {
      event.preventDefault();
      pick(products[marked]);
    } else if (event.key === "Escape") {
      close();
    }
  });
  field.addEventListener("blur", () => setTimeout(close, 150)); // a click on a choice comes first
}

function choice(product, id, onPick) {
  const entry = document.createElement("li");
  Object.assign(entry, { className: "feedback-choice", id });
  entry.setAttribute("role", "option");
  entry.setAttribute("aria-selected", "false");
  const plate = document.createElement("span");
  plate.className = "plate";
  if (product.image_url) {
    const picture = document.createElement("img");
    Object.assign(picture, { src: product.image_url, alt: "" });
    plate.append(picture);
  }
  const words = document.createElement("span");
  const name = document.createElement("strong");
  name.textContent = `${product.brand} ${product.name}`;
  words.append(name, document.createElement("br"), product.colorway ?? "");
  entry.append(plate, words);
  entry.addEventListener("mousedown", (event) => event.preventDefault());
  entry.addEventListener("click", onPick);
  return entry;
}
