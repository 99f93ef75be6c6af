"""What a crawl has fetched: so that it can go on where it was broken off, and ask the shop "changed since?" next time.

A folder with an index (`journal.sqlite`) and the bodies, each under the SHA-256 of its bytes. An entry is written
after its body, in one transaction: a process killed at any moment leaves a journal that is right as far as it goes.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import sqlite3
import time
from collections.abc import Iterable
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import IO, Any

UNFINISHED_FOR_S = 24 * 3600.0  # an older unfinished run starts anew: its pages tell yesterday's prices

TABLES = """
CREATE TABLE IF NOT EXISTS runs (id INTEGER PRIMARY KEY, key TEXT NOT NULL, started_at REAL NOT NULL, finished_at REAL);
CREATE TABLE IF NOT EXISTS entries (
    url TEXT PRIMARY KEY, run INTEGER NOT NULL, status INTEGER NOT NULL, final_url TEXT NOT NULL,
    content_type TEXT NOT NULL, etag TEXT NOT NULL, last_modified TEXT NOT NULL, sha256 TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS hosts (host TEXT PRIMARY KEY, run INTEGER NOT NULL, facts TEXT NOT NULL) WITHOUT ROWID;
"""
COLUMNS = "run, status, final_url, content_type, etag, last_modified, sha256"


class JournalError(Exception):
    """A journal that cannot be opened. The message is a sentence."""


@dataclass(frozen=True)
class Entry:
    """What is known of one URL: the answer of run number `run`, and the validators to ask again with."""

    run: int
    status: int
    final_url: str
    content_type: str
    etag: str
    last_modified: str
    sha256: str


class Journal:
    """One crawl's memory in `folder`, open for one process and one thread; use it in a `with` block.

    `key` names what is crawled: a run of the same key that was not finished, and is younger than a day, goes on
    (`resumed`); otherwise a new run begins, to which the answers of the last whole run, and of the last one, are only
    good for asking "changed since?". Older ones are forgotten.
    """

    def __init__(self, folder: Path, key: str) -> None:
        self._bodies = folder / "bodies"
        self._bodies.mkdir(parents=True, exist_ok=True)
        self._lock = _lock(folder / "lock")
        try:
            self._index = _open_index(folder / "journal.sqlite")
            self._run, self.resumed = self._find_run(key)
        except BaseException:
            self._lock.close()
            raise

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def recall(self, url: str) -> Entry | None:
        """What is known of `url`, from this run or an earlier one."""
        row = self._index.execute(f"SELECT {COLUMNS} FROM entries WHERE url = ?", (url,)).fetchone()  # noqa: S608
        return None if row is None else Entry(*row)

    def is_of_this_run(self, entry: Entry) -> bool:
        """Whether `entry` was fetched or confirmed in the run that is going on."""
        return entry.run == self._run

    def keep(self, url: str, entry: Entry, body: bytes) -> Entry:
        """Remember an answer of this run; returns `entry` with its run and SHA-256 filled in."""
        sha256 = hashlib.sha256(body).hexdigest()
        path = self.body_path(sha256)
        if not path.exists() or path.stat().st_size != len(body):
            path.parent.mkdir(exist_ok=True)
            unfinished = path.with_name(f".{sha256}.{os.getpid()}")
            unfinished.write_bytes(body)  # not synced to disk: `body` checks what it reads
            unfinished.replace(path)
        kept = replace(entry, run=self._run, sha256=sha256)
        statement = f"INSERT OR REPLACE INTO entries (url, {COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
        self._index.execute(statement, (url, *astuple(kept)))
        return kept

    def confirm(self, url: str) -> None:
        """Take the remembered answer of `url` over into this run: the shop said that it has not changed."""
        self._index.execute("UPDATE entries SET run = ? WHERE url = ?", (self._run, url))

    def forget(self, url: str) -> None:
        """Remember nothing of `url`: it was no use, and shall be asked for again."""
        self._index.execute("DELETE FROM entries WHERE url = ?", (url,))

    def body(self, entry: Entry) -> bytes | None:
        """The body of an entry, None where it is lost or damaged."""
        try:
            body = self.body_path(entry.sha256).read_bytes()
        except FileNotFoundError:
            return None
        return body if hashlib.sha256(body).hexdigest() == entry.sha256 else None

    def body_path(self, sha256: str) -> Path:
        """Where the body of that name lies."""
        return self._bodies / sha256[:2] / sha256

    def keep_host(self, host: str, facts: str) -> None:
        """Remember, as a JSON object, how things stand with a host."""
        self._index.execute("INSERT OR REPLACE INTO hosts VALUES (?, ?, ?)", (host, self._run, facts))

    def recall_host(self, host: str) -> tuple[dict[str, Any], bool] | None:
        """What was kept of a host last, and whether in this run; None where nothing was."""
        row = self._index.execute("SELECT facts, run FROM hosts WHERE host = ?", (host,)).fetchone()
        return None if row is None else (json.loads(row[0]), row[1] == self._run)

    def finish(self) -> None:
        """End the run, and forget what it did not meet: the next one of this key starts anew."""
        self._index.execute("UPDATE runs SET finished_at = ? WHERE id = ?", (time.time(), self._run))
        self._index.execute("DELETE FROM runs WHERE id <> ?", (self._run,))
        self._forget_others()

    def close(self) -> None:
        """Close the index and let others in."""
        self._index.close()
        self._lock.close()

    def _find_run(self, key: str) -> tuple[int, bool]:
        """The number of the run, and whether it goes on from before."""
        youngest = "SELECT id FROM runs WHERE key = ? AND finished_at IS NULL AND started_at > ? ORDER BY id DESC"
        row = self._index.execute(youngest, (key, time.time() - UNFINISHED_FOR_S)).fetchone()
        if row is not None:
            return int(row[0]), True
        finished = "SELECT id FROM runs WHERE finished_at IS NOT NULL ORDER BY id DESC LIMIT 1"
        newest = "SELECT id FROM runs ORDER BY id DESC LIMIT 1"
        old = f"DELETE FROM runs WHERE id NOT IN ({finished}) AND id NOT IN ({newest}) AND started_at <= ?"  # noqa: S608
        self._index.execute(old, (time.time() - UNFINISHED_FOR_S,))
        self._forget_others()
        begun = self._index.execute("INSERT INTO runs (key, started_at) VALUES (?, ?)", (key, time.time()))
        return int(begun.lastrowid or 0), False

    def _forget_others(self) -> None:
        """Forget what belongs to no run that is known, with its bodies."""
        self._index.execute("DELETE FROM entries WHERE run NOT IN (SELECT id FROM runs)")
        used = {row[0] for row in self._index.execute("SELECT sha256 FROM entries")}
        _remove_others(self._bodies.glob("*/*"), used)


def _lock(path: Path) -> IO[str]:
    """Hold the lock file at `path` as long as the returned file is open; the system lets go when a process dies."""
    lock = path.open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        sentence = f"Another crawl is writing here ({path.parent}). Wait until it has ended, or choose another --out."
        raise JournalError(sentence) from error
    return lock


def _open_index(path: Path) -> sqlite3.Connection:
    """The index; one that cannot be read is thrown away, for it is only a memory of what the shop has too."""
    try:
        return _connect(path)
    except sqlite3.DatabaseError:
        for suffix in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                path.with_name(path.name + suffix).unlink()
        return _connect(path)


def _connect(path: Path) -> sqlite3.Connection:
    index = sqlite3.connect(path, isolation_level=None)
    try:
        index.execute("PRAGMA journal_mode = WAL")
        index.execute("PRAGMA synchronous = NORMAL")
        index.executescript(TABLES)
        index.execute(f"SELECT {COLUMNS} FROM entries LIMIT 1")  # noqa: S608
    except sqlite3.DatabaseError:
        index.close()
        raise
    return index


def _remove_others(paths: Iterable[Path], used: set[str]) -> None:
    for path in paths:
        if path.name not in used:
            path.unlink(missing_ok=True)
