"""Marketers name pictures as their tools do: by a download's name, by an address, and by what is no address."""

from __future__ import annotations

import pytest

from webapp.studio.picture_names import PictureNames

NAMES = PictureNames({"t-00001": 1}, {"ab" * 32: (2, "sketch")}, {}, {"47-laces-one": 3, "vello-dart": 4})


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("T-00001", (1, "")),
        ("https://cdn.example/mails/T-00001.jpg?w=600#top", (1, "")),
        (f"https://cdn.example/{'AB' * 32}.jpg", (2, "sketch")),
        ("vello-dart-brighter.jpg", (4, "brighter")),
        ("pictures/01-vello-dart-square-crop.jpg", (4, "square_crop")),
        ("47-laces-one-brighter.jpg", (3, "brighter")),
        ("02-47-laces-one-original.jpg", (3, "original")),
        ("laces-one-original.jpg", None),
        ("http://[broken/t-00001.jpg", (1, "")),
        ("http://[broken", None),
        ("/", None),
        ("?/#", None),
        ("", None),
    ],
)
def test_a_name_stands_for_a_picture_or_for_none(name: str, found: tuple[int, str] | None) -> None:
    assert NAMES.found(name) == found
    assert (name in NAMES) == (found is not None)
