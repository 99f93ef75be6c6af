"""From the bytes of a page to its text, and from a piece of text to one line."""

from __future__ import annotations

import codecs
import re

CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
META_CHARSET = re.compile(r"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
HEAD_BYTES = 4096

# Pages that call themselves this are read as Windows-1252 by every browser.
BROWSER_NAMES = dict.fromkeys(("iso-8859-1", "iso8859-1", "latin-1", "latin1", "ascii", "us-ascii"), "cp1252")

# Python's encodings of other things than pages; the first takes minutes for a long one.
NOT_OF_PAGES = ("punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined")


def decode_page(body: bytes, content_type: str) -> str:
    """The text of a page: by its header, else its own `<meta charset>`, else UTF-8. Bad bytes become U+FFFD."""
    if body.startswith(codecs.BOM_UTF8):
        return body.decode("utf-8-sig", errors="replace")
    head = body[:HEAD_BYTES].decode("latin-1")
    named = CHARSET.search(content_type) or META_CHARSET.search(head)
    charset = named.group(1).lower() if named else "utf-8"
    try:
        if codecs.lookup(charset).name.replace("-", "_") in NOT_OF_PAGES:
            charset = "utf-8"
        text = body.decode(BROWSER_NAMES.get(charset, charset), errors="replace")
        text.encode("utf-8")  # UTF-7 can spell halves of characters, which no parser takes
        return text
    except (LookupError, ValueError):  # a name that nobody knows, or that is no encoding of text
        return body.decode("utf-8", errors="replace")


def one_line(text: str) -> str:
    """`text` on one line: control characters and runs of white space become one space."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
