"""The form that starts a training: what it asks, in which words. `webapp.training.orders` says what may be answered."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.settings import Settings
from webapp.training.asking import picture_sets
from webapp.training.orders import NETWORKS, OPTIMIZERS
from webapp.training.starts import starting_weights


@dataclass(frozen=True)
class Field:
    """One question. With `choices` it is answered by one of them; `note` says what is usual where nothing is typed."""

    name: str
    title: str
    note: str = ""
    choices: tuple[str, ...] = ()


def main_fields(settings: Settings) -> list[Field]:
    """What everybody looks at: pictures, network, where to begin."""
    return [
        Field("pictures", "Pictures", choices=tuple(picture_sets(settings))),
        Field("network", "Network", choices=NETWORKS),
        Field(
            "weights",
            "Starting weights",
            "the usual: those of the bundle on duty, for VGG16",
            choices=("", *starting_weights(settings)),
        ),
    ]


FURTHER_FIELDS = (
    Field("split", "Split", "80/20"),
    Field("seed", "Seed", "0"),
    Field("minimum", "Fewest pictures of a label", "1"),
    Field("size", "Side of the pictures, pixels", "the network's own"),
    Field("batch_size", "Pictures in a batch", "64"),
    Field("dimensions", "Length of the embedding", "the network's own"),
    Field("frozen", "Frozen layers", "the network's own"),
    Field("variants", "Augmented versions of each picture", "6"),
    Field("augmentation", "Augment the pictures", "yes", choices=("", "yes", "no")),
    Field("augments", "Pictures that teach it to name augments, at most", "2000; 0 for none"),
    Field("oversample", "Repeat rare labels, to this share of the largest", "0"),
    Field("class_weights", "Let rare labels count for more", "no", choices=("", "yes", "no")),
    Field("top_epochs", "Epochs of the top model", "30"),
    Field("top_optimizer", "Its optimiser", "adamw", choices=("", *OPTIMIZERS)),
    Field("top_rate", "Its learning rate", "the optimiser's own"),
    Field("fine_epochs", "Epochs of fine-tuning", "15; 0 for none"),
    Field("fine_optimizer", "Its optimiser", "the network's own", choices=("", *OPTIMIZERS)),
    Field("fine_rate", "Its learning rate", "the optimiser's own"),
    Field("weight_decay", "Weight decay", "the optimiser's own"),
    Field("momentum", "Momentum", "the optimiser's own"),
    Field("schedule", "Schedule", "cosine", choices=("", "cosine", "plateau")),
    Field("early_stop", "End after so many epochs without progress", "0: never"),
    Field("label_smoothing", "Label smoothing", "0.05"),
    Field("dropout", "Dropout", "the network's own"),
)
