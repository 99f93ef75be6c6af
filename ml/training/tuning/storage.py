"""Where a study is kept: a database by its URL, so that it resumes and several machines can share it.

SQLite in the study folder unless another is named; PostgreSQL for several machines.
"""

from __future__ import annotations

import sqlite3
import time
import warnings
from pathlib import Path
from typing import Any

import optuna
from optuna.exceptions import ExperimentalWarning, StorageInternalError
from optuna.storages import RDBStorage
from optuna.trial import FrozenTrial, Trial
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from ml.training.run_folder import RunError

HEARTBEAT_S, SILENCE_S = 10, 60
"""How often a trial under way says that it is, and after what silence others count it as dead."""

SECONDS_FOR_A_LOCK = 60.0
ATTEMPTS, SECONDS_BETWEEN_ATTEMPTS = 5, 0.5
KINDS = ("sqlite", "postgresql")
UNTUNED = "untuned"
"""What marks the trial with the untuned settings, wherever it is queued again."""


def sqlite_url(folder: Path) -> str:
    """The database of a study that names no other."""
    return f"sqlite:///{(folder / 'study.sqlite').resolve()}"


def shown_url(url: str) -> str:
    """The URL without its password."""
    return make_url(url).render_as_string(hide_password=True)


def open_storage(url: str) -> RDBStorage:
    """The storage, its tables made where there are none.

    Raises RunError where the URL is none, its driver is missing, or the database cannot be opened.
    """
    place = _read_url(url)
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    options: dict[str, Any] = {"pool_pre_ping": True}
    if place.get_backend_name() == "sqlite":
        options = {"connect_args": {"timeout": SECONDS_FOR_A_LOCK}}
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _opened(url, options)
        except ImportError as error:
            raise RunError(
                f"{place.drivername} needs a driver that is not installed ({error}): pip install 'psycopg[binary]'"
            ) from error
        except (SQLAlchemyError, StorageInternalError, RuntimeError) as error:
            # Two that make the tables at the same time get in each other's way once.
            if attempt == ATTEMPTS or not isinstance(error, SQLAlchemyError | StorageInternalError):
                raise RunError(f"the storage {shown_url(url)} cannot be opened: {_first_line(error)}") from error
            time.sleep(SECONDS_BETWEEN_ATTEMPTS)
    raise AssertionError("unreachable")


def _read_url(url: str) -> URL:
    try:
        place = make_url(url)
    except ArgumentError as error:
        raise RunError(f"{url!r} is no URL of a database: sqlite:////folder/study.sqlite, postgresql://...") from error
    if place.get_backend_name() not in KINDS:
        raise RunError(f"a study is kept in {' or '.join(KINDS)}, not in {place.get_backend_name()}")
    folder = Path(place.database or "").parent
    if place.get_backend_name() == "sqlite" and not folder.is_dir():
        raise RunError(f"{folder} is no folder: the SQLite file of --storage lies in one that is there")
    return place


def _opened(url: str, options: dict[str, Any]) -> RDBStorage:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        try:
            storage = RDBStorage(
                url,
                engine_kwargs=options,
                heartbeat_interval=HEARTBEAT_S,
                grace_period=SILENCE_S,
                heartbeat_stale_trial_callback=put_back,
            )
        except NoSuchModuleError as error:
            raise ImportError(str(error)) from error
    if storage.engine.dialect.name == "sqlite":
        _take_turns(storage.engine)
    return storage


def put_back(study: optuna.Study, trial: FrozenTrial | Trial) -> None:
    """Queue the settings of a trial that died: they are tried again before anything new."""
    kept = {UNTUNED: True} if trial.user_attrs.get(UNTUNED) else {}
    study.enqueue_trial(trial.params, user_attrs={**kept, "again": trial.number})


def _take_turns(engine: Engine) -> None:
    """Begin every transaction of SQLite by waiting for its turn to write.

    Python's own way reads first and fails, or takes what another has just taken, when two processes then write.
    """

    def leave_beginning_to_us(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None
        # A power cut costs the last words about a trial, never the file; each word is many times cheaper.
        for setting in ("journal_mode=WAL", "synchronous=NORMAL"):
            connection.execute(f"PRAGMA {setting}").close()

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    engine.dispose()
    event.listen(engine, "connect", leave_beginning_to_us)
    event.listen(engine, "begin", begin)


def _first_line(error: Exception) -> str:
    cause = error.__cause__ or error
    return str(cause).splitlines()[0] if str(cause) else type(cause).__name__
