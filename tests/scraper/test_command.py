"""`python -m scraper` as people run it: twice, killed half way, against shops that fail."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

from benchmarks.scrape_kills import CRAWL_DELAY_S, scrape_killed, shown
from scraper.__main__ import main
from scraper.listing import Listing, read_listings, write_listings
from tests.scraper.local_shop import LocalShop, Reply, running_shop
from tests.scraper.small_shop import open_small_shop

REPOSITORY = Path(__file__).resolve().parents[2]


def arguments(shop: LocalShop, folder: Path) -> list[str]:
    return ["demo", "--out", str(folder / "listings.jsonl"), "--start-url", shop.at("/")]


def start(shop: LocalShop, folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "scraper", *arguments(shop, folder)]
    # Tests that run in the background of a shell ignore Ctrl-C, and what they start would inherit that.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    finally:
        signal.signal(signal.SIGINT, before)


def test_running_it_twice_changes_nothing(shop: LocalShop, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    open_small_shop(shop)
    assert main(arguments(shop, tmp_path)) == 0
    first, asked = shown(tmp_path), len(shop.asked)
    assert "12 products, 0 failed; 36 pictures" in capsys.readouterr().err
    assert main(arguments(shop, tmp_path)) == 0
    assert shown(tmp_path) == first
    assert len(shop.asked) == 2 * asked  # everything was asked for again: prices change
    assert len(list(read_listings(tmp_path / "listings.jsonl"))) == 12


def test_killed_at_any_moment_it_goes_on_and_ends_the_same(tmp_path: Path) -> None:
    """Three moments here; `python -m benchmarks.scrape_kills` takes thirty of a larger shop."""
    outcome = scrape_killed(kills=3, seed=11, products=20, angles=6, folder=tmp_path)
    assert outcome.kills == 3
    assert outcome.is_the_same
    assert outcome.again <= 3, "only what was under way when it was killed is asked for again; robots.txt neither"
    assert outcome.rows_without_file == 0
    assert outcome.shortest_s >= CRAWL_DELAY_S


def test_broken_off_by_hand_it_says_how_to_go_on(shop: LocalShop, tmp_path: Path) -> None:
    open_small_shop(shop, products=6, angles=2)
    may_end = shop.hold("/product/3")  # or it would be done already
    process = start(shop, tmp_path)
    while "/product/3" not in shop.paths():
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    output = process.communicate()[0].decode()
    may_end.set()
    assert process.returncode == 130
    assert "The same command goes on from here." in output
    assert "Traceback" not in output


@pytest.mark.parametrize(
    ("path", "answer", "sentence"),
    [
        ("/", Reply(404), "answered 404"),
        (
            "/",
            Reply(429, headers={"Retry-After": "600"}),
            "answered 429 (Too Many Requests). It asks to come back in 600 s",
        ),
        ("/shoes?page=3", Reply(500, headers={"Retry-After": "0"}), "/shoes?page=3 answered 500"),
        ("/shoes?page=2", Reply.html(""), "The page is empty"),
        ("/shoes?page=2", Reply.html("<html><a href='/product/5"), "breaks off"),
        ("/robots.txt", Reply(503, headers={"Retry-After": "0"}), "robots.txt answered 503"),
    ],
)
def test_a_shop_that_fails_leaves_the_old_file(
    shop: LocalShop, tmp_path: Path, capsys: pytest.CaptureFixture[str], path: str, answer: Reply, sentence: str
) -> None:
    open_small_shop(shop)
    old = Listing("demo", "VD-1", "http://shop/1", "Vello", "Dart")
    write_listings(tmp_path / "listings.jsonl", [old])
    shop[path] = answer
    assert main(arguments(shop, tmp_path)) == 1
    printed = capsys.readouterr().err
    assert sentence in printed
    assert "was not written" in printed
    assert list(read_listings(tmp_path / "listings.jsonl")) == [old]
    assert not list(tmp_path.glob(".*.tmp"))


@pytest.mark.parametrize(
    ("paths", "answer"),
    [
        (["/shoes?page=2"], Reply(404)),
        (["/shoes?page=2"], Reply(403)),
        (["/shoes?page=2"], Reply.html("")),
        (["/shoes?page=2"], Reply.html("<html>Back soon</html>")),
        ([f"/product/{number}" for number in range(4)], Reply.html("<html>Back soon</html>")),
        ([f"/product/{number}" for number in range(4)], Reply(404)),
        ([f"/pictures/{number}-0.png" for number in range(8)], Reply(200, b"no picture")),
        ([f"/pictures/{number}-{angle}.png" for number in range(9) for angle in (0, 10, 20)], Reply(404)),
    ],
)
def test_a_shop_that_has_recovered_is_read(shop: LocalShop, tmp_path: Path, paths: list[str], answer: Reply) -> None:
    open_small_shop(shop)
    assert main(arguments(shop, tmp_path / "whole")) == 0
    for path in paths:
        shop[path] = answer
    assert main(arguments(shop, tmp_path / "again")) == 1
    open_small_shop(shop)
    shop.asked.clear()
    assert main(arguments(shop, tmp_path / "again")) == 0
    assert shown(tmp_path / "again") == shown(tmp_path / "whole")
    assert set(paths) <= set(shop.paths())
    assert "/shoes?page=1" not in shop.paths(), "what was good is not asked for again"


def test_without_an_old_file_none_appears(shop: LocalShop, tmp_path: Path) -> None:
    assert main(arguments(shop, tmp_path)) == 1
    assert not (tmp_path / "listings.jsonl").exists()


def test_two_crawls_do_not_write_to_one_file(shop: LocalShop, tmp_path: Path) -> None:
    open_small_shop(shop, products=3, angles=1)
    may_end = shop.hold("/product/1")  # or the first would be done already
    process = start(shop, tmp_path)
    while "/product/1" not in shop.paths():
        time.sleep(0.005)
    second = subprocess.run(
        [sys.executable, "-m", "scraper", *arguments(shop, tmp_path)], cwd=REPOSITORY, capture_output=True, check=False
    )
    process.kill()
    process.communicate()
    may_end.set()
    assert second.returncode == 1
    assert b"Another crawl is writing here" in second.stderr


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        ["amazon", "--out", "x"],
        ["demo"],
        ["demo", "--out", "x", "--delay", "soon"],
        ["demo", "--out", "x", "--limit", "0"],
        ["demo", "--out", "x", "--most-requests", "-1"],
        ["demo", "--out", "x", "--most-mb", "much"],
        ["demo", "--out", "x", "--delay", "nan"],
        ["zappos", "--out", "x"],
        ["footlocker", "--out", "x", "--start-url", "https://far.example/"],
        ["generic", "--out", "x", "--i-may"],
    ],
)
def test_wrong_arguments_are_told(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(wrong)
    assert end.value.code == 2
    assert "usage: python -m scraper" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("in the way")
    assert main(["demo", "--out", str(tmp_path / "file" / "listings.jsonl")]) == 1
    assert "Cannot write" in capsys.readouterr().err


def test_options_reach_the_crawl(shop: LocalShop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_small_shop(shop, products=3)
    monkeypatch.setenv("SOLESCOPE_CONTACT", "https://example.org/us")
    options = ["--limit", "2", "--no-images", "--delay", "0.1"]
    assert main([*arguments(shop, tmp_path), *options]) == 0
    assert shown(tmp_path).keys() == {"listings.jsonl"}
    assert len(list(read_listings(tmp_path / "listings.jsonl"))) == 2
    assert "(+https://example.org/us)" in shop.asked[0].headers["User-Agent"]
    arrivals = [asked.at for asked in shop.asked]
    assert min(after - before for before, after in pairwise(arrivals)) >= 0.099


def test_a_journal_that_is_broken_is_begun_anew(shop: LocalShop, tmp_path: Path) -> None:
    open_small_shop(shop, products=3)
    assert main(arguments(shop, tmp_path)) == 0
    first = shown(tmp_path)
    index = tmp_path / ".state" / "listings.jsonl" / "journal.sqlite"
    index.write_bytes(os.urandom(5000))
    assert main(arguments(shop, tmp_path)) == 0
    assert shown(tmp_path) == first


def test_a_second_shop_of_the_same_name_is_another_crawl(shop: LocalShop, tmp_path: Path) -> None:
    open_small_shop(shop, products=3)
    assert main(arguments(shop, tmp_path)) == 0
    with running_shop() as other:
        open_small_shop(other, products=2)
        assert main(arguments(other, tmp_path)) == 0
    assert len(list(read_listings(tmp_path / "listings.jsonl"))) == 2


def test_leave_is_asked_for_at_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever types no, or nothing, scrapes nothing."""
    for typed in ("n\n", "", "of course not\n"):
        monkeypatch.setattr("sys.stdin", Terminal(typed))
        with pytest.raises(SystemExit) as end:
            main(["stockx", "--out", str(tmp_path / "x.jsonl")])
        assert end.value.code == 2
        said = capsys.readouterr().err
        assert "https://stockx.com/terms" in said
        assert "may you scrape StockX?" in said
        assert "say so with --i-may" in said


