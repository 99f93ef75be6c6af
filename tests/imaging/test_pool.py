"""The photo pool: right answers from a child, and a pool that outlives every child."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ml.imaging.cutout import cut_out
from ml.imaging.decode import DecodeError, Limits, decode
from ml.imaging.pool import PhotoPool

REPOSITORY = Path(__file__).resolve().parents[2]


def photo(colour: tuple[int, int, int] = (190, 40, 45), size: tuple[int, int] = (400, 300)) -> bytes:
    """A red block on white, as JPEG."""
    image = Image.new("RGB", size, (255, 255, 255))
    image.paste(colour, (size[0] // 4, size[1] // 3, 3 * size[0] // 4, 2 * size[1] // 3))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=95)
    return file.getvalue()


def eventually(condition: Callable[[], bool], seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def is_alive(process_id: int) -> bool:
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_the_child_says_what_this_process_would(pool: PhotoPool) -> None:
    prepared = pool.prepare(photo())
    image = decode(photo())
    expected = cut_out(image)
    assert np.array_equal(prepared.image, image)
    assert np.array_equal(prepared.cutout.mask, expected.mask)
    assert (prepared.cutout.box, prepared.cutout.fallback) == (expected.box, expected.fallback)
    assert prepared.cutout.coverage == pytest.approx(expected.coverage)
    assert prepared.timings_ms.keys() == {"decode", "cutout"} and min(prepared.timings_ms.values()) > 0


def test_a_picture_can_be_opened_without_cutting_it_out(pool: PhotoPool) -> None:
    before = pool.process_ids
    assert np.array_equal(pool.decode(photo()), decode(photo()))
    with pytest.raises(DecodeError) as caught:
        pool.decode(photo()[:900])
    assert caught.value.reason == "corrupt"
    assert pool.prepare(photo()).cutout.box == cut_out(decode(photo())).box  # the next one is cut out again
    assert pool.process_ids == before


def test_transparency_reaches_the_cutout(pool: PhotoPool) -> None:
    image = Image.new("RGBA", (200, 100), (0, 0, 0, 0))
    image.paste((200, 50, 50, 255), (50, 25, 150, 75))
    file = io.BytesIO()
    image.save(file, "PNG")
    assert pool.prepare(file.getvalue()).cutout.box == (50, 25, 150, 75)


@pytest.mark.parametrize(
    ("data", "reason"), [(b"", "unsupported"), (b"nonsense", "unsupported"), (photo()[:900], "corrupt")]
)
def test_a_refusal_comes_through_and_costs_no_child(pool: PhotoPool, data: bytes, reason: str) -> None:
    pool.prepare(photo())
    before = pool.process_ids
    with pytest.raises(DecodeError) as caught:
        pool.prepare(data)
    assert caught.value.reason == reason and caught.value.sentence.endswith(".")
    assert pool.process_ids == before


def test_limits_reach_the_child() -> None:
    with PhotoPool(limits=Limits(max_pixels=1000)) as strict, pytest.raises(DecodeError, match="million pixels"):
        strict.prepare(photo())


def test_many_threads_get_their_own_photos_back(pool: PhotoPool) -> None:
    colours = [(40 + 25 * number, 30, 200 - 20 * number) for number in range(8)]
    seen: dict[tuple[int, int, int], list[int]] = {}

    def ask(colour: tuple[int, int, int]) -> None:
        seen[colour] = pool.prepare(photo(colour)).image[150, 200].tolist()

    threads = [threading.Thread(target=ask, args=(colour,)) for colour in colours]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.abs(np.array(seen[colour]) - colour).max() < 8 for colour in colours)


def test_a_killed_child_is_replaced() -> None:
    with PhotoPool() as pool:
        pool.prepare(photo())
        (victim,) = pool.process_ids
        os.kill(victim, signal.SIGKILL)
        with pytest.raises(DecodeError) as caught:
            pool.prepare(photo())
        assert caught.value.reason == "corrupt"
        assert not pool.prepare(photo()).cutout.fallback
        assert pool.process_ids != (victim,)


def test_a_child_that_hangs_is_killed_and_the_photo_refused() -> None:
    with PhotoPool(seconds=2) as pool:
        pool.prepare(photo())
        (victim,) = pool.process_ids
        os.kill(victim, signal.SIGSTOP)
        started = time.monotonic()
        with pytest.raises(DecodeError) as caught:
            pool.prepare(photo())
        assert caught.value.reason == "limits" and "too long" in caught.value.sentence
        assert time.monotonic() - started < 6
        assert eventually(lambda: not is_alive(victim))
        pool.prepare(photo())


def test_a_picture_that_eats_memory_is_refused_and_the_child_lives() -> None:
    file = io.BytesIO()
    Image.new("RGBA", (6400, 6400), (200, 40, 40, 128)).save(file, "PNG", compress_level=1)
    with PhotoPool(memory_mb=480, seconds=30) as pool:
        with pytest.raises(DecodeError, match="memory"):
            pool.prepare(file.getvalue())
        pool.prepare(photo())


def test_the_child_is_small_and_knows_neither_site_nor_models(pool: PhotoPool) -> None:
    pool.prepare(photo())
    (process_id,) = pool.process_ids
    status = dict(line.split(":", 1) for line in Path(f"/proc/{process_id}/status").read_text().splitlines())
    assert int(status["VmRSS"].split()[0]) < 110_000
    loaded = Path(f"/proc/{process_id}/maps").read_text()
    assert "onnxruntime" not in loaded and "tensorflow" not in loaded
    environment = Path(f"/proc/{process_id}/environ").read_bytes()
    assert b"SOLESCOPE" not in environment


def test_closing_ends_children_and_later_photos() -> None:
    pool = PhotoPool(workers=2)
    children = pool.process_ids
    pool.close()
    assert len(children) == 2 and not any(is_alive(child) for child in children)
    with pytest.raises(RuntimeError, match="closed"):
        pool.prepare(photo())
    pool.close()


SCRIPT = """
import sys, time
print("main module runs as", __name__, flush=True)
from ml.imaging.pool import PhotoPool
pool = PhotoPool()
print(*pool.process_ids, flush=True)
{then}
"""


def run_script(tmp_path: Path, then: str) -> subprocess.Popen[str]:
    script = tmp_path / "program.py"
    script.write_text(SCRIPT.format(then=then))
    return subprocess.Popen(
        [sys.executable, script], cwd=REPOSITORY, env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_children_do_not_run_the_main_module_and_end_with_the_program(tmp_path: Path) -> None:
    program = run_script(tmp_path, f"pool.prepare({photo()!r})")
    output, _ = program.communicate(timeout=60)
    said, children = output.splitlines()
    assert said == "main module runs as __main__" and program.returncode == 0
    assert not is_alive(int(children))


def test_children_end_when_the_program_is_killed(tmp_path: Path) -> None:
    program = run_script(tmp_path, "time.sleep(60)")
    assert program.stdout is not None
    program.stdout.readline()
    child = int(program.stdout.readline())
    program.kill()
    program.wait()
    program.stdout.close()
    assert eventually(lambda: not is_alive(child))
