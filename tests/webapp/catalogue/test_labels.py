"""One model, one label."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from webapp.catalogue.labels import label_of, spelled


@pytest.mark.parametrize(
    ("brand", "name", "label"),
    [
        ("Vello", "Dart Low", "vello_dart_low"),
        ("nike", "Nike LeBron 15", "nike_lebron_15"),
        ("nike", "Nike LeBron 15 - Men's", "nike_lebron_15"),
        ("vans", "Vans Authentic - Boys' Grade School", "vans_authentic"),
        ("New Balance", "New Balance 574", "new_balance_574"),
        ("New Balance", "574", "new_balance_574"),
        ("adidas", "X 17.1 FG", "adidas_x_17_1_fg"),
        ("Ondine", "Été Café", "ondine_ete_cafe"),
        ("Nikelab", "Nike One", "nikelab_nike_one"),
        ("Vello", "Kids - Club", "vello_kids_club"),
        ("安踏", "Dart", "安踏_dart"),
    ],
)
def test_label_of(brand: str, name: str, label: str) -> None:
    assert label_of(brand, name) == label


@pytest.mark.parametrize(
    ("label", "catalogues"),
    [
        ("asics_gel-lyte_iii", "asics_gel_lyte_iii"),
        ("nike_air_max_plus_(tn)", "nike_air_max_plus_tn"),
        ("Nike Dunk Low", "nike_dunk_low"),
        ("nike_nike_one", "nike_nike_one"),
        ("vello_dart_low", "vello_dart_low"),
        ("安踏_dart", "安踏_dart"),
        ("(!)", ""),
    ],
)
def test_a_bundles_label_as_the_catalogue_spells_it(label: str, catalogues: str) -> None:
    assert spelled(label) == catalogues
    assert spelled(spelled(label)) == spelled(label)


@pytest.mark.parametrize("name", ["Gel-Lyte III", "Été Café", "X 17.1 FG", "a" * 296 + " b", "a" * 400, "İ ẞ K"])
def test_our_labels_are_spelled_already(name: str) -> None:
    label = label_of("Vello", name)
    assert len(label) <= 300
    assert spelled(label) == label


@pytest.mark.data
def test_labels_of_real_titles_are_the_models_of_the_ground_truth(shared_data: Path) -> None:
    with (shared_data / "footlocker" / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    wrong = [row for row in rows if label_of(row["brand"], row["title"]) != row["model"]]
    assert len(wrong) <= len(rows) // 1000, wrong[:5]
