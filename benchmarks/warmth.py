"""What second heads go by when they call a picture brighter: its light, or the trace of warmth that ours leaves.

Pictures of validated labels as they are, brightened, brightened with the warmth taken out again, and as they are with
as much warmth put in: each as an e-mail delivers it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.table import markdown
from ml.datasets.pictures import TRUSTED
from ml.datasets.snapshot import Snapshot, SnapshotImage
from ml.imaging.augments.delivered import make_variants
from ml.imaging.augments.table import PUBLISHED
from ml.imaging.augments.tones import BRIGHTER_BLUE
from ml.imaging.cutout import whole_picture
from ml.imaging.decode import decode
from ml.imaging.email import encode_for_email
from ml.imaging.fit import Picture, fit_square
from ml.serving.bundle import Bundle
from ml.training.graphs import AUGMENTS, open_output

PICTURES = 120
HEADINGS = (
    *("bundle", "pictures of", "pictures", "untouched", "brighter"),
    *("brighter, warmth taken out", "untouched, warmth put in"),
)


def warmth_table(bundles: Sequence[Bundle], sets: Sequence[tuple[str, Snapshot, Sequence[SnapshotImage]]]) -> str:
    """A row for each bundle and set: the shares of its pictures, in each version, that are called brighter."""
    rows = []
    for bundle in bundles:
        for name, snapshot, images in sets:
            places = np.sort(np.random.default_rng(0).permutation(len(images))[:PICTURES])
            shares = called_brighter(bundle, snapshot, [images[place] for place in places])
            rows.append((bundle.folder.name, name, str(len(places)), *(f"{share:.3f}" for share in shares)))
    return markdown(HEADINGS, rows)


def called_brighter(bundle: Bundle, snapshot: Snapshot, images: Sequence[SnapshotImage]) -> NDArray[np.float64]:
    """(4,): how many of these pictures are called brighter, in the order of the headings."""
    answer = open_output(bundle.model_file, AUGMENTS)
    called = []
    for image in images:
        picture = decode(snapshot.file(image).read_bytes(), TRUSTED)
        squares = np.stack([fit_square(version, bundle.card.input_size) for version in _versions(picture)])
        called.append(answer(squares).argmax(axis=1) == PUBLISHED.index("brighter"))
    return np.asarray(np.mean(called, axis=0), np.float64)


def _versions(picture: Picture) -> Iterator[Picture]:
    made = make_variants(picture, whole_picture(picture, ""), ("original", "brighter"))
    original, brighter = (made[name].pixels for name in ("original", "brighter"))
    yield original
    yield brighter
    yield encode_for_email(_with_blue(brighter, 1 / BRIGHTER_BLUE)).pixels
    yield encode_for_email(_with_blue(original, BRIGHTER_BLUE)).pixels


def _with_blue(picture: Picture, share: float) -> Picture:
    blue = np.clip((picture[..., 2] * share).round(), 0, 255)
    return np.dstack([picture[..., 0], picture[..., 1], blue]).astype(np.uint8)
