"""Decoding: what is accepted comes out right, what is refused says why, and nothing else is ever raised."""

from __future__ import annotations

import io
import struct
import time
import zlib
from typing import Any

import numpy as np
import pillow_heif
import pytest
from numpy.typing import NDArray
from PIL import Image

from ml.imaging.decode import DecodeError, Limits, decode, decode_with_alpha


def quadrants(width: int = 64, height: int = 48) -> Image.Image:
    """Red, green over blue, yellow: every turn of it looks different."""
    image = Image.new("RGB", (width, height), (255, 0, 0))
    image.paste((0, 255, 0), (width // 2, 0, width, height // 2))
    image.paste((0, 0, 255), (0, height // 2, width // 2, height))
    image.paste((255, 255, 0), (width // 2, height // 2, width, height))
    return image


def saved(image: Image.Image, picture_format: str, **options: Any) -> bytes:
    pillow_heif.register_heif_opener()
    file = io.BytesIO()
    image.save(file, picture_format, **options)
    return file.getvalue()


def corners(picture: NDArray[np.uint8]) -> list[list[int]]:
    """The colours near the four corners, rounded to 0 and 255."""
    height, width = picture.shape[:2]
    spots = [(y, x) for y in (height // 4, 3 * height // 4) for x in (width // 4, 3 * width // 4)]
    return [[255 * int(value > 127) for value in picture[spot]] for spot in spots]


RED, GREEN, BLUE, YELLOW = [255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 0]


@pytest.mark.parametrize("picture_format", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
def test_the_accepted_formats(picture_format: str) -> None:
    picture = decode(saved(quadrants(), picture_format))
    assert picture.shape == (48, 64, 3) and picture.dtype == np.uint8
    assert corners(picture) == [RED, GREEN, BLUE, YELLOW]


@pytest.mark.parametrize(
    ("orientation", "expected"),
    [
        (1, [RED, GREEN, BLUE, YELLOW]),
        (2, [GREEN, RED, YELLOW, BLUE]),
        (3, [YELLOW, BLUE, GREEN, RED]),
        (4, [BLUE, YELLOW, RED, GREEN]),
        (5, [RED, BLUE, GREEN, YELLOW]),
        (6, [BLUE, RED, YELLOW, GREEN]),
        (7, [YELLOW, GREEN, BLUE, RED]),
        (8, [GREEN, YELLOW, RED, BLUE]),
        (99, [RED, GREEN, BLUE, YELLOW]),
    ],
)
@pytest.mark.parametrize("picture_format", ["JPEG", "PNG", "WEBP"])
def test_every_orientation_is_turned_upright(picture_format: str, orientation: int, expected: list[list[int]]) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = decode(saved(quadrants(), picture_format, exif=exif))
    assert corners(picture) == expected
    assert picture.shape == ((64, 48, 3) if 5 <= orientation <= 8 else (48, 64, 3))


def test_an_iphone_photo_is_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert corners(decode(saved(quadrants(), "HEIF", exif=exif.tobytes()))) == [BLUE, RED, YELLOW, GREEN]


def test_transparency_shows_white_and_is_kept_as_mask() -> None:
    image = Image.new("RGBA", (64, 64), (200, 0, 0, 0))  # a colour hides under the transparency
    image.paste((0, 0, 200, 255), (16, 16, 48, 48))
    decoded = decode_with_alpha(saved(image, "PNG"))
    assert decoded.image[0, 0].tolist() == [255, 255, 255]
    assert decoded.image[32, 32].tolist() == [0, 0, 200]
    assert decoded.alpha is not None
    assert decoded.alpha[0, 0] == 0 and decoded.alpha[32, 32] == 255


def test_opaque_pictures_have_no_mask() -> None:
    assert decode_with_alpha(saved(quadrants().convert("RGBA"), "PNG")).alpha is None
    assert decode_with_alpha(saved(quadrants(), "JPEG")).alpha is None


def test_hidden_colours_do_not_bleed_when_a_picture_shrinks() -> None:
    image = Image.new("RGBA", (2048, 1024), (255, 0, 0, 0))
    image.paste((0, 0, 255, 255), (1024, 0, 2048, 1024))
    picture = decode(saved(image, "PNG")).astype(int)
    assert picture.shape == (512, 1024, 3)
    assert (picture[..., 0] <= picture[..., 1] + 2).all(), "red is nowhere to be seen"


def test_palette_with_transparency() -> None:
    image = Image.new("P", (40, 40), 0)
    image.putpalette([10, 20, 30, 200, 100, 50] + [0] * 762)
    image.paste(1, (10, 10, 30, 30))
    picture = decode(saved(image, "PNG", transparency=0))
    assert picture[0, 0].tolist() == [255, 255, 255] and picture[20, 20].tolist() == [200, 100, 50]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK"])
def test_other_colour_modes(mode: str) -> None:
    image = Image.new("L", (64, 48), 0)
    image.paste(255, (32, 0, 64, 48))
    picture = decode(saved(image.convert(mode), "JPEG" if mode == "CMYK" else "PNG"))
    assert picture.shape == (48, 64, 3)
    assert picture[24, 8].max() < 12 and picture[24, 56].min() > 243


def test_sixteen_bits_are_scaled_not_clipped() -> None:
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)
    picture = decode(saved(Image.fromarray(np.tile(ramp, (64, 1))), "PNG"))
    assert np.abs(picture[10, :, 0].astype(int) - np.arange(256)).max() <= 1


@pytest.mark.parametrize("picture_format", ["JPEG", "PNG", "WEBP"])
def test_large_pictures_shrink(picture_format: str) -> None:
    picture = decode(saved(quadrants(3000, 1500), picture_format))
    assert 768 <= max(picture.shape) <= 1024
    assert picture.shape[1] == pytest.approx(2 * picture.shape[0], abs=2)
    assert corners(picture) == [RED, GREEN, BLUE, YELLOW]


def test_a_twelve_megapixel_photo_opens_quickly() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (300, 400, 3), np.uint8)
    photo = saved(Image.fromarray(noise).resize((4000, 3000)), "JPEG", quality=85)
    decode(photo)
    started = time.process_time()
    decode(photo)
    assert time.process_time() - started < 0.3


def refusal(data: bytes, limits: Limits | None = None) -> DecodeError:
    with pytest.raises(DecodeError) as caught:
        decode(data, limits)
    assert caught.value.sentence.endswith((".", "!")) and str(caught.value) == caught.value.sentence
    return caught.value


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"hello", "not a picture"),
        (b"GIF89a" + bytes(20), "GIF"),
        (b"BM" + bytes(60), "BMP"),
        (b"%PDF-1.7", "PDF"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (struct.pack(">I", 24) + b"ftypmp42" + bytes(12), "film"),
    ],
)
def test_what_is_no_photo_is_named(data: bytes, words: str) -> None:
    error = refusal(data)
    assert error.reason == "unsupported" and words in error.sentence


def test_too_many_bytes() -> None:
    error = refusal(bytes(17 * 2**20))
    assert error.reason == "too_large" and "16 MB" in error.sentence


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and has next to nothing in it."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("size", [(60_000, 60_000), (14_000, 12_600), (8000, 8000)])
def test_bombs_are_refused_by_their_header(size: tuple[int, int]) -> None:
    started = time.process_time()
    assert refusal(png_header(*size)).reason == "limits"
    assert time.process_time() - started < 0.1


@pytest.mark.parametrize(("size", "words"), [((31, 400), "too small"), ((3000, 40), "long and thin")])
def test_sides_that_no_photo_has(size: tuple[int, int], words: str) -> None:
    error = refusal(saved(Image.new("RGB", size), "PNG"))
    assert error.reason == "limits" and words in error.sentence


def test_scans_are_counted_before_they_cost_time() -> None:
    photo = saved(quadrants(640, 480), "JPEG", progressive=True)
    scan = photo.rindex(b"\xff\xda")
    bomb = photo[:scan] + photo[scan:-2] * 200 + b"\xff\xd9"
    error = refusal(bomb)
    assert error.reason == "limits" and "scans" in error.sentence
    assert decode(photo).shape == (480, 640, 3)


def test_scans_of_a_film_behind_the_photo_do_not_count() -> None:
    assert decode(saved(quadrants(), "JPEG") + b"\xff\xda\x00\x02" * 500).shape == (48, 64, 3)


@pytest.mark.parametrize("picture_format", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_truncated_files_are_refused(picture_format: str, share: float) -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8))
    whole = saved(noise, picture_format)
    assert refusal(whole[: int(len(whole) * share)]).reason in {"corrupt", "unsupported"}


@pytest.mark.parametrize("picture_format", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
def test_damaged_files_raise_nothing_but_decode_errors(picture_format: str) -> None:
    whole = saved(quadrants(), picture_format)
    rng = np.random.default_rng(5)
    for _ in range(40):
        damaged = bytearray(whole)
        for place in rng.integers(12, len(whole), 8):
            damaged[place] = rng.integers(256)
        try:
            picture = decode(bytes(damaged))
        except DecodeError as error:
            assert error.reason in {"corrupt", "unsupported", "limits"}
        else:
            assert picture.dtype == np.uint8 and picture.shape[2] == 3


def test_a_phone_photo_with_a_second_picture_inside() -> None:
    pair = saved(quadrants(3000, 2000), "MPO", save_all=True, append_images=[Image.new("RGB", (300, 200))])
    picture = decode(pair)
    assert max(picture.shape) <= 1024
    assert corners(picture) == [RED, GREEN, BLUE, YELLOW]
