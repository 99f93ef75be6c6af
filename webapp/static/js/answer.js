// The answer's page: one picture that turns from photo to cut-out, and a search for what the shoe really is.
import { compare } from "./compare.js";
import { searchProducts } from "./product_search.js";

document.querySelectorAll("[data-compare]").forEach(compare);
document.querySelectorAll("[data-search]").forEach(searchProducts);
