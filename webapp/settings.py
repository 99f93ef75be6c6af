"""Everything that can be set from outside, read once, when the app is made, and typed.

`Settings.from_environment()` reads the variables named here; tests build a `Settings` of their own. A running app's
settings are `current_settings()`.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from flask import current_app

ROOT = Path(__file__).resolve().parent.parent
MEGABYTE = 1024 * 1024
_MOST_DAYS = 36_500
_YES_AND_NO = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}

T = TypeVar("T")


class SettingsError(ValueError):
    """A variable of the environment that cannot be used. The message names it and what is expected."""


@dataclass(frozen=True)
class Settings:
    """The site's settings. Folders are absolute; sizes are bytes, times are seconds, unless the name says else."""

    instance: Path  # SOLESCOPE_INSTANCE: everything that this site keeps
    secret_key: str  # SOLESCOPE_SECRET_KEY, or made once and kept in the instance folder
    database_url: str = ""  # SOLESCOPE_DATABASE_URL; empty: SQLite in the instance folder
    bundles_folder: Path = Path()  # SOLESCOPE_BUNDLES; unset: bundles/ in the instance folder
    runs_folder: Path = ROOT / "runs"  # SOLESCOPE_RUNS: where trainings leave their runs
    pictures_folder: Path = Path()  # SOLESCOPE_PICTURES: data sets to train on; unset: pictures/ in the instance folder
    weights_folder: Path = Path()  # SOLESCOPE_WEIGHTS: weight files; unset: weights/ in the instance folder
    training_threads: int = 0  # SOLESCOPE_TRAINING_THREADS: threads of a training; 0: all cores
    queue_url: str = ""  # SOLESCOPE_QUEUE_URL: redis://...; empty: SQLite in the instance folder
    starter_bundle: Path = ROOT / "bundles" / "starter"  # serves until a bundle is published
    https: bool = False  # SOLESCOPE_HTTPS: cookies travel over https only, browsers are told to stay there
    proxies: int = 0  # SOLESCOPE_PROXIES: how many proxies in front of us may be believed
    own_shops: tuple[str, ...] = ()  # SOLESCOPE_OWN_SHOPS: beside demo, shops that may stand in a private network
    contact: str = ""  # SOLESCOPE_CONTACT: an address that shops see in the scraper's name
    rate_limits: bool = True  # SOLESCOPE_RATE_LIMITS
    max_photo_bytes: int = 16 * MEGABYTE  # SOLESCOPE_MAX_PHOTO_MB
    max_photos: int = 4  # of one shoe, in one identification
    decode_workers: int = 1  # SOLESCOPE_DECODE_WORKERS: child processes that touch untrusted pictures
    decode_memory_mb: int = 1024  # SOLESCOPE_DECODE_MEMORY_MB: address space of each child
    decode_seconds: float = 4.0  # SOLESCOPE_DECODE_SECONDS: a picture that takes longer is refused
    identify_slots: int = 2  # SOLESCOPE_IDENTIFY_SLOTS: identifications at work at once
    identify_queue: int = 8  # SOLESCOPE_IDENTIFY_QUEUE: identifications that may wait; more are answered 503
    model_threads: int = 2  # SOLESCOPE_MODEL_THREADS: threads of the network's runtime
    keep_uploads_days: int = 30  # SOLESCOPE_KEEP_UPLOADS_DAYS: then photos go, but for those that training may use
    keep_job_logs_days: int = 90  # SOLESCOPE_KEEP_JOB_LOGS_DAYS
    log_format: str = "text"  # SOLESCOPE_LOG_FORMAT: text, or json: one object a line
    metrics_token: str = ""  # SOLESCOPE_METRICS_TOKEN: who sends it may read /metrics; empty: there are none

    def __post_init__(self) -> None:
        if not self.database_url:
            object.__setattr__(self, "database_url", f"sqlite:///{self.instance / 'solescope.sqlite'}")
        if self.bundles_folder == Path():
            object.__setattr__(self, "bundles_folder", self.instance / "bundles")
        if self.pictures_folder == Path():
            object.__setattr__(self, "pictures_folder", self.instance / "pictures")
        if self.weights_folder == Path():
            object.__setattr__(self, "weights_folder", self.instance / "weights")

    @property
    def images_folder(self) -> Path:
        """Where the image store keeps pictures."""
        return self.instance / "images"

    @property
    def snapshots_folder(self) -> Path:
        """Where trainings keep what they took out of the catalogue."""
        return self.instance / "snapshots"

    @property
    def job_logs_folder(self) -> Path:
        """Where the programs that jobs run write what they say."""
        return self.instance / "jobs"

    @property
    def max_request_bytes(self) -> int:
        """The largest request body that is read: a whole set of photos and its form."""
        return self.max_photos * self.max_photo_bytes + MEGABYTE

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read the environment, making the instance folder where it is missing; raises SettingsError."""

        def read(name: str, convert: Callable[[str], T], unset: T) -> T:
            text = environment.get(f"SOLESCOPE_{name}", "").strip()
            try:
                return convert(text) if text else unset
            except (ValueError, KeyError) as error:
                raise SettingsError(f"SOLESCOPE_{name} is {text!r}, which is not {_expected(convert)}") from error

        instance = read("INSTANCE", _folder, ROOT / "instance")
        instance.mkdir(parents=True, exist_ok=True)
        return cls(
            instance=instance,
            secret_key=read("SECRET_KEY", str, "") or _kept_secret(instance / "secret_key"),
            database_url=read("DATABASE_URL", str, ""),
            bundles_folder=read("BUNDLES", _folder, instance / "bundles"),
            runs_folder=read("RUNS", _folder, cls.runs_folder),
            pictures_folder=read("PICTURES", _folder, instance / "pictures"),
            weights_folder=read("WEIGHTS", _folder, instance / "weights"),
            training_threads=read("TRAINING_THREADS", _count, cls.training_threads),
            queue_url=read("QUEUE_URL", _redis_address, ""),
            https=read("HTTPS", _yes_or_no, cls.https),
            proxies=read("PROXIES", _count, cls.proxies),
            own_shops=read("OWN_SHOPS", _names, ()),
            contact=read("CONTACT", str, ""),
            rate_limits=read("RATE_LIMITS", _yes_or_no, cls.rate_limits),
            max_photo_bytes=MEGABYTE * read("MAX_PHOTO_MB", _count, cls.max_photo_bytes // MEGABYTE),
            decode_workers=read("DECODE_WORKERS", _count, cls.decode_workers),
            decode_memory_mb=read("DECODE_MEMORY_MB", _count, cls.decode_memory_mb),
            decode_seconds=read("DECODE_SECONDS", float, cls.decode_seconds),
            identify_slots=read("IDENTIFY_SLOTS", _count, cls.identify_slots),
            identify_queue=read("IDENTIFY_QUEUE", _count, cls.identify_queue),
            model_threads=read("MODEL_THREADS", _count, cls.model_threads),
            keep_uploads_days=read("KEEP_UPLOADS_DAYS", _days, cls.keep_uploads_days),
            keep_job_logs_days=read("KEEP_JOB_LOGS_DAYS", _days, cls.keep_job_logs_days),
            log_format=read("LOG_FORMAT", _log_format, cls.log_format),
            metrics_token=read("METRICS_TOKEN", str, ""),
        )

    def flask_config(self) -> dict[str, Any]:
        """These settings in the words of Flask and its extensions."""
        return {
            "SECRET_KEY": self.secret_key,
            "MAX_CONTENT_LENGTH": self.max_request_bytes,
            "MAX_FORM_PARTS": 64,
            "SESSION_COOKIE_NAME": "solescope",
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "SESSION_COOKIE_SECURE": self.https,
            "PERMANENT_SESSION_LIFETIME": 12 * 3600,
            "PREFERRED_URL_SCHEME": "https" if self.https else "http",
            "SQLALCHEMY_DATABASE_URI": self.database_url,
            "SQLALCHEMY_ENGINE_OPTIONS": {"hide_parameters": True},  # errors go to the log, what people type does not
            "WTF_CSRF_TIME_LIMIT": None,  # a page left open over lunch still works; the session ends the token
            "WTF_CSRF_SSL_STRICT": self.https,
            "RATELIMIT_ENABLED": self.rate_limits,
            "RATELIMIT_STORAGE_URI": "memory://",
            "RATELIMIT_HEADERS_ENABLED": True,
        }


def current_settings() -> Settings:
    """The settings of the app at work."""
    settings: Settings = current_app.extensions["settings"]
    return settings


def _kept_secret(file: Path) -> str:
    """The secret in `file`, made on first use and readable by its owner only."""
    if not file.exists():
        draft = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_hex(32), encoding="ascii")
        with suppress(FileExistsError):  # of two processes that start together, the first one's secret counts
            os.link(draft, file)
        draft.unlink()
    return file.read_text(encoding="ascii")


def _folder(text: str) -> Path:
    return Path(text).expanduser().resolve()


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError("negative")
    return number


def _days(text: str) -> int:
    days = _count(text)
    if days > _MOST_DAYS:
        raise ValueError("later than dates go")
    return days


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _yes_or_no(text: str) -> bool:
    return _YES_AND_NO[text.lower()]


def _redis_address(text: str) -> str:
    if not text.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError(text)
    return text


def _log_format(text: str) -> str:
    return {"text": "text", "json": "json"}[text.lower()]


_EXPECTED: dict[Callable[[str], object], str] = {
    _count: "a whole number of 0 or more",
    _days: f"a whole number of days from 0 to {_MOST_DAYS}",
    _yes_or_no: "yes or no",
    float: "a number",
    _redis_address: "the address of a Redis, such as redis://localhost:6379/0",
    _log_format: "text or json",
}


def _expected(convert: Callable[[str], object]) -> str:
    return _EXPECTED.get(convert, "usable")
