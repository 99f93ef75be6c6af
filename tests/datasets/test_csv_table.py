"""Tables are read in any usual encoding; bad rows are named by their line and do not stop the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from ml.datasets.csv_table import column_named, read_table
from ml.datasets.snapshot import SnapshotError

TEXT = "id,name\n1,Café crème\n2,Ökoschuh\n"


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-8", b""), ("utf-8-sig", b""), ("utf-16", b""), ("utf-16-be", b""), ("utf-16-le", b""), ("cp1252", b"")],
)
def test_usual_encodings(encoding: str, mark: bytes, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(mark + TEXT.encode(encoding))
    table = read_table(tmp_path / "t.csv")
    assert table.columns == ("id", "name")
    assert [row.values["name"] for row in table.rows] == ["Café crème", "Ökoschuh"]
    assert [row.line for row in table.rows] == [2, 3]


def test_an_encoding_that_is_none_of_these(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"id,name\n1,\x81\x8d\n")
    with pytest.raises(SnapshotError, match="save it as UTF-8"):
        read_table(tmp_path / "t.csv")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separators_and_quoted_line_ends(separator: str, tmp_path: Path) -> None:
    rows = ["id,name", '1,"two\r\nlines"', "2,b"]
    (tmp_path / "t.csv").write_bytes("\r\n".join(row.replace(",", separator) for row in rows).encode())
    table = read_table(tmp_path / "t.csv")
    assert [(row.line, row.values["name"]) for row in table.rows] == [(2, "two\nlines"), (4, "b")]


def test_unquoted_commas_in_the_last_text_column_are_mended_and_named(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,kind,Product Display Name\n1,a,Red, blue, green\n2,b\n3,c,Plain,,\n")
    table = read_table(tmp_path / "t.csv", free_text=("productDisplayName",))
    assert [list(row.values.values())[-1] for row in table.rows] == ["Red,blue,green".replace(",", ", "), "Plain"]
    assert table.problems == (
        "t.csv line 2: 5 fields instead of 3; the surplus was taken as part of Product Display Name",
        "t.csv line 3: left out: 2 fields instead of 3",
    )
    assert len(read_table(tmp_path / "t.csv").rows) == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is empty"),
        ("id,id\n1,2\n", "more than one column 'id'"),
        ('id,name\n1,"open\n' + "2,b\n" * 30, "line 2 opens a quotation mark"),
    ],
)
def test_what_is_no_table_is_said_in_a_sentence(text: str, sentence: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(SnapshotError, match=sentence):
        read_table(tmp_path / "t.csv")


def test_columns_are_found_however_they_are_written() -> None:
    assert column_named(["Style ID", "url"], "style_id") == "Style ID"
    assert column_named(["styleId"], "nothing", "style id") == "styleId"
    assert column_named(["a"], "b") is None
