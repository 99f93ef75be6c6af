"""A marketer's tables: good rows are kept, bad ones told by line, and nothing is imported twice."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from ml.conversions.campaign_import import (
    CampaignImport,
    ImportedRow,
    campaign_rows,
    import_campaigns,
    neutralised,
    read_campaign_table,
)
from ml.conversions.columns import MappingError, proposed_mapping
from ml.conversions.contexts import Context
from ml.conversions.numbers import NumberError, parse_cents, parse_count, parse_rate
from ml.conversions.rows import IMPORTED, Pictures
from ml.conversions.targets import TARGETS
from ml.datasets.csv_table import parse_table
from ml.datasets.snapshot import SnapshotError

USUAL = Context("newsletter", "retail", "running")
NAMES = ("dd1391-100", "fy2903")
SENDS = """Campaign Name,Send Date,Image,Variant,Campaign Type,Total Sent,Bounced,Unique Opens,Unique Clicks,Revenue
May sale,2026-05-01,DD1391-100,brighter,promotional,"1,000",20,300,45,"$1,234.50"
May news,2026-05-08,fy2903,,,2000,,500,,
"""


def read(text: str | bytes, **more: object) -> CampaignImport:
    content = text if isinstance(text, bytes) else text.encode()
    return import_campaigns(read_campaign_table(content, "t.csv"), NAMES, USUAL, **more)  # type: ignore[arg-type]


def test_a_row_per_send() -> None:
    found = read(SENDS)
    assert not found.faults and found.known_before == 0
    first, second = found.rows
    assert (first.line, first.picture, first.augment) == (2, "dd1391-100", "brighter")
    assert first.context == Context("promotional", "retail", "running") and second.context == USUAL
    told = {"recipients": 1000, "bounces": 20, "opens": 300, "clicks": 45, "revenue_cents": 123_450}
    assert first.counts == told and second.counts == {"recipients": 2000, "opens": 500}
    assert second.augment == "original"


def test_a_row_per_recipient() -> None:
    found = read("product,contact id,opened,clicked\nFY2903,a,yes,1\nFY2903,b,no,0\n")
    assert [row.counts for row in found.rows] == [
        {"recipients": 1, "opens": 1, "clicks": 1},
        {"recipients": 1, "opens": 0, "clicks": 0},
    ]


def test_rates_become_counts() -> None:
    head = "picture,delivered,open rate,click-to-open rate,Unsubscribe rate\n"
    (row,) = read(head + "fy2903,2000,25 %,0.1,0.1%\n").rows
    assert row.counts == {"recipients": 2000, "bounces": 0, "opens": 500, "clicks": 50, "unsubscribes": 2}


def test_european_tables_in_other_encodings() -> None:
    text = "Bild;sends;opens;revenue\nFY2903;1.000;250;1.234,50 €\n"
    mapping = {"picture": "Bild", "recipients": "sends", "opens": "opens", "revenue_cents": "revenue"}
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
        (row,) = read(text.encode(encoding), mapping=mapping).rows
        assert row.counts == {"recipients": 1000, "opens": 250, "revenue_cents": 123_450}, encoding


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ("nothing,10,1,,", "there is no picture 'nothing'"),
        (",10,1,,", "it names no picture"),
        ("fy2903,-10,1,,", "Recipients: '-10' is negative"),
        ("fy2903,0,0,,", "it has no recipients"),
        ("fy2903,10,11,,", "11 opens of 10 delivered: a rate over 1"),
        ("fy2903,10,1.5,,", "Opens: '1.5' is not a whole number"),
        ("fy2903,10,many,,", "Opens: 'many' is no number"),
        ("fy2903,10,1,23.4,", "Click-through rate: the rate '23.4' is over 1: write 0.234 or 23.4 %"),
        ("fy2903,10,1,,spam", "there is no campaign type 'spam': choose one of abandoned cart"),
        ("fy2903,10,1", "left out: 3 fields instead of 5"),
        ("fy2903,99999999999999,1,,", "is too large"),
    ],
)
def test_bad_rows_are_told_by_line_and_good_ones_kept(cells: str, reason: str) -> None:
    head = "picture,recipients,opens,ctr,campaign type\n"
    found = read(f"{head}fy2903,10,1,,\n{cells}\nfy2903,20,2,,\n")
    assert [row.line for row in found.rows] == [2, 4]
    assert [fault.line for fault in found.faults] == [3]
    assert reason in found.faults[0].reason


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "is empty"), (b"a,a\n1,2\n", "more than one column 'a'"), (b"a,b\n1,\x81\x8d\n", "save it as UTF-8")],
)
def test_what_is_no_table_is_told(content: bytes, sentence: str) -> None:
    with pytest.raises(SnapshotError, match=sentence):
        read(content)


@pytest.mark.parametrize(
    ("head", "mapping", "sentence"),
    [
        ("sends,opens", None, "which picture was sent"),
        ("picture,sends", None, "what came of the sends"),
        ("picture,open rate", None, "rates need the number of e-mails"),
        ("picture,opens", {"picture": "image"}, "no column 'image': choose one of picture, opens"),
        ("picture,opens", {"picture": "picture", "opens": "picture"}, "chosen for two fields"),
        ("picture,opens", {"likes": "opens"}, "there is no field 'likes'"),
    ],
)
def test_mappings_that_cannot_be_read_by(head: str, mapping: dict[str, str] | None, sentence: str) -> None:
    with pytest.raises(MappingError, match=sentence):
        read(f"{head}\n1,2\n", mapping=mapping)


def test_nothing_is_imported_twice_but_recipients_with_the_same_fate_all_count() -> None:
    head, fate = "picture,opens,clicks\n", "fy2903,1,0\n"
    first = read(head + 3 * fate)
    assert len({row.digest for row in first.rows}) == 3
    known = {row.digest for row in first.rows}
    again = read(head + 3 * fate, known=known)
    assert again.rows == () and again.known_before == 3
    longer = read(head + 5 * fate, known=known)
    assert len(longer.rows) == 2 and longer.known_before == 3
    turned = read("clicks,picture,opens\n0,fy2903,1\n", known=known)
    assert turned.known_before == 1, "the order of columns does not matter"


def test_columns_are_proposed_once_each() -> None:
    mapping = proposed_mapping(["Style Code", "Campaign", "Recipients", "Opens", "CTR", "unrelated"])
    assert mapping == {
        "picture": "Style Code",
        "campaign": "Campaign",
        "recipients": "Recipients",
        "opens": "Opens",
        "click_rate": "CTR",
    }


def test_an_import_is_watched_and_can_be_ended() -> None:
    calls: list[tuple[int, int]] = []

    def told(done: int, total: int) -> None:
        calls.append((done, total))
        if done:
            raise InterruptedError

    table = parse_table("picture,opens\n" + "fy2903,1\n" * 2500, Path("t.csv"))
    with pytest.raises(InterruptedError):
        import_campaigns(table, NAMES, USUAL, told=told)
    assert calls == [(0, 2500), (1000, 2500)]


def test_imported_rows_become_campaign_rows(pictures: Pictures) -> None:
    def place_of(row: ImportedRow) -> int | None:
        return {"dd1391-100": 1, "fy2903": None}[row.picture]

    rows = campaign_rows(read(SENDS).rows, pictures, place_of)
    assert len(rows) == 1 and rows.provenance.tolist() == [IMPORTED]
    assert rows.outcomes(TARGETS["click_to_open"])[1].tolist() == [300]
    assert rows.outcomes(TARGETS["purchase"])[1].tolist() == [0]
    assert len(campaign_rows([], pictures, place_of)) == 0
    assert rows.campaign_type.tolist() == [2] and rows.counts.dtype == np.int64


@pytest.mark.parametrize(
    ("cell", "count"), [("12", 12), ("1,234", 1234), ("1 234 567", 1234567), ("12.0", 12), ("Yes", 1), ("n", 0)]
)
def test_counts(cell: str, count: int) -> None:
    assert parse_count(cell) == count


@pytest.mark.parametrize(("cell", "rate"), [("0.25", 0.25), ("25%", 0.25), ("2,5 %", 0.025), (".1", 0.1), ("1", 1)])
def test_rates(cell: str, rate: float) -> None:
    assert parse_rate(cell) == pytest.approx(rate)


@pytest.mark.parametrize(
    ("cell", "cents"),
    [
        *(("12", 1200), ("$12.5", 1250), ("€ 1.234,56", 123456), ("1,234.56 USD", 123456), ("1,234", 123400)),
        *(("0", 0), (".5", 50), ("1'000.00", 100000)),
    ],
)
def test_money(cell: str, cents: int) -> None:
    assert parse_cents(cell) == cents


@pytest.mark.parametrize("cell", ["", "-3", "three", "1e9", "nan", "inf", "=1+1", "--1", "1.2.3", "-0.5"])
def test_what_is_no_number(cell: str) -> None:
    for parse in (parse_count, parse_rate, parse_cents):
        with pytest.raises(NumberError):
            parse(cell)


@pytest.mark.parametrize(
    "cell", ["=1+1", "+cmd", "-cmd|' /C calc'!A0", "@SUM(A1)", " =1+1", " \u200b=1", "＝1", "\ufeff@x"]
)
def test_formulas_are_neutralised(cell: str) -> None:
    assert neutralised(cell) == f"'{cell}"
    assert re.match(r"\s*'", neutralised(f"\t{cell}")) and re.match(r"\s*'", neutralised(f"\r{cell}"))


def test_a_formula_behind_a_semicolon_is_neutralised_too() -> None:
    assert neutralised("spring; =cmd()") == "spring;' =cmd()"
    assert neutralised("a\n@x;b=1") == "a\n'@x;b=1"
    assert neutralised("; |=1;+") == "; |'=1;'+"
    assert neutralised("a \t =1") == "a \t' =1"


def test_a_cell_of_blanks_is_looked_at_once() -> None:
    """Looking ahead from each of them would take minutes: the test's own limit would end it."""
    blanks = " \n" * 300_000
    assert neutralised(f"{blanks}x") == f"{blanks}x"
    assert neutralised(f"{blanks}=1") == "'" + blanks.replace("\n", "\n'") + "=1"


@pytest.mark.parametrize("cell", ["-3.5", "+1", "a=1", "", "Brighter"])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert neutralised(cell) == cell
