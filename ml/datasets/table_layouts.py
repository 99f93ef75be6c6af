"""Tables of pictures that are published: which columns say what, and where the picture of a row lies.

    fashion   Kaggle's "Fashion Product Images": styles.csv with id, masterCategory, subCategory, articleType, ...;
              images/<id>.jpg
    stockx    brand, category, colorway, deadstock sold, gender, style id, thumbnail url, url, index, label; the
              pictures named by index, by style id, or as in the thumbnail's address, in images/ or beside the table
    listed    any table with a column `path`, relative to the table or to images/ beside it

A row is a picture. Column names count without case, spaces and marks.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from ml.datasets.csv_table import Table, TableRow, column_named, normalised, read_table
from ml.datasets.snapshot import PICTURE_SUFFIXES, Snapshot, SnapshotError, SnapshotImage

LABEL_SEPARATOR = " > "
NAME_COLUMNS = ("productDisplayName", "display name", "name", "title", "shoe name")
"""Columns with the words that a shop shows for a product: free text, and what label repair reads."""
LABEL_COLUMNS = (
    *("label", "model", "articleType", "subCategory", "masterCategory", "category", "brand"),
    *("gender", "baseColour", "colorway", "season", "usage"),
)
"""Columns that could be learned: `python -m ml describe` prints the balance of each."""


@dataclass(frozen=True)
class TableLayout:
    """What is known about a kind of table. Of several names for a thing the first one that the table has counts.

    `places` says where a row's picture may lie, below the table's folder; the suffix may be left out.
    """

    name: str
    needed: tuple[str, ...]
    labels: tuple[str, ...]
    groups: tuple[str, ...]
    places: tuple[str, ...]

    def missing(self, columns: Sequence[str]) -> list[str]:
        """The needed columns that a table lacks."""
        return [name for name in self.needed if column_named(columns, name) is None]


FASHION = TableLayout(
    "fashion", ("id", "articleType"), ("articleType",), ("id",), places=("images/{id}", "{id}", "{articletype}/{id}")
)
STOCKX = TableLayout(
    "stockx",
    needed=("index", "label", "style id"),
    labels=("label",),
    groups=("style id", "url"),
    places=tuple(
        folder + name
        for folder in ("images/", "")
        for name in ("{index}", "{label}/{index}", "{styleid}", "{thumbnailurl}")
    ),
)
LISTED = TableLayout(
    "listed",
    needed=("path",),
    labels=("label", "articleType", "model", "category"),
    groups=("group", "style id", "style code", "sku", "id"),
    places=("{path}", "images/{path}"),
)
LAYOUTS = (LISTED, FASHION, STOCKX)
"""In the order in which they are tried on a table: one that names paths leaves nothing to guess."""


def layout_of(columns: Sequence[str]) -> TableLayout | None:
    """The layout whose columns a table has, or None."""
    return next((layout for layout in LAYOUTS if not layout.missing(columns)), None)


def read_pictures_of_table(file: Path, layout: TableLayout | None, label_columns: Sequence[str] = ()) -> Snapshot:
    """The pictures that a table names, as a snapshot without copying; its folder is the table's.

    The label is the value of the layout's column, or of all `label_columns`, joined by " > ". Rows that cannot be read,
    have no label or whose picture is missing are left out and named in `problems`. Raises SnapshotError where columns
    are missing or fewer than two labels have pictures.
    """
    table = read_table(file, free_text=NAME_COLUMNS)
    layout = layout or _best_layout(table)
    if missing := layout.missing(table.columns):
        raise SnapshotError(
            f"{file} lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}, "
            f"which --format {layout.name} needs; it has {', '.join(table.columns)}"
        )
    columns = _label_columns(table, layout, label_columns)
    images, attributes, problems = _take_rows(table, layout, columns)
    if len({image.label for image in images}) < 2:
        raise SnapshotError(_too_few(table, images, columns, problems))
    source = f"{layout.name} table {file.parent.name}/{file.name}"
    return Snapshot(file.parent, source, images, {}, attributes, problems)


def _take_rows(
    table: Table, layout: TableLayout, columns: Sequence[str]
) -> tuple[tuple[SnapshotImage, ...], dict[str, Mapping[str, str]], tuple[str, ...]]:
    """The pictures of the good rows, what their rows say, and the problems with the others."""
    group_columns = [found for name in layout.groups if (found := column_named(table.columns, name))]
    images: dict[str, SnapshotImage] = {}
    row_of: dict[str, TableRow] = {}
    problems = list(table.problems)
    for row, path in _placed(table, layout):
        empty = [name for name in columns if not row.values[name]]
        if path and not empty and path not in images:
            label = LABEL_SEPARATOR.join(row.values[name] for name in columns)
            group = next((row.values[name] for name in group_columns if row.values[name]), path)
            images[path], row_of[path] = SnapshotImage(path, label, group), row
            continue
        if path in images:
            why = f"{path} is named in line {row_of[path].line} already"
        else:
            why = f"{empty[0]} is empty" if empty else f"no picture {_wanted(layout, row)} was found"
        problems.append(f"{table.file.name} line {row.line}: left out: {why}")
    return tuple(images.values()), {path: row.values for path, row in row_of.items()}, tuple(problems)


def _best_layout(table: Table) -> TableLayout:
    """The layout that fits, or the one that lacks least, whose missing columns are then the thing to say."""
    return min(LAYOUTS, key=lambda layout: len(layout.missing(table.columns)) / len(layout.needed))


def _label_columns(table: Table, layout: TableLayout, asked: Sequence[str]) -> list[str]:
    chosen = [(name, column_named(table.columns, name)) for name in asked]
    if unknown := [name for name, column in chosen if column is None]:
        raise SnapshotError(f"{table.file} has no column {unknown[0]}: it has {', '.join(table.columns)}")
    default = column_named(table.columns, *layout.labels)
    if not asked and default is None:
        raise SnapshotError(f"{table.file} has none of the columns {', '.join(layout.labels)}: name --label-columns")
    return [column for _, column in chosen if column] or [str(default)]


def _placed(table: Table, layout: TableLayout) -> Iterator[tuple[TableRow, str]]:
    """Each row with its picture's path, empty where there is none."""
    pictures = _pictures_below(table.file.parent)
    for row in table.rows:
        values = _named_values(row)
        places = [place.format_map(values) for place in layout.places if _is_known(place, values)]
        yield row, next((pictures[place] for place in places if place in pictures), "")


