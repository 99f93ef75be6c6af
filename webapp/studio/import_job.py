"""The job "import": a file that was sent becomes rows. Good ones are kept, bad ones told by line, none comes twice.

All or nothing: an import that is cancelled or breaks off takes its rows out again, so that it can be started anew.
Everyone can see how far a job is: its messages name no file and tell no numbers of what came of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, insert, select

from ml.conversions.campaign_import import import_campaigns
from ml.conversions.columns import MappingError
from ml.datasets.csv_table import RowFault
from webapp.database import db, now, write_transaction
from webapp.jobs.progress import JobCancelled, Progress
from webapp.jobs.runner import JobFailed
from webapp.studio import sent_files
from webapp.studio.campaign_imports import counts_of_row, usual_of
from webapp.studio.campaign_models import CampaignFault, CampaignImport, CampaignRow
from webapp.studio.picture_names import read_names
from webapp.studio.placing import Placed, placed

AT_A_TIME = 2000
FAULTS_KEPT = 5000
"""So many lines are listed with their reasons; the others are only counted."""


def import_results(progress: Progress) -> dict[str, Any]:
    """Import a file; how many rows are new, were known before, or were left out."""
    found = db.session.get(CampaignImport, progress.options["import_id"])
    if found is None:
        raise JobFailed("This import was taken out before it began.")
    import_id = found.id
    try:
        counts = _imported(found, progress)
    except JobCancelled:
        _undo(import_id, "cancelled", "It was stopped: nothing of it was imported.")
        raise
    except (sent_files.SentFileError, MappingError) as error:
        _undo(import_id, "failed", str(error))
        raise JobFailed("The file cannot be imported: its page in the studio says why.") from error
    except BaseException:
        _undo(import_id, "failed", "It broke off: nothing of it was imported. Start it again.")
        raise
    progress.report(1, 1, "The campaign results are imported.", at_once=True)
    return counts


def _imported(found: CampaignImport, progress: Progress) -> dict[str, int]:
    import_id, sha256, file_name = found.id, found.sha256, found.file_name
    mapping, usual = dict(found.mapping), usual_of(found)
    _undo(import_id, "importing", "")
    _drop_what_broke_off()
    progress.report(0, 0, "Opening the campaign results", at_once=True)
    table = sent_files.read_whole(sha256, file_name)
    if len(table.rows) > sent_files.MOST_ROWS:
        raise sent_files.SentFileError(f"{file_name} has over {sent_files.MOST_ROWS:,} rows: split it.")
    names, known = read_names(), set(db.session.scalars(select(CampaignRow.digest)))
    db.session.rollback()  # what follows takes long: nobody should wait for the end of a reading transaction

    def tell(done: int, total: int) -> None:
        progress.report(done, 2 * total, f"Reading campaign results: {done:,} of {total:,} rows")

    imported = import_campaigns(table, names, usual, mapping=mapping, known=known, told=tell)
    good, faults = placed(imported, table, names)
    _write(import_id, good, progress)
    counts = {"new": len(good), "known": imported.known_before, "left out": len(faults)}
    _finish(import_id, counts, faults)
    sent_files.forget(sha256)
    return counts


def _write(import_id: int, good: Sequence[Placed], progress: Progress) -> None:
    for start in range(0, len(good), AT_A_TIME):
        progress.report(len(good) + start, 2 * len(good), f"Keeping campaign results: {start:,} of {len(good):,} rows")
        with write_transaction() as session:
            session.execute(insert(CampaignRow), [_columns(import_id, one) for one in good[start : start + AT_A_TIME]])


def _columns(import_id: int, one: Placed) -> dict[str, Any]:
    row = one.row
    return {
        "import_id": import_id,
        "digest": row.digest,
        "line": row.line,
        "picture": row.picture[:300],
        "image_id": one.image_id,
        "augment": one.augment,
        "campaign": row.campaign[:300],
        "sent_at": row.sent_at[:60],
        "campaign_type": row.context.campaign_type,
        "industry": row.context.industry,
        "sneaker_type": row.context.sneaker_type,
        **counts_of_row(row),
    }


def _finish(import_id: int, counts: dict[str, int], faults: Sequence[RowFault]) -> None:
    told = [{"import_id": import_id, "line": one.line, "reason": one.reason[:500]} for one in faults[:FAULTS_KEPT]]
    with write_transaction() as session:
        if told:
            session.execute(insert(CampaignFault), told)
        found = session.get_one(CampaignImport, import_id)
        found.state, found.message, found.finished_at = "imported", "", now()
        found.imported, found.known_before, found.faulty = counts["new"], counts["known"], counts["left out"]


def _drop_what_broke_off() -> None:
    """Delete rows of imports whose worker was killed: they would count as known. There is one worker only."""
    broken_off = select(CampaignImport.id).where(CampaignImport.state != "imported")
    with write_transaction() as session:
        session.execute(delete(CampaignRow).where(CampaignRow.import_id.in_(broken_off)))


def _undo(import_id: int, state: str, message: str) -> None:
    """Take out what an import has written so far."""
    with write_transaction() as session:
        session.execute(delete(CampaignRow).where(CampaignRow.import_id == import_id))
        session.execute(delete(CampaignFault).where(CampaignFault.import_id == import_id))
        found = session.get(CampaignImport, import_id)
        if found is not None:
            found.state, found.message = state, message[:500]
