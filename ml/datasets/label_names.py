"""Names of labels for people: what a page calls `nike_dunk_low`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ml.datasets.csv_table import read_table
from ml.datasets.snapshot import Snapshot, SnapshotError

REQUIRED = ("label", "brand", "name")


def read_label_names(file: Path) -> dict[str, dict[str, str]]:
    """The names in a table with the columns label, brand and name, by label; further columns come along.

    Raises SnapshotError where the table lacks a column, a row lacks one of the three, or a label comes twice.
    """
    table = read_table(file)
    if missing := [column for column in REQUIRED if column not in table.columns]:
        raise SnapshotError(f"{file} lacks the column {', '.join(missing)}: names of labels need {', '.join(REQUIRED)}")
    if table.problems:
        raise SnapshotError(table.problems[0])
    names: dict[str, dict[str, str]] = {}
    for row in table.rows:
        said = {column: value.strip() for column, value in row.values.items() if value.strip()}
        if empty := [column for column in REQUIRED if column not in said]:
            raise SnapshotError(f"{file.name} line {row.line}: it has no {empty[0]}")
        if (label := said.pop("label")) in names:
            raise SnapshotError(f"{file.name} line {row.line}: {label} has a name already")
        names[label] = said
    return names


def with_label_names(snapshot: Snapshot, file: Path) -> Snapshot:
    """The snapshot with the names that a table has for its labels; those that it came with give way.

    Raises SnapshotError, also where the table names none of the labels.
    """
    names = {label: said for label, said in read_label_names(file).items() if label in set(snapshot.labels)}
    if not names:
        raise SnapshotError(f"{file} names none of the labels, such as {snapshot.labels[0]}")
    return replace(snapshot, facts={**snapshot.facts, "label_names": snapshot.facts.get("label_names", {}) | names})
