"""Where the links of a page lead."""

from __future__ import annotations

from urllib.parse import parse_qsl, urldefrag, urlencode, urljoin, urlsplit, urlunsplit


def absolute_url(page_url: str, link: object) -> str:
    """Where a link on a page leads, without fragment; "" for one that leads nowhere, such as "http://[".

    `link` is an attribute as the HTML parser gives it.
    """
    try:
        return urldefrag(urljoin(page_url, str(link or "").strip())).url
    except ValueError:
        return ""


def with_query(url: str, name: str, value: object) -> str:
    """`url` with one part of its query set: ("http://shop/men?s=new", "p", 1) -> "http://shop/men?s=new&p=1"."""
    parts = urlsplit(url)
    query = [(key, text) for key, text in parse_qsl(parts.query, keep_blank_values=True) if key != name]
    return urlunsplit(parts._replace(query=urlencode([*query, (name, value)])))
