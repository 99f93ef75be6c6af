"""What a product page says of itself to social networks, in the shape of JSON-LD."""

from __future__ import annotations

from bs4 import BeautifulSoup

from scraper.json_ld import Thing

# Open Graph's names for what schema.org calls otherwise; the first one that a page has counts.
NAMES = {
    "name": ("og:title",),
    "brand": ("product:brand", "og:brand"),
    "mpn": ("product:mfr_part_no",),
    "sku": ("product:retailer_item_id", "product:retailer_part_no"),
    "color": ("product:color", "og:color"),
    "category": ("product:category",),
    "price": ("product:sale_price:amount", "product:price:amount", "og:price:amount"),
    "priceCurrency": ("product:sale_price:currency", "product:price:currency", "og:price:currency"),
    "suggestedGender": ("product:gender", "product:target_gender"),
    "ageGroup": ("product:age_group",),
}


def open_graph_product(soup: BeautifulSoup) -> Thing | None:
    """The product that a page is about, None where it says that it is about something else, or nothing."""
    said: dict[str, list[str]] = {}
    for meta in soup.find_all("meta", content=True):
        name = str(meta.get("property") or meta.get("name") or "").strip().lower()
        if name.startswith(("og:", "product:")):
            said.setdefault(name, []).append(str(meta["content"]))
    found = {ours: said[name][0] for ours, names in NAMES.items() for name in names[::-1] if name in said}
    if "price" not in found and not any(kind.startswith(("product", "og:product")) for kind in said.get("og:type", [])):
        return None
    shop = said.get("og:site_name", [""])[0]
    if shop and "name" in found:
        found["name"] = found["name"].removesuffix(shop).rstrip(" |-–—·:")
    offer = {name: found.pop(name) for name in ("price", "priceCurrency") if name in found}
    audience = {name: found.pop(name) for name in ("suggestedGender", "ageGroup") if name in found}
    pictures = said.get("og:image") or said.get("og:image:url") or []
    return {"@type": "Product", **found, "offers": offer, "audience": audience, "image": pictures}
