"""Ambiguous labels give way to the label whose words are nearest to the display name."""

from __future__ import annotations

from pathlib import Path

import pytest

from ml.datasets.label_repair import repair_labels, words
from ml.datasets.snapshot import Snapshot, SnapshotError, SnapshotImage

NAMES = {
    "a": ("Sports Shoes", "Runner"),
    "b": ("Casual Shoes", "Loafer"),
    "c": ("Flip Flops", "Slide"),
    "d": ("Others", "Puma Men's SPORT Shoe white"),
    "e": ("Others", "Blue flip-flop"),
    "f": ("Others", "Shoe care kit"),
    "g": ("Others", "Socks"),
}


def a_snapshot(column: str = "productDisplayName") -> Snapshot:
    images = tuple(SnapshotImage(path, label, path) for path, (label, _) in NAMES.items())
    return Snapshot(Path("shop"), "a shop", images, {}, {path: {column: name} for path, (_, name) in NAMES.items()})


def test_words_decide_by_how_rare_they_are() -> None:
    snapshot, repairs = repair_labels(a_snapshot())
    found = {repair.path: repair.found for repair in repairs}
    assert found == {"d": "Sports Shoes", "e": "Flip Flops", "f": "Casual Shoes", "g": "Others"}
    assert [image.label for image in snapshot.images[:3]] == ["Sports Shoes", "Casual Shoes", "Flip Flops"]
    assert str(repairs[1]) == "e: 'Others' -> 'Flip Flops' (1.00), by 'Blue flip-flop'"
    assert str(repairs[3]) == "g: stays 'Others': no label shares a word with 'Socks'"
    assert len(snapshot.problems) == 4


def test_a_second_time_nothing_changes() -> None:
    once, _ = repair_labels(a_snapshot(), ("Others",))
    twice, repairs = repair_labels(once, ("Others",))
    assert once.images == twice.images
    assert [repair.path for repair in repairs] == ["g"]
    assert repair_labels(once, ("Nothing",)) == (once, ())


def test_without_display_names_there_is_nothing_to_go_by() -> None:
    with pytest.raises(SnapshotError, match="labels are repaired by display names"):
        repair_labels(a_snapshot("colour"))


def test_plurals_are_one_word() -> None:
    assert words("Men's Shoes, 2 DRESSES glass") == ["men", "s", "shoe", "2", "dresse", "glass"]
