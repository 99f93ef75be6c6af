"""One way in for every folder of pictures: an importer, named or chosen by what lies there, and what to make of it.

snapshot   snapshot.json + images.csv, as the site writes them
fashion, stockx, listed   a table: see ml.datasets.table_layouts
folders    a folder of pictures for each label; these may lie in folders named train, validation and test
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from ml.datasets.csv_table import read_table
from ml.datasets.label_repair import repair_labels
from ml.datasets.name_patterns import angle_by_name, group_by_name, split_by_angle
from ml.datasets.snapshot import Snapshot, SnapshotError, read_class_folders, read_snapshot
from ml.datasets.split_folders import has_split_folders, read_split_folders
from ml.datasets.table_layouts import LAYOUTS, NAME_COLUMNS, layout_of, read_pictures_of_table

FORMATS = ("auto", "snapshot", "folders", *(layout.name for layout in LAYOUTS))
USUAL_TABLES = ("labels.csv", "styles.csv")
TABLE_SUFFIXES = (".csv", ".tsv", ".txt")


@dataclass(frozen=True)
class ImportOptions:
    """How to read a folder of pictures; the defaults look for themselves and change nothing.

    `label_columns` are joined to a label; `ambiguous` labels are repaired by display name; the patterns are regular
    expressions for paths; `train_every` n trains on every n-th angle and tests on the others; 0 leaves the splits.
    """

    format: str = "auto"
    label_columns: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()
    group_pattern: str = ""
    angle_pattern: str = ""
    train_every: int = 0


def import_pictures(place: Path, options: ImportOptions | None = None) -> Snapshot:
    """The pictures of a folder, or of the table at `place`, as a snapshot; no picture is copied.

    Raises SnapshotError, with a sentence that says what to do, where `place` is nothing of the kind.
    """
    options = options or ImportOptions()
    snapshot = _read(place, options)
    if options.ambiguous:
        snapshot, _ = repair_labels(snapshot, options.ambiguous)
    images = snapshot.images
    if options.group_pattern:
        images = group_by_name(images, options.group_pattern)
    if options.angle_pattern:
        images = angle_by_name(images, options.angle_pattern)
    if options.train_every:
        images = split_by_angle(images, options.train_every)
    return replace(snapshot, images=images)


def _read(place: Path, options: ImportOptions) -> Snapshot:
    if options.format not in FORMATS:
        raise SnapshotError(f"--format is one of {', '.join(FORMATS)}, not {options.format!r}")
    if not place.is_dir() and not place.is_file():
        raise SnapshotError(f"{place} is not a folder, nor a table")
    table = None if options.format in {"snapshot", "folders"} else _table(place, options.format)
    if table:
        layout = next((layout for layout in LAYOUTS if layout.name == options.format), None)
        return read_pictures_of_table(table, layout, options.label_columns)
    if options.label_columns:
        raise SnapshotError(f"{place} has no table to take --label-columns from")
    if not place.is_dir():
        raise SnapshotError(f"{place} is not a folder: --format {options.format} reads one")
    return _folder_reader(place, options.format)(place)


def _folder_reader(folder: Path, wanted: str) -> Callable[[Path], Snapshot]:
    if wanted == "snapshot" or (wanted == "auto" and (folder / "snapshot.json").is_file()):
        return read_snapshot
    return read_split_folders if has_split_folders(folder) else read_class_folders


def _table(place: Path, wanted: str) -> Path | None:
    """The table to read, or None where class folders or a snapshot are meant. Raises SnapshotError where unclear."""
    if place.is_file():
        if place.suffix.lower() not in TABLE_SUFFIXES:
            raise SnapshotError(f"{place} is no table ({', '.join(TABLE_SUFFIXES)}): name the folder of the pictures")
        return place
    if wanted == "auto" and (place / "snapshot.json").is_file():
        return None
    for name in USUAL_TABLES:
        if (place / name).is_file():
            return place / name
    found = sorted(file for file in place.iterdir() if file.suffix.lower() == ".csv" and file.is_file())
    fitting = found if wanted != "auto" else [file for file in found if _fits(file)]
    if len(fitting) > 1:
        names = ", ".join(file.name for file in fitting)
        raise SnapshotError(
            f"{place} holds {len(fitting)} tables ({names}): name the one to read instead of the folder"
        )
    if fitting:
        return fitting[0]
    if wanted != "auto":
        raise SnapshotError(f"{place} holds no table (*.csv) for --format {wanted}")
    # A table that fits nothing, and nothing else to read: say what the table lacks.
    return found[0] if len(found) == 1 and not any(file.is_dir() for file in place.iterdir()) else None


def _fits(file: Path) -> bool:
    try:
        return layout_of(read_table(file, free_text=NAME_COLUMNS).columns) is not None
    except SnapshotError:
        return False
