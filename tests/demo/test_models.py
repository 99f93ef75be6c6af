"""The demo catalogue: enough models, each with its own name, code, colours and design."""

from collections import Counter

import pytest

from demo.colours import SCHEMES
from demo.marks import MARKS
from demo.models import MODELS, style_code
from demo.panels import UPPER_PANELS, WALL_PATTERNS
from demo.shape import PROFILES
from demo.sheet import GLOSS, ROLES


def test_there_are_at_least_44_models_in_every_usual_category() -> None:
    assert len(MODELS) >= 44
    assert {"low", "mid", "high", "runner", "skate", "slip-on", "chunky"} <= {model.category for model in MODELS}
    assert {model.gender for model in MODELS} == {"men", "women", "kids", "unisex"}


def test_slug_is_the_words_of_brand_and_name() -> None:
    assert {model.slug: (model.brand, model.name) for model in MODELS}["vello_dart_low"] == ("Vello", "Dart Low")
    assert len({model.slug for model in MODELS}) == len(MODELS)
    assert all(model.slug == "_".join((model.brand + " " + model.name).lower().split()) for model in MODELS)


def test_every_model_comes_in_three_colorways_or_more() -> None:
    for model in MODELS:
        assert len({colorway.slug for colorway in model.colorways}) == len(model.colorways) >= 3
    assert len({scheme.slug for scheme in SCHEMES}) == len(SCHEMES)


def test_style_codes_are_unique() -> None:
    codes = [style_code(model, colorway) for model in MODELS for colorway in model.colorways]
    assert len(set(codes)) == len(codes)
    assert codes[0] == "VD-1001-101"


def test_a_style_code_needs_a_colorway_of_the_model() -> None:
    foreign = next(scheme for scheme in SCHEMES if scheme not in MODELS[0].colorways)
    with pytest.raises(ValueError, match="not in list"):
        style_code(MODELS[0], foreign)


def test_no_two_models_share_their_design() -> None:
    designs = Counter((model.design.panels, model.design.mark, model.design.wall) for model in MODELS)
    assert max(designs.values()) == 1


def test_every_word_of_a_design_is_known() -> None:
    for model in MODELS:
        design = model.design
        assert design.mark.kind in MARKS
        assert design.wall in WALL_PATTERNS
        assert model.tooling.profile in PROFILES
        assert {panel.kind for panel in design.panels} <= UPPER_PANELS.keys()
        assert {panel.role for panel in design.panels} | {*design.tones, design.strap_role} <= {*ROLES}
        assert {panel.material for panel in design.panels} | {design.base} <= GLOSS.keys()
        assert set(design.tones.values()) <= set(model.colorways[0].tones())
