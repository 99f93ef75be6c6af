"""From the bytes of a page to its text."""

from __future__ import annotations

import codecs
import re

CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
META_CHARSET = re.compile(r"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
HEAD_BYTES = 4096


def decode_page(body: bytes, content_type: str) -> str:
    """The text of a page: by its header, else its own `<meta charset>`, else UTF-8. Bad bytes become U+FFFD."""
    if body.startswith(codecs.BOM_UTF8):
        return body.decode("utf-8-sig", errors="replace")
    head = body[:HEAD_BYTES].decode("latin-1")
    named = CHARSET.search(content_type) or META_CHARSET.search(head)
    return body.decode(_codec(named.group(1)) if named else "utf-8", errors="replace")


def _codec(charset: str) -> str:
    """A codec that exists and gives text; UTF-8 for a name that nobody knows."""
    try:
        name = codecs.lookup(charset).name
        b"".decode(name)
    except LookupError:
        return "utf-8"
    return "cp1252" if name in ("iso8859-1", "ascii") else name  # what browsers read under these names
