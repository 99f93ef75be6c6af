"""Publishing: whole or not at all, one rename, and back again."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from ml.serving.bundle import Bundle, BundleError, read_bundle
from ml.serving.publish import history, publish, published, rollback
from tests.tiny_bundle import write_tiny_bundle


@pytest.fixture
def first(tmp_path: Path) -> Bundle:
    return write_tiny_bundle(tmp_path / "runs" / "first", seed=1)


@pytest.fixture
def second(tmp_path: Path) -> Bundle:
    return write_tiny_bundle(tmp_path / "runs" / "second", seed=2)


def test_nothing_is_published_before_the_first_bundle(shelf: Path) -> None:
    assert published(shelf) is None and history(shelf) == []


def test_publish_copies_checks_and_puts_into_service(first: Bundle, shelf: Path) -> None:
    assert publish(first.folder, shelf).card == first.card
    shutil.rmtree(first.folder)
    in_service = published(shelf)
    assert in_service is not None and in_service.card.id == "first"
    assert (shelf / "current").readlink() == Path("first")
    assert [entry["bundle"] for entry in history(shelf)] == ["first"]
    assert sorted(path.name for path in shelf.iterdir()) == ["current", "first", "history.jsonl"], "no drafts stay"


def test_publishing_again_and_going_back(first: Bundle, second: Bundle, shelf: Path) -> None:
    publish(first.folder, shelf)
    publish(second.folder, shelf)
    assert rollback(shelf).card.id == "first"
    assert (in_service := published(shelf)) is not None and in_service.card.id == "first"
    publish(shelf / "second", shelf)  # from where it was published before
    assert [entry["bundle"] for entry in history(shelf)] == ["first", "second", "first", "second"]


def test_there_is_no_way_back_from_the_first(first: Bundle, shelf: Path) -> None:
    with pytest.raises(BundleError, match="no earlier bundle"):
        rollback(shelf)
    publish(first.folder, shelf)
    with pytest.raises(BundleError, match="no earlier bundle"):
        rollback(shelf)


def test_a_damaged_bundle_is_refused_and_what_serves_stays(first: Bundle, second: Bundle, shelf: Path) -> None:
    publish(first.folder, shelf)
    second.model_file.write_bytes(b"cut off")
    with pytest.raises(BundleError, match="SHA-256"):
        publish(second.folder, shelf)
    assert (in_service := published(shelf)) is not None and in_service.card.id == "first"
    assert not (shelf / "second").exists()


def test_a_copy_that_was_cut_off_before_is_made_anew(first: Bundle, shelf: Path) -> None:
    draft = shelf / ".first.draft"
    draft.mkdir(parents=True)
    (draft / "model.onnx").write_bytes(b"half a file")
    assert publish(first.folder, shelf).card.id == "first"
    assert not draft.exists()


def test_another_bundle_of_the_same_id_is_refused(first: Bundle, tmp_path: Path, shelf: Path) -> None:
    publish(first.folder, shelf)
    impostor = write_tiny_bundle(tmp_path / "other", bundle_id="first", seed=5)
    with pytest.raises(BundleError, match="another bundle"):
        publish(impostor.folder, shelf)


@pytest.mark.parametrize("name", ["../evil", "current", ".hidden", "a/b"])
def test_an_id_that_is_no_folder_name_is_refused(tmp_path: Path, shelf: Path, name: str) -> None:
    bundle = write_tiny_bundle(tmp_path / "run", bundle_id=name)
    with pytest.raises(BundleError, match="folder's name"):
        publish(bundle.folder, shelf)


def test_a_reader_always_finds_a_whole_bundle(first: Bundle, second: Bundle, shelf: Path) -> None:
    publish(first.folder, shelf)
    publish(second.folder, shelf)
    stop, seen, failed = threading.Event(), set(), []

    def read() -> None:
        while not stop.is_set():
            try:
                seen.add(read_bundle((shelf / "current").resolve()).card.id)
            except BundleError as error:
                failed.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(20):
        publish(first.folder, shelf)
        publish(second.folder, shelf)
    stop.set()
    reader.join()
    assert not failed and seen <= {"first", "second"}