class Terminal(io.StringIO):
    """Somebody at a keyboard."""

    def isatty(self) -> bool:
        return True


def test_whoever_says_yes_may(shop: LocalShop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address is refused only further on: leave was given."""
    monkeypatch.setattr("sys.stdin", Terminal("y\n"))
    far = ["generic", "--out", str(tmp_path / "x.jsonl"), "--start-url", "http://169.254.0.1/"]
    assert main(far) == 1
    assert main([*far, "--i-may"]) == 1


def test_the_numbers_of_a_run_are_written_down(shop: LocalShop, tmp_path: Path) -> None:
    open_small_shop(shop, products=3)
    facts = tmp_path / "facts.json"
    assert main([*arguments(shop, tmp_path), "--facts", str(facts)]) == 0
    told = json.loads(facts.read_text())
    assert (told["failure"], told["products"]["got"], told["coverage"]["price"]) == ("", 3, 1.0)
    shop["/shoes?page=1"] = Reply(404)
    assert main([*arguments(shop, tmp_path), "--facts", str(facts)]) == 1
    assert "answered 404" in json.loads(facts.read_text())["failure"]
    assert main([*arguments(shop, tmp_path), "--facts", str(tmp_path)]) == 1


def test_the_budget_of_the_command(shop: LocalShop, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    open_small_shop(shop)
    assert main([*arguments(shop, tmp_path), "--most-requests", "10"]) == 1
    assert "a run takes at most 10 requests of 127.0.0.1" in capsys.readouterr().err
    assert len(shop.asked) == 10


def test_all_shops_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sites"]) == 0
    assert {site["name"] for site in json.loads(capsys.readouterr().out)} >= {"demo", "footlocker", "stockx", "zappos"}
