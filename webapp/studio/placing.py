"""Imported rows meet the catalogue: each gets its picture, its augment and its product's sneaker type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ml.conversions.campaign_import import CampaignImport, ImportedRow
from ml.conversions.contexts import sneaker_type_of
from ml.datasets.csv_table import RowFault, Table
from ml.imaging.augments.table import AUGMENTS
from webapp.studio.picture_names import PictureNames, augment_named


@dataclass(frozen=True)
class Placed:
    """A good row and the picture of the catalogue that it is about."""

    row: ImportedRow
    image_id: int
    augment: str


def placed(imported: CampaignImport, table: Table, names: PictureNames) -> tuple[Sequence[Placed], Sequence[RowFault]]:
    """The rows with their pictures, and all faults by line: a row whose augment is none joins them.

    The sneaker type is the row's own where it tells one, else that of its product's category.
    """
    column = imported.mapping.get("sneaker_type")
    telling = {row.line for row in table.rows if column and row.values[column].strip()}
    good, faults = [], list(imported.faults)
    for row in imported.rows:
        found = names.found(row.picture)
        augment = augment_named(row.augment)
        if found is None:  # it went out of the catalogue while the file was read
            faults.append(RowFault(row.line, f"there is no picture {row.picture!r}: write it as the catalogue does"))
        elif augment is None:
            allowed = ", ".join(AUGMENTS)
            faults.append(RowFault(row.line, f"there is no augment {row.augment!r}: choose one of {allowed}"))
        else:
            image_id, told_by_name = found
            context = row.context
            if row.line not in telling:
                context = replace(context, sneaker_type=sneaker_type_of(names.category_of(image_id)))
            said = told_by_name if augment == "original" and told_by_name else augment
            good.append(Placed(replace(row, context=context), image_id, said))
    return good, sorted(faults, key=lambda fault: fault.line)
