"""From bytes to text, whatever a page says of itself."""

from __future__ import annotations

import pytest

from scraper.page_text import decode_page


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        ("Größe".encode(), "text/html; charset=utf-8", "Größe"),
        ("Größe".encode("latin-1"), "text/html; charset=ISO-8859-1", "Größe"),
        ("“Größe”".encode("cp1252"), "text/html; charset='latin1'", "“Größe”"),
        (b"<meta charset=windows-1252>" + "Größe".encode("cp1252"), "text/html", "<meta charset=windows-1252>Größe"),
        (b"\xef\xbb\xbf" + "Größe".encode(), "text/html; charset=latin-1", "Größe"),
        ("Größe".encode(), "", "Größe"),
        ("Größe".encode(), "text/html; charset=klingon", "Größe"),
        ("Größe".encode(), "text/html; charset=base64", "Größe"),
        ("Größe".encode(), "text/html; charset=idna", "Größe"),
        (b"half +2AA-", "text/html; charset=utf-7", "half +2AA-"),
        (b"\xff\x00", "text/html; charset=utf-8", "\ufffd\x00"),
    ],
)
def test_charsets(body: bytes, content_type: str, text: str) -> None:
    assert decode_page(body, content_type) == text
