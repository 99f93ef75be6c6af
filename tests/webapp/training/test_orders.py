"""What may be asked of a training, in words that a form or JSON brings; everything else is refused by name."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from ml.__main__ import _parser as parser_of_ml
from ml.networks.table import NETWORKS as KNOWN_NETWORKS
from webapp.jobs.queue import current_jobs
from webapp.settings import Settings
from webapp.training.asking import ask_evaluation, ask_training, ask_tuning, picture_sets
from webapp.training.orders import NETWORKS, ORDERS, OrderError, arguments_of, order_of


def test_the_networks_are_those_that_can_be_trained() -> None:
    assert set(NETWORKS) == {network.name for network in KNOWN_NETWORKS}


@pytest.mark.parametrize("kind", ORDERS)
def test_every_option_is_one_that_the_command_knows(kind: str) -> None:
    """Each flag is given to the command's own parser."""
    places = ["bundle", "pictures"] if kind == "evaluate" else ["pictures", "--out", "run"]
    some: dict[str, Any] = {"split": "test" if kind == "evaluate" else "80/20", "network": "vgg16", "size": 64}
    some |= {"sampler": "tpe", "objective": "accuracy", "augmentation": False, "class_weights": True, "fine_tune": True}
    some |= {"top_optimizer": "adam", "fine_optimizer": "sgd", "schedule": "cosine", "weights": "none", "bundle": "b"}
    some |= dict.fromkeys(("oversample", "momentum", "dropout", "label_smoothing", "top_rate", "fine_rate"), "0.1")
    some |= {"dimensions": 64, "pictures": "catalogue"}
    order = order_of(kind, {name: some.get(name, 1) for name in ORDERS[kind]})
    chosen = parser_of_ml().parse_args([kind, *places, *arguments_of(kind, order)])
    assert chosen.command.__name__ == f"_{kind}"


def test_what_is_left_out_or_empty_is_as_usual() -> None:
    usual = {"pictures": "catalogue", "network": "vgg16", "augments": 2000}
    assert order_of("train", {"network": "", "seed": None, "augments": ""}) == usual
    assert arguments_of("train", order_of("train", {"augmentation": "no", "seed": "3"})) == [
        *("--network", "vgg16", "--augments", "2000", "--seed", "3", "--no-augmentation")
    ]
    assert "--augments" not in arguments_of("train", order_of("train", {"augments": "0"}))
    assert "--no-augmentation" not in arguments_of("train", order_of("train", {"augmentation": True}))


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"netwrok": "vgg16"}, "There is no option 'netwrok'. Those that there are: pictures, network"),
        ({"network": "gpt"}, "network must be one of vgg16"),
        ({"seed": -1}, "seed must be a whole number from 0"),
        ({"seed": True}, "seed must be"),
        ({"seed": "1e3"}, "seed must be"),
        ({"size": 10**9}, "size must be a whole number from 32 to 512"),
        ({"top_rate": "nan"}, "top_rate must be a number"),
        ({"dropout": "inf"}, "dropout must be"),
        ({"split": "80/20; rm -rf /"}, "split must be 80/20"),
        ({"pictures": "../../etc"}, "pictures must be catalogue"),
        ({"pictures": ["catalogue"]}, "pictures must be"),
        ({"pictures": "elsewhere"}, "pictures must be one of catalogue, shapes"),
        ({"weights": "/etc/passwd"}, "weights must be imagenet, none"),
        ({"weights": "missing.h5"}, "weights must be one of imagenet, none, not"),
        ({"augmentation": "perhaps"}, "augmentation must be yes or no"),
        ({"class_weights": {}}, "class_weights must be yes or no"),
        ({"x" * 5000: 1}, "There is no option 'xxx"),
    ],
)
def test_anything_else_is_refused_by_name(
    app_context: Flask, settings: Settings, sent: dict[str, Any], words: str
) -> None:
    (settings.pictures_folder / "shapes").mkdir(parents=True)
    for ask in (ask_training, ask_tuning):
        with pytest.raises(OrderError) as refused:
            ask(sent)
        assert words in str(refused.value)
        assert len(str(refused.value)) < 700


def test_asking_puts_one_job_into_the_heavy_lane(app_context: Flask, settings: Settings) -> None:
    (settings.pictures_folder / "shapes").mkdir(parents=True)
    assert picture_sets(settings) == ["catalogue", "shapes"]
    job = ask_training({"pictures": "shapes", "network": "mobilenetv2"}, "admin@example.com")
    assert (job.kind, job.owner, job.message) == ("train", "admin@example.com", "Waiting to train mobilenetv2.")
    assert ask_training({"pictures": "shapes", "network": "mobilenetv2"}).id == job.id
    assert {current_jobs().lane_of(kind).name for kind in ("train", "tune", "evaluate")} == {"heavy"}
    with pytest.raises(OrderError, match="bundle is missing"):
        ask_evaluation({})
