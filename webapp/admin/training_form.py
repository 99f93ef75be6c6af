"""The forms that start a training, a search for settings, a measurement: what they ask, in which words.

`webapp.training.orders` says what may be answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from webapp.settings import Settings
from webapp.training.asking import picture_sets
from webapp.training.orders import NETWORKS, OPTIMIZERS
from webapp.training.starts import starting_weights


@dataclass(frozen=True)
class Field:
    """One question. With `choices` (values, or pairs of a value and its words) it is answered by one of them; `note`
    says what is usual where nothing is typed."""

    name: str
    title: str
    note: str = ""
    choices: tuple[str | tuple[str, str], ...] = ()

    @property
    def options(self) -> list[tuple[str, str]]:
        """The values to choose from, each with its words."""
        return [(one, one or self.note) if isinstance(one, str) else one for one in self.choices]


def main_fields(settings: Settings) -> list[Field]:
    """What everybody looks at: pictures, network, where to begin."""
    return [
        _pictures(settings),
        Field("network", "Network", choices=NETWORKS),
        Field(
            "weights",
            "Starting weights",
            "the usual: those of the bundle on duty, for VGG16",
            choices=("", *starting_weights(settings)),
        ),
    ]


def search_fields(settings: Settings) -> list[Field]:
    """The same for a search for settings, and how it searches."""
    return [
        *main_fields(settings),
        Field("trials", "Trials, in all", "40"),
        Field("fine_tune", "A trial is", choices=(("", "the top model only"), ("yes", "the whole training"))),
        Field("objective", "Better is", choices=(("", "a smaller log-loss"), ("accuracy", "a higher accuracy"))),
        Field("sampler", "How to search", choices=_SAMPLERS),
    ]


def measurement_fields(settings: Settings, bundles: Sequence[str]) -> list[Field]:
    """Which bundle is measured, on which pictures."""
    splits = (("all", "all of them"), *((one, f"the {one} split") for one in ("test", "validation", "train")))
    measured = Field("bundle", "Bundle", choices=tuple(bundles))
    return [measured, _pictures(settings), Field("split", "Measured on", choices=splits)]


def _pictures(settings: Settings) -> Field:
    return Field("pictures", "Pictures", choices=tuple(picture_sets(settings)))


_SAMPLERS = (("", "by what trials taught (TPE)"), ("gp", "by a Gaussian process"), ("random", "at random"))
_LEARNING_FIELDS = (
    Field("split", "Split", "80/20"),
    Field("seed", "Seed", "0"),
    Field("minimum", "Fewest pictures of a label", "1"),
    Field("size", "Side of the pictures, pixels", "the network's own"),
    Field("batch_size", "Pictures in a batch", "64"),
    Field("dimensions", "Length of the embedding", "the network's own"),
    Field("variants", "Augmented versions of each picture", "6"),
    Field("augmentation", "Augment the pictures", "yes", choices=("", "yes", "no")),
    Field("oversample", "Repeat rare labels, to this share of the largest", "0"),
    Field("class_weights", "Let rare labels count for more", "no", choices=("", "yes", "no")),
    Field("top_epochs", "Epochs of the top model", "30"),
    Field("top_optimizer", "Optimiser of the top model", "adamw", choices=("", *OPTIMIZERS)),
    Field("top_rate", "Learning rate of the top model", "the optimiser's own"),
    Field("fine_epochs", "Epochs of fine-tuning", "15; 0 for none"),
    Field("fine_optimizer", "Optimiser of fine-tuning", "the network's own", choices=("", *OPTIMIZERS)),
    Field("fine_rate", "Learning rate of fine-tuning", "the optimiser's own"),
    Field("weight_decay", "Weight decay", "the optimiser's own"),
    Field("momentum", "Momentum", "the optimiser's own"),
    Field("schedule", "Schedule", "cosine", choices=("", "cosine", "plateau")),
    Field("early_stop", "End after so many epochs without progress", "0: never"),
    Field("label_smoothing", "Label smoothing", "0.05"),
    Field("dropout", "Dropout", "the network's own"),
)
FURTHER_FIELDS = (
    Field("frozen", "Frozen layers", "the network's own"),
    Field("augments", "Pictures that teach it to name augments, at most", "2000; 0 for none"),
    *_LEARNING_FIELDS,
)
_SEARCHED = frozenset(
    ("top_optimizer", "top_rate", "top_epochs", "dimensions", "weight_decay", "momentum", "batch_size", "dropout")
) | {"label_smoothing"}
FIXED_FIELDS = tuple(
    replace(field, note="searched") if field.name in _SEARCHED else field for field in _LEARNING_FIELDS
)
"""What a search leaves alone where it is given."""
