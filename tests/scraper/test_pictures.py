"""Pictures on disk: named by their bytes, whole or not at all."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from scraper.pictures import PictureError, check_picture, remove_unfinished, save_picture

JPEG = b"\xff\xd8\xff\xe0" + bytes(100)


@pytest.mark.parametrize(
    ("begin", "suffix"),
    [
        (b"\xff\xd8\xff\xe0", "jpg"),
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "webp"),
        (b"\x00\x00\x00\x1cftypavif", "avif"),
        (b"\x00\x00\x00\x18ftypheic", "heic"),
    ],
)
@pytest.mark.parametrize("content_type", ["image/jpeg", "IMAGE/whatever; q=1", "", "application/octet-stream"])
def test_kinds_by_their_first_bytes(begin: bytes, suffix: str, content_type: str) -> None:
    assert check_picture(begin + bytes(100), content_type) == suffix


@pytest.mark.parametrize(
    ("body", "content_type", "sentence"),
    [
        (JPEG, "text/html; charset=utf-8", "it is text/html"),
        (b"GIF89a" + bytes(100), "image/gif", "first bytes"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>" + bytes(100), "image/svg+xml", "first bytes"),
        (b"<html>sign in</html>" * 9, "image/jpeg", "first bytes"),
        (b"\x00\x00\x00\x18ftypisom" + bytes(100), "", "first bytes"),
        (b"", "image/png", "first bytes"),
        (JPEG[:20], "image/jpeg", "only 20 bytes"),
    ],
)
def test_other_things_are_refused(body: bytes, content_type: str, sentence: str) -> None:
    with pytest.raises(PictureError, match=sentence):
        check_picture(body, content_type)


def test_saving_twice_is_saving_once(tmp_path: Path) -> None:
    folder = tmp_path / "images"
    name = save_picture(folder, JPEG, "jpg")
    assert name == f"{hashlib.sha256(JPEG).hexdigest()}.jpg"
    before = (folder / name).stat()
    assert save_picture(folder, JPEG, "jpg") == name
    assert (folder / name).stat().st_mtime_ns == before.st_mtime_ns
    assert [path.name for path in folder.iterdir()] == [name]


def test_a_picture_that_is_on_disk_already_is_linked(tmp_path: Path) -> None:
    source = tmp_path / "body"
    source.write_bytes(JPEG)
    name = save_picture(tmp_path / "images", JPEG, "jpg", source)
    assert (tmp_path / "images" / name).samefile(source)
    other = save_picture(tmp_path / "images", JPEG + b"x", "jpg", tmp_path / "gone")
    assert (tmp_path / "images" / other).read_bytes() == JPEG + b"x"
    assert len(list((tmp_path / "images").iterdir())) == 2


def test_half_a_file_is_written_anew(tmp_path: Path) -> None:
    name = save_picture(tmp_path, JPEG, "jpg")
    (tmp_path / name).write_bytes(JPEG[:50])
    save_picture(tmp_path, JPEG, "jpg")
    assert (tmp_path / name).read_bytes() == JPEG


def test_leftovers_of_a_killed_crawl_are_removed(tmp_path: Path) -> None:
    name = save_picture(tmp_path, JPEG, "jpg")
    (tmp_path / f".{name}.4711.tmp").write_bytes(JPEG[:50])
    remove_unfinished(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name]
