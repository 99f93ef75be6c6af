"""Each layout becomes a snapshot without copying; what is wrong with a folder is said in a sentence."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from demo.starter import colorway_pattern
from ml.datasets.importers import ImportOptions, import_pictures
from ml.datasets.snapshot import Snapshot, SnapshotError
from tests.datasets.folders import STYLES_HEADER, write_class_folders, write_picture, write_styles

SHOE = "Men,Footwear,Shoes,Casual Shoes,Blue,Summer,2012,Casual"
SANDAL = "Men,Footwear,Sandal,Sandals,Blue,Summer,2012,Casual"
STOCKX_HEADER = "index,brand,category,colorway,deadstock sold,gender,style id,thumbnail url,url,label"
FRAMES = r"image_(?P<frame>\d+)"


def labels_of(snapshot: Snapshot) -> dict[str, str]:
    return {image.path: image.label for image in snapshot.images}


def test_class_folders(tmp_path: Path) -> None:
    folder = write_class_folders(tmp_path / "shoes")
    (folder / ".cache").mkdir()
    (folder / "__MACOSX").mkdir()
    (folder / "boot" / "._0.png").write_bytes(b"left by an archive")
    snapshot = import_pictures(folder)
    assert Counter(labels_of(snapshot).values()) == {"boot": 3, "clog": 3}
    assert all(snapshot.file(image).is_file() for image in snapshot.images)


def test_split_folders_fix_the_splits(tmp_path: Path) -> None:
    for split in ("train", "valid", "test"):
        write_class_folders(tmp_path / "shoes" / split, per_label=2)
    snapshot = import_pictures(tmp_path / "shoes")
    assert snapshot.labels == ("boot", "clog")
    assert Counter(image.split for image in snapshot.images) == {"train": 4, "validation": 4, "test": 4}
    assert snapshot.images[0].path.startswith("test/boot/")


def test_fashion_products_with_their_flaws(tmp_path: Path) -> None:
    lines = [f"1,{SHOE},A shoe", f"2,{SANDAL},A sandal, with straps", f"3,{SHOE},Lost", "4,Men,Footwear", f"2,{SHOE},x"]
    folder = write_styles(tmp_path / "fashion", lines, (1, 2), encoding="cp1252")
    snapshot = import_pictures(folder)
    assert labels_of(snapshot) == {"images/1.jpg": "Casual Shoes", "images/2.jpg": "Sandals"}
    assert [image.group for image in snapshot.images] == ["1", "2"]
    assert snapshot.attributes["images/2.jpg"]["productDisplayName"] == "A sandal, with straps"
    assert [problem.partition(":")[0] for problem in snapshot.problems] == [
        "styles.csv line 3", "styles.csv line 5", "styles.csv line 4", "styles.csv line 6",
    ]  # fmt: skip
    assert "no picture images/3 was found" in snapshot.problems[2]
    assert "named in line 3 already" in snapshot.problems[3]


def test_three_levels_make_one_label(tmp_path: Path) -> None:
    folder = write_styles(tmp_path / "fashion", [f"1,{SHOE},a", f"2,{SANDAL},b"], (1, 2))
    columns = ("masterCategory", "sub category", "articleType")
    snapshot = import_pictures(folder, ImportOptions(label_columns=columns))
    assert snapshot.labels == ("Footwear > Sandal > Sandals", "Footwear > Shoes > Casual Shoes")


@pytest.mark.parametrize("place", ["images/{n}.jpg", "images/AB-{n}.png", "images/Nike-{n}.png", "{n}.webp"])
def test_stockx_pictures_by_index_style_id_or_thumbnail(place: str, tmp_path: Path) -> None:
    lines = [STOCKX_HEADER]
    for number in range(4):
        write_picture(tmp_path / place.format(n=number), seed=number)
        url = f"https://pictures.example/Nike-{number}.png?fit=fill"
        lines.append(
            f"{number},Nike,Jordan,Red,{number}00,men,AB-{number},{url},https://shop.example,jordan_{number % 2}"
        )
    (tmp_path / "shoes.csv").write_text("\n".join(lines))
    for chosen in (tmp_path, tmp_path / "shoes.csv"):
        snapshot = import_pictures(chosen)
        assert snapshot.labels == ("jordan_0", "jordan_1")
        assert {image.group for image in snapshot.images} == {"AB-0", "AB-1", "AB-2", "AB-3"}
        assert snapshot.attributes[snapshot.images[3].path]["deadstock sold"] == "300"


def test_a_listed_table_beside_class_folders(tmp_path: Path) -> None:
    write_class_folders(tmp_path / "images")
    rows = [f"{label}/{n}.png;{label};sku-{n % 2}" for label in ("boot", "clog") for n in range(3)]
    (tmp_path / "labels.csv").write_text("\n".join(["path;model;sku", *rows]), encoding="utf-16")
    snapshot = import_pictures(tmp_path)
    assert labels_of(snapshot)["images/clog/1.png"] == "clog"
    assert {image.group for image in snapshot.images} == {"sku-0", "sku-1"}


def test_groups_and_angles_by_file_name(tmp_path: Path) -> None:
    for label in ("low", "high"):
        for number in range(1, 13):
            write_picture(tmp_path / label / f"image_{number:02d}.png", seed=number)
    snapshot = import_pictures(tmp_path, ImportOptions(angle_pattern=FRAMES, train_every=3))
    assert sorted({image.angle_deg for image in snapshot.images if image.split == "train"}) == [0, 90, 180, 270]
    assert Counter(image.split for image in snapshot.images) == {"train": 8, "test": 16}
    grouped = import_pictures(tmp_path, ImportOptions(group_pattern=r"image_(\d)"))
    assert {image.group for image in grouped.images} == {"low/0", "low/1", "high/0", "high/1"}
    degrees = import_pictures(tmp_path, ImportOptions(angle_pattern=r"(\d+)\.png"))
    assert degrees.images[0].angle_deg == 1


def test_labels_are_repaired_by_display_name(tmp_path: Path) -> None:
    other = SHOE.replace("Casual Shoes", "Others")
    lines = [f"1,{SHOE},a", f"2,{SANDAL},b", f"3,{other},Bata leather sandal", f"4,{other},Something"]
    folder = write_styles(tmp_path / "fashion", lines, (1, 2, 3, 4))
    snapshot = import_pictures(folder, ImportOptions(ambiguous=("Others",)))
    assert labels_of(snapshot)["images/3.jpg"] == "Sandals"
    assert labels_of(snapshot)["images/4.jpg"] == "Others"
    assert "'Others' -> 'Sandals' (1.00), by 'Bata leather sandal'" in snapshot.problems[0]
    assert "stays 'Others'" in snapshot.problems[1]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (ImportOptions(format="kaggle"), "--format is one of auto, snapshot, folders"),
        (ImportOptions(format="fashion"), "holds no table"),
        (ImportOptions(format="snapshot"), "is not a snapshot"),
        (ImportOptions(label_columns=("a",)), "has no table"),
        (ImportOptions(ambiguous=("boot",)), "all pictures but those of 1 label"),
        (ImportOptions(group_pattern="("), "is not a regular expression"),
        (ImportOptions(group_pattern="png"), "put what is wanted in round brackets"),
        (ImportOptions(group_pattern="(gif)"), "fits none of 6 pictures, such as boot/0.png"),
        (ImportOptions(angle_pattern="(png)"), "not a whole number"),
        (ImportOptions(train_every=3), "no picture has an angle"),
        (ImportOptions(train_every=1), "leaves none to test"),
    ],
)
def test_options_that_do_not_fit(options: ImportOptions, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match=sentence):
        import_pictures(write_class_folders(tmp_path / "shoes"), options)


def test_one_class_and_empty_classes(tmp_path: Path) -> None:
    one = write_class_folders(tmp_path / "one", labels=("boot",))
    with pytest.raises(SnapshotError, match="fewer than two folders with pictures"):
        import_pictures(one)
    empty = write_class_folders(tmp_path / "empty")
    (empty / "mule").mkdir()
    (empty / "mule" / "notes.txt").write_text("later")
    with pytest.raises(SnapshotError, match=r"1 label folder\(s\) without a picture: mule"):
        import_pictures(empty)
    with pytest.raises(SnapshotError, match="is not a folder"):
        import_pictures(tmp_path / "nowhere")
    with pytest.raises(SnapshotError, match="is no table"):
        import_pictures(empty / "boot" / "0.png")


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ("id,gender\n1,Men\n", "lacks the column articleType, which --format fashion needs; it has id, gender"),
        (f"{STYLES_HEADER}\n1,{SHOE},a\n", r"1 label\(s\) in articleType: two or more"),
        (f"{STYLES_HEADER}\n9,{SHOE},a\n", "First of 1 problems: styles.csv line 2: left out: no picture"),
        (f"{STYLES_HEADER}\n1,{SHOE.replace('Casual Shoes', '')},a\n", "articleType is empty"),
    ],
)
def test_tables_that_do_not_do(table: str, sentence: str, tmp_path: Path) -> None:
    folder = write_styles(tmp_path / "fashion", [], (1,))
    (folder / "styles.csv").write_text(table)
    with pytest.raises(SnapshotError, match=sentence):
        import_pictures(folder)


def test_two_tables_and_none_named(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("path,label\n")
    with pytest.raises(SnapshotError, match=r"holds 2 tables \(a.csv, b.csv\): name the one"):
        import_pictures(tmp_path)


@pytest.mark.data
@pytest.mark.parametrize(
    ("place", "options", "pictures", "labels", "groups"),
    [
        ("sneakers50", ImportOptions(), 4768, 50, 4768),
        ("footlocker", ImportOptions(), 2421, 273, 2421),
        ("restocks7", ImportOptions(group_pattern=colorway_pattern()), 711, 7, 698),
        ("views360", ImportOptions(angle_pattern=FRAMES, train_every=3), 216, 6, 216),
        ("fashion_shoes", ImportOptions(), 2603, 8, 2603),
        (
            "fashion_shoes",
            ImportOptions(label_columns=("masterCategory", "subCategory", "articleType")),
            2603,
            10,
            2603,
        ),
    ],
    ids=lambda value: str(value) if isinstance(value, str) else "",
)
def test_the_shared_sets(
    place: str, options: ImportOptions, pictures: int, labels: int, groups: int, shared_data: Path
) -> None:
    snapshot = import_pictures(shared_data / place, options)
    assert (len(snapshot.images), len(snapshot.labels)) == (pictures, labels)
    assert len({image.group for image in snapshot.images}) == groups
    if place == "views360":
        assert Counter(image.split for image in snapshot.images) == {"train": 72, "test": 144}
