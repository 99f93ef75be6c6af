"""The evidence card: which past sends come nearest to a picture in a context, and what came of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.conversions.contexts import CAMPAIGN_TYPES, INDUSTRIES, SNEAKER_TYPES, Context
from ml.conversions.rows import PROVENANCES, CampaignRows, Embeddings
from ml.conversions.targets import Target

SHOWN = 5
SAME_CAMPAIGN_TYPE = 0.10
SAME_INDUSTRY = SAME_SNEAKER_TYPE = 0.05
"""What a shared context counts for, in cosine similarity."""


@dataclass(frozen=True)
class PastSend:
    """One past send: its picture, how similar it looks (cosine, -1 to 1), its context, and `happened` of `emails`."""

    picture: str
    augment: str
    similarity: float
    context: Context
    happened: int
    emails: int
    provenance: str

    @property
    def rate(self) -> float:
        """The share (or the cents per e-mail) that was observed."""
        return self.happened / self.emails


def nearest_sends(
    past: CampaignRows, embedding: Embeddings, context: Context, target: Target, shown: int = SHOWN
) -> tuple[PastSend, ...]:
    """The past sends that tell of the target and lie nearest to a unit embedding (D,), nearest first.

    Rows of the same picture and context count as one send. Near is what looks alike; a shared campaign type, industry
    or sneaker type counts a little.
    """
    known = np.flatnonzero(past.outcomes(target)[1] > 0)
    if not len(known):
        return ()
    similarity = past.pictures.embeddings @ np.asarray(embedding, np.float32)
    sends, _ = past.chosen(known[_of_nearest(past.chosen(known), similarity, context, shown)]).merged()
    nearness = _nearness(sends, similarity, context)
    similarity = similarity[sends.picture]
    happened, emails = sends.outcomes(target)
    return tuple(
        PastSend(
            picture=str(past.pictures.ids[sends.picture[row]]),
            augment=str(past.pictures.augments[sends.picture[row]]),
            similarity=float(similarity[row]),
            context=Context(
                CAMPAIGN_TYPES[sends.campaign_type[row]],
                INDUSTRIES[sends.industry[row]],
                SNEAKER_TYPES[sends.sneaker_type[row]],
            ),
            happened=int(happened[row]),
            emails=int(emails[row]),
            provenance=PROVENANCES[sends.provenance[row]],
        )
        for row in np.argsort(-nearness, kind="stable")[:shown]
    )


def _nearness(rows: CampaignRows, similarity: Embeddings, context: Context) -> NDArray[np.float64]:
    """(N,) from the similarity (P,) of the pictures."""
    campaign_type, industry, sneaker_type = context.codes()
    nearness = similarity[rows.picture] + SAME_CAMPAIGN_TYPE * (rows.campaign_type == campaign_type)
    nearness = nearness + SAME_INDUSTRY * (rows.industry == industry)
    return np.asarray(nearness + SAME_SNEAKER_TYPE * (rows.sneaker_type == sneaker_type), np.float64)


def _of_nearest(rows: CampaignRows, similarity: Embeddings, context: Context, shown: int) -> NDArray[np.bool_]:
    """(N,): which rows belong to the nearest sends, so that only those need to be merged."""
    send = np.ravel_multi_index(
        (rows.picture, rows.campaign_type, rows.industry, rows.sneaker_type),
        (len(rows.pictures), len(CAMPAIGN_TYPES), len(INDUSTRIES), len(SNEAKER_TYPES)),
    )
    sends, first = np.unique(send, return_index=True)
    nearest = np.argsort(-_nearness(rows.chosen(first), similarity, context), kind="stable")[:shown]
    return np.isin(send, sends[nearest])