def _pictures_below(folder: Path) -> Mapping[str, str]:
    """Every picture below a folder, by its path with and without suffix."""
    found = {}
    for place, _, names in os.walk(folder):
        for name in sorted(names):
            path = PurePosixPath(Path(place, name).relative_to(folder).as_posix())
            if path.suffix.lower() in PICTURE_SUFFIXES:
                found[str(path)] = str(path)
                found.setdefault(str(path.with_suffix("")), str(path))
    return found


def _named_values(row: TableRow) -> dict[str, str]:
    """A row's values by normalised column, as parts of a path: an address counts as its file's name."""
    values = {}
    for column, value in row.values.items():
        name = PurePosixPath(urlsplit(value).path).name if "://" in value else value.replace("\\", "/")
        values[normalised(column)] = name.removeprefix("./")
    return values


def _is_known(place: str, values: Mapping[str, str]) -> bool:
    named = [part.partition("}")[0] for part in place.split("{")[1:]]
    return all(values.get(name) for name in named)


def _wanted(layout: TableLayout, row: TableRow) -> str:
    values = _named_values(row)
    places = [place.format_map(values) for place in layout.places if _is_known(place, values)]
    return places[0] if places else "(no name for one)"


def _too_few(table: Table, images: Sequence[SnapshotImage], columns: Sequence[str], problems: Sequence[str]) -> str:
    found = len({image.label for image in images})
    first = f" First of {len(problems)} problems: {problems[0]}" if problems else ""
    return (
        f"{table.file} names {len(images)} pictures that are there, with {found} label(s) in "
        f"{', '.join(columns)}: two or more labels are needed.{first}"
    )
