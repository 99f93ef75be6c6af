"""A marketer's results on their way from a file to the job that imports it: received, mapped, started, taken out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from ml.conversions.campaign_import import ImportedRow, import_campaigns
from ml.conversions.columns import MappingError, check_mapping, proposed_mapping
from ml.conversions.contexts import Context
from ml.conversions.rows import COUNTS
from ml.datasets.csv_table import RowFault, Table
from webapp.database import db, now, write_transaction
from webapp.jobs.models import Job
from webapp.jobs.queue import current_jobs
from webapp.studio import sent_files
from webapp.studio.campaign_models import CampaignImport, CampaignRow, ColumnMapping
from webapp.studio.picture_names import read_names
from webapp.studio.placing import Placed, placed

KIND = "import"
USUAL = {"campaign_type": "newsletter", "industry": "retail"}
PREVIEWED = 8
WAITING = ("mapping", "cancelled", "failed")


class ImportRefusedError(ValueError):
    """An import that cannot be started now. The message says why."""


@dataclass(frozen=True)
class Preview:
    """How the first rows of a file would be read; `refusal` is a sentence where the mapping cannot be read by."""

    table: Table
    rows: Sequence[Placed] = ()
    faults: Sequence[RowFault] = ()
    refusal: str = ""


def receive(file_name: str, content: bytes, user_id: int | None) -> CampaignImport:
    """Keep a file, to be mapped next; raises SentFileError where it is no table of results.

    The same file, sent again before it was imported, is the same import.
    """
    table, lines = sent_files.read_head(content, file_name)
    sha256 = sent_files.keep(content)
    headers = _headers_digest(table.columns)
    with write_transaction() as session:
        _drop_without_file(session)
        waiting = session.scalars(
            select(CampaignImport).where(
                CampaignImport.sha256 == sha256,
                CampaignImport.user_id == user_id,
                CampaignImport.state.in_(WAITING),
            )
        ).first()
        if waiting is not None:
            return waiting
        remembered = session.get(ColumnMapping, headers)
        mapping = remembered.mapping if remembered else proposed_mapping(table.columns)
        usual = remembered.usual if remembered else USUAL
        received = CampaignImport(
            user_id=user_id,
            file_name=file_name[:200],
            sha256=sha256,
            lines=lines,
            columns=list(table.columns),
            mapping=dict(mapping),
            usual=dict(usual),
        )
        session.add(received)
    return received


def choose_mapping(found: CampaignImport, mapping: Mapping[str, str], usual: Mapping[str, str]) -> None:
    """Say what the columns mean; remembered for the next file with these columns. Raises MappingError for what is not
    possible, and UnknownNameError for a context that is none; what was chosen is kept all the same."""
    Context(**usual, sneaker_type="lifestyle")
    with write_transaction() as session:
        found.mapping, found.usual = dict(mapping), dict(usual)
    check_mapping(mapping, found.columns)
    with write_transaction() as session:
        headers = _headers_digest(found.columns)
        remembered = session.get(ColumnMapping, headers) or ColumnMapping(headers=headers)
        remembered.mapping, remembered.usual, remembered.used_at = dict(mapping), dict(usual), now()
        session.add(remembered)


def preview(found: CampaignImport) -> Preview:
    """How the first rows would be read; raises SentFileError where the file is gone."""
    head = sent_files.read_kept_head(found.sha256, found.file_name)
    few = Table(head.file, head.columns, head.rows[:PREVIEWED], head.faults[:PREVIEWED])
    try:
        imported = import_campaigns(few, names := read_names(), usual_of(found), mapping=found.mapping)
    except MappingError as error:
        return Preview(few, refusal=str(error))
    rows, faults = placed(imported, few, names)
    return Preview(few, rows, faults)


def start_import(found: CampaignImport) -> Job:
    """Have the worker import a file. Raises ImportRefusedError where it was imported by other columns, or is gone."""
    check_mapping(found.mapping, found.columns)
    if not sent_files.is_kept(found.sha256):
        raise ImportRefusedError(f"{found.file_name} is not kept any more: send it again.")
    before = _imported_otherwise(found)
    if before is not None:
        raise ImportRefusedError(
            f"This file was imported before, its columns read in another way: its rows would count twice. Take out the "
            f"import of {before.created_at:%d %B %Y, %H:%M} UTC first."
        )
    job = current_jobs().enqueue(KIND, {"import_id": found.id}, "Waiting to import campaign results.")
    with write_transaction():
        found.state, found.job_id, found.message = "importing", job.id, ""
    return job


def job_of(found: CampaignImport) -> Job | None:
    """The job that imports a file or did so last."""
    return db.session.get(Job, found.job_id) if found.job_id else None


def state_of(found: CampaignImport) -> str:
    """As people should see it: an import whose job has ended without a word was interrupted."""
    job = job_of(found)
    if found.state == "importing" and (job is None or not job.is_active):
        return "cancelled" if job is not None and job.state == "cancelled" else "interrupted"
    return found.state


def take_out(found: CampaignImport) -> int:
    """Delete an import with all its rows, as if it had never been; how many rows. Its file goes too."""
    job = job_of(found)
    if job is not None and job.is_active:
        raise ImportRefusedError("It is being imported right now: stop that first.")
    with write_transaction() as session:
        number = session.scalar(select(func.count()).where(CampaignRow.import_id == found.id)) or 0
        session.execute(delete(CampaignImport).where(CampaignImport.id == found.id))
        wanted = _wanted_by_others(session, found)
    if not wanted:
        sent_files.forget(found.sha256)
    return number


def usual_of(found: CampaignImport) -> Context:
    """The context of rows that do not tell theirs. The sneaker type is the product's own: see `placing.py`."""
    return Context(**found.usual, sneaker_type="lifestyle")


def counts_of_row(row: ImportedRow) -> dict[str, int | None]:
    """A row's counts by column of the table; None for what it does not tell."""
    return {name: row.counts.get(name) for name in COUNTS}


def _drop_without_file(session: Session) -> None:
    """Forget what was never imported and whose file has been deleted since: nothing can come of it any more."""
    for one in session.scalars(select(CampaignImport).where(CampaignImport.state.in_(WAITING))):
        if not sent_files.is_kept(one.sha256):
            session.delete(one)
    session.flush()


def _wanted_by_others(session: Session, found: CampaignImport) -> bool:
    question = select(CampaignImport.id).where(
        CampaignImport.sha256 == found.sha256, CampaignImport.id != found.id, CampaignImport.state != "imported"
    )
    return session.scalar(question.limit(1)) is not None


def _imported_otherwise(found: CampaignImport) -> CampaignImport | None:
    earlier = db.session.scalars(
        select(CampaignImport).where(
            CampaignImport.sha256 == found.sha256, CampaignImport.id != found.id, CampaignImport.imported > 0
        )
    )
    return next((one for one in earlier if one.mapping != found.mapping), None)


def _headers_digest(columns: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(sorted(column.lower() for column in columns)).encode()).hexdigest()
