"""The second head: specimens that go on where they were killed, products that stay apart, a graph that still serves."""

from __future__ import annotations

import io
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from rich.console import Console

from ml.__main__ import main
from ml.datasets.snapshot import Snapshot, read_class_folders
from ml.imaging.augments.table import PUBLISHED
from ml.serving.bundle import Bundle, read_bundle, write_card
from ml.serving.runtime import Recogniser
from ml.training import augment_lessons, specimens
from ml.training.augment_lessons import LEARNED, TESTED, VALIDATED, AugmentSettings, add_augments, deal_products
from ml.training.progress import read_progress
from ml.training.recipe import train
from ml.training.run_folder import RunError, RunFolder
from ml.training.settings import choose_settings
from ml.training.specimens import make_specimens
from tests.drawn_shoes import draw_shoe, jpeg
from tests.tiny_bundle import SIZE, write_tiny_bundle

QUIET = Console(quiet=True)
QUICK = AugmentSettings(pictures=40, epochs=24, rate=0.004, batch_size=16)


@pytest.fixture(scope="module")
def shoes(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """Ten products, each in its own colours and in three sizes, on grey."""
    folder = tmp_path_factory.mktemp("shoes")
    for product in range(10):
        (folder / f"shoe_{product}").mkdir()
        upper, sole = np.random.default_rng(product).integers(20, 200, (2, 3)).tolist()
        for number, width in enumerate((160, 200, 240)):
            picture = draw_shoe((tuple(upper), tuple(sole)), (width, width * 3 // 4), background=(214, 216, 220))
            (folder / f"shoe_{product}" / f"{number}.jpg").write_bytes(jpeg(picture))
    return read_class_folders(folder)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return write_tiny_bundle(tmp_path_factory.mktemp("bundles") / "tiny")


@pytest.fixture(scope="module")
def taught(bundle: Bundle, shoes: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    place = tmp_path_factory.mktemp("taught")
    return add_augments(bundle, [shoes], place / "run", place / "cache", QUICK, QUIET)


class TestSpecimens:
    def test_each_picture_is_there_in_every_augment(self, shoes: Snapshot, tmp_path: Path) -> None:
        made = make_specimens(shoes, shoes.images[:3], SIZE, tmp_path, QUIET)
        assert made.pixels.shape == (3, len(PUBLISHED), SIZE, SIZE, 3)
        brightness = made.pixels[0].mean(axis=(1, 2, 3))
        assert brightness[PUBLISHED.index("darker")] < brightness[0] < brightness[PUBLISHED.index("brighter")]
        rotated = made.pixels[0, PUBLISHED.index("rotate")].astype(int)
        assert np.abs(rotated - np.rot90(made.pixels[0, 0]).astype(int)).mean() < 6

    def test_what_was_killed_goes_on_where_it_was(
        self, shoes: Snapshot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(specimens, "AT_ONCE", 2)
        read, make_one = [], specimens._specimen

        def counting(*arguments: object) -> object:
            read.append(arguments)
            if len(read) == 5:
                raise KeyboardInterrupt
            return make_one(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(specimens, "_specimen", counting)
        with pytest.raises(KeyboardInterrupt):
            make_specimens(shoes, shoes.images[:6], SIZE, tmp_path, QUIET)
        make_specimens(shoes, shoes.images[:6], SIZE, tmp_path, QUIET)
        assert len(read) <= 8, "the four that were done are not made again"
        assert make_specimens(shoes, shoes.images[:6], SIZE, tmp_path, QUIET).pixels.min(axis=(2, 3, 4)).shape == (6, 6)

    def test_a_changed_picture_is_made_anew(self, shoes: Snapshot, tmp_path: Path) -> None:
        folder = tmp_path / "shoes"
        shutil.copytree(shoes.folder, folder)
        copied = read_class_folders(folder)

        def made() -> NDArray[np.uint8]:
            return make_specimens(copied, copied.images[:2], SIZE, tmp_path / "cache", QUIET).pixels

        before = made()
        assert made().tobytes() == before.tobytes() and len(list((tmp_path / "cache").glob("*.npy"))) == 1
        copied.file(copied.images[0]).write_bytes(jpeg(draw_shoe(((9, 90, 160), (90, 90, 90)))))
        after = made()
        assert np.abs(after[0].astype(int) - before[0]).mean() > 5
        assert after[1].tobytes() == before[1].tobytes()

    def test_a_copy_of_a_picture_is_not_made_again(self, shoes: Snapshot, tmp_path: Path) -> None:
        make_specimens(shoes, shoes.images[:2], SIZE, tmp_path / "cache", QUIET)
        shutil.copytree(shoes.folder, tmp_path / "shoes", copy_function=shutil.copyfile)  # with times of their own
        copied = read_class_folders(tmp_path / "shoes")
        make_specimens(copied, copied.images[:2], SIZE, tmp_path / "cache", QUIET)
        assert len(list((tmp_path / "cache").glob("*.npy"))) == 1

    def test_the_same_pictures_in_another_order_are_not_taken_for_each_other(
        self, shoes: Snapshot, tmp_path: Path
    ) -> None:
        first, second = shoes.images[0], shoes.images[-1]
        there = make_specimens(shoes, (first, second), SIZE, tmp_path, QUIET)
        back = make_specimens(shoes, (second, first), SIZE, tmp_path, QUIET)
        assert back.images == (second, first)
        assert np.array_equal(back.pixels[::-1], there.pixels)

    def test_how_far_the_work_is_gets_told(
        self, shoes: Snapshot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(specimens, "AT_ONCE", 2)
        told: list[tuple[float, float]] = []
        make_specimens(shoes, shoes.images[:5], SIZE, tmp_path, QUIET, lambda *words: told.append(words))
        assert [share for share, _ in told] == [0.4, 0.8, 1.0]
        assert 0 < told[0][1] < told[1][1] < told[2][1]

    def test_a_picture_that_cannot_be_read_is_left_out(self, tmp_path: Path) -> None:
        for label in ("one", "two"):
            (tmp_path / "shoes" / label).mkdir(parents=True)
            (tmp_path / "shoes" / label / "good.jpg").write_bytes(jpeg(draw_shoe(((9, 90, 160), (90, 90, 90)))))
        (tmp_path / "shoes" / "one" / "bad.jpg").write_bytes(b"no picture")
        found = read_class_folders(tmp_path / "shoes")
        said = io.StringIO()
        made = make_specimens(found, found.images, SIZE, tmp_path / "cache", Console(file=said))
        assert [image.path for image in made.images] == ["one/good.jpg", "two/good.jpg"]
        assert "left out: 1 of 3 pictures" in said.getvalue()
        assert len(made.pixels) == 2 and made.pixels[:, 0].mean() > 0


class TestProducts:
    def test_the_pictures_of_a_label_stay_together(self) -> None:
        labels = [f"label_{number % 20}" for number in range(200)]
        parts = deal_products(labels, labels)
        for label in set(labels):
            assert len({part for part, name in zip(parts, labels, strict=True) if name == label}) == 1
        assert {LEARNED, VALIDATED, TESTED} == set(parts.tolist())

    def test_a_product_stays_where_it_was_when_others_come(self) -> None:
        names = [f"label_{number}" for number in range(400)]
        few, many = deal_products(names[:100], names[:100]), deal_products(names, names)
        assert few.tolist() == many[:100].tolist()
        assert 0.1 < (many == TESTED).mean() < 0.2 and 0.1 < (many == VALIDATED).mean() < 0.25

    def test_where_there_are_few_labels_groups_stay_together(self) -> None:
        groups = [f"product_{number % 10}" for number in range(60)]
        parts = deal_products(["shoe"] * 60, groups)
        assert {TESTED, VALIDATED} < set(parts.tolist())
        assert all(len(set(parts[np.array(groups) == group].tolist())) == 1 for group in groups)


class TestTeaching:
    def test_products_that_it_never_saw_are_told_apart_by_augment(self, taught: Bundle, shoes: Snapshot) -> None:
        numbers = taught.card.metrics["augments"]
        assert numbers["pictures"] == 3 * numbers["labels"] > 0
        assert numbers["accuracy"] > 0.8, numbers
        assert set(numbers["by_augment"]) == set(PUBLISHED) and numbers["by_set"].keys() == {shoes.folder.name}

    def test_the_graph_gives_what_it_gave_and_the_augments(self, bundle: Bundle, taught: Bundle) -> None:
        assert taught.card.augments == PUBLISHED and taught.card.id != bundle.card.id
        shoe = draw_shoe(((180, 60, 30), (240, 240, 240)), background=(214, 216, 220))
        before, after = Recogniser(bundle), Recogniser(taught)
        pictures = [shoe, np.ascontiguousarray(np.rot90(shoe)), cv2.convertScaleAbs(shoe, alpha=0.4)]
        assert all(np.allclose(a, b) for a, b in zip(before.embed(pictures), after.embed(pictures), strict=True))
        seen = after.see(pictures).augments
        assert seen is not None and np.allclose(seen.sum(axis=1), 1, atol=1e-5)
        assert PUBLISHED[int(seen[1].argmax())] == "rotate"
        assert before.see(pictures).augments is None

    def test_the_run_tells_how_many_pictures_are_made(
        self, bundle: Bundle, shoes: Snapshot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        told: list[dict[str, Any]] = []

        def stop_where_all_are_made(*_: object, **__: object) -> None:
            told.append(read_progress(tmp_path / "run"))
            raise KeyboardInterrupt

        monkeypatch.setattr(augment_lessons, "learn_step", stop_where_all_are_made)
        with pytest.raises(KeyboardInterrupt):
            add_augments(bundle, [shoes], tmp_path / "run", tmp_path / "cache", QUICK, QUIET)
        assert told[0]["step"] == augment_lessons.SPECIMENS and told[0]["share"] == 1

    def test_a_finished_run_is_left_as_it_is(self, bundle: Bundle, taught: Bundle, shoes: Snapshot) -> None:
        run = taught.folder.parent
        written = (taught.folder / "model.onnx").stat().st_mtime_ns
        again = add_augments(bundle, [shoes], run, run.parent / "cache", QUICK, QUIET)
        assert again == read_bundle(taught.folder)
        assert (taught.folder / "model.onnx").stat().st_mtime_ns == written
        assert len([line for line in RunFolder(run).curves() if line["step"] == "augments"]) == QUICK.epochs

    def test_a_shop_that_taught_the_head_alone_is_on_the_card(
        self, bundle: Bundle, shoes: Snapshot, tmp_path: Path
    ) -> None:
        write_card(
            shutil.copytree(bundle.folder, tmp_path / "known"), replace(bundle.card, settings={"sites": {"a": 3}})
        )
        sold = replace(shoes, facts={**shoes.facts, "sites": {"zappos": 30}, "sites_at": {"zappos": "2026-01-01"}})
        settings = replace(QUICK, pictures=20, epochs=1)
        known = read_bundle(tmp_path / "known")
        taught = add_augments(known, [sold], tmp_path / "run", tmp_path / "cache", settings, QUIET)
        assert taught.card.settings["sites"] == {"a": 3, "zappos": 30}
        assert taught.card.settings["sites_at"] == {"a": known.card.created_at, "zappos": "2026-01-01"}

    def test_the_command_makes_a_copy(
        self, bundle: Bundle, shoes: Snapshot, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        where = (str(bundle.folder), str(shoes.folder), "--cache", str(tmp_path / "cache"), "--out", str(tmp_path))
        assert main(["augments", *where, "--augments", "20", "--epochs", "1"]) == 0
        assert read_bundle(tmp_path / "bundle").card.augments == PUBLISHED
        assert read_bundle(tmp_path / "bundle").card.id in capsys.readouterr().out.replace("\n", "")

    def test_a_training_can_end_with_it(self, shapes: Snapshot, tmp_path: Path) -> None:
        settings = choose_settings("benchmark-cnn", size=46, fine_epochs=1, batch_size=8, augments=12)
        trained = train(shapes, tmp_path / "run", tmp_path / "cache", settings, QUIET)
        assert trained.card.augments == PUBLISHED
        seen = Recogniser(trained).see([np.full((60, 60, 3), 128, np.uint8)])
        assert seen.augments is not None and seen.augments.shape == (1, len(PUBLISHED))


@pytest.mark.training
@pytest.mark.usefixtures("tensorflow")
@pytest.mark.parametrize("few", [0, 1, 2])
def test_too_few_pictures_are_told_in_a_sentence(bundle: Bundle, shoes: Snapshot, tmp_path: Path, few: int) -> None:
    snapshot = replace(shoes, images=shoes.images[:few])
    with pytest.raises(RunError, match="too few pictures to teach augments with"):
        add_augments(bundle, [snapshot], tmp_path / "run", tmp_path / "cache", QUICK, QUIET)
    assert not (tmp_path / "run" / "bundle").exists()


@pytest.mark.parametrize(
    "nothing", [{"pictures": 0}, {"pictures": -5}, {"epochs": 0}, {"batch_size": 0}, {"rate": 0.0}]
)
def test_settings_that_teach_nothing_are_refused_before_anything_is_made(
    bundle: Bundle, shoes: Snapshot, tmp_path: Path, nothing: dict[str, Any]
) -> None:
    with pytest.raises(RunError, match="larger than 0"):
        add_augments(bundle, [shoes], tmp_path / "run", tmp_path / "cache", replace(QUICK, **nothing), QUIET)
    assert not (tmp_path / "run").exists()
