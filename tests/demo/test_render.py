"""Pictures of the demo shoes: exact masks, repeatable pixels, and models that can be told apart."""

from dataclasses import dataclass

import numpy as np
import pytest

from demo import render as renderer
from demo.contact_sheet import contact_sheet
from demo.models import MODELS
from demo.render import ANGLES, Light, Rendering, cutout_rgba, render, render_colorways, render_sequence

SMALL = (96, 64)
DART = MODELS[0]


def test_the_same_arguments_give_the_same_picture() -> None:
    first = render(DART, DART.colorways[0], 40, size=SMALL)
    renderer.view_of.cache_clear()
    renderer._built.cache_clear()
    renderer._colours.cache_clear()
    again = render(DART, DART.colorways[0], 40, size=SMALL)
    assert np.array_equal(first.image, again.image)
    assert np.array_equal(first.mask, again.mask)


def test_a_picture_says_its_size_and_angle() -> None:
    picture = render(DART, DART.colorways[0], 370, size=(120, 81))
    assert picture.image.shape == (81, 120, 3)
    assert picture.mask.shape == (81, 120)
    assert picture.angle_deg == 10


def test_mask_and_shape_do_not_depend_on_the_colorway() -> None:
    masks = [picture.mask for picture in render_colorways(DART, 20, SMALL)]
    assert all(np.array_equal(masks[0], mask) for mask in masks)


@pytest.mark.parametrize("angle", [0, 70, 180, 250])
def test_the_mask_is_exactly_where_the_background_does_not_show(angle: int) -> None:
    dark, bright = (
        render(DART, DART.colorways[0], angle, size=SMALL, background=ground, light=Light(shadow=0))
        for ground in ((0, 0, 0), (255, 255, 255))
    )
    differs = np.abs(bright.image.astype(int) - dark.image).max(axis=2)
    assert (differs[bright.mask == 255] == 0).all()
    assert (differs[bright.mask == 0] == 255).all()
    assert ((bright.mask > 0) & (bright.mask < 255)).any(), "the edge is antialiased"


def test_the_cutout_is_the_picture_without_its_background() -> None:
    cutout = cutout_rgba(DART, DART.colorways[1], 30, size=SMALL)
    picture = render(DART, DART.colorways[1], 30, size=SMALL)
    assert np.array_equal(cutout[..., 3], picture.mask)
    inside = picture.mask == 255
    assert np.abs(cutout[..., :3][inside].astype(int) - picture.image[inside]).max() <= 1


VIEWS = ((0, 8), (50, 8), (90, 8), (270, 8), (45, 35), (90, 55))


@dataclass
class Lineup:
    """Every model, in the order of MODELS: from a few sides in one and the same colorway, and in its own colours."""

    views: dict[tuple[int, int], list[Rendering]]  # by (angle, elevation)
    colorways: list[list[Rendering]]  # one list per model


@pytest.fixture(scope="module")
def lineup() -> Lineup:
    seen = Lineup({view: [] for view in VIEWS}, [])
    for model in MODELS:
        for angle, elevation in VIEWS:
            picture = render(model, DART.colorways[0], angle, size=SMALL, elevation_deg=elevation)
            seen.views[angle, elevation].append(picture)
        seen.colorways.append(render_colorways(model, 0, SMALL))
    return seen


@pytest.mark.parametrize("view", VIEWS)
def test_the_shoe_stands_inside_the_picture(view: tuple[int, int], lineup: Lineup) -> None:
    for model, picture in zip(MODELS, lineup.views[view], strict=True):
        mask = picture.mask
        edge = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
        assert not edge.any(), f"{model.slug} leaves the picture at {view}"
        assert 0.08 < (mask > 127).mean() < 0.75


@pytest.mark.parametrize("view", VIEWS[:4])
def test_models_differ_by_more_than_colour(view: tuple[int, int], lineup: Lineup) -> None:
    """In one and the same colorway, and without colour, no two models look alike from any side."""
    pictures = np.stack([picture.image.astype(float).mean(axis=2) for picture in lineup.views[view]])
    for k in range(1, len(pictures)):
        gap = np.abs(pictures[:k] - pictures[k]).mean(axis=(1, 2))
        assert gap.min() > 2, f"{MODELS[k].slug} looks like {MODELS[int(gap.argmin())].slug} at {view}"


def test_every_colorway_renders_and_looks_different(lineup: Lineup) -> None:
    for model, renderings in zip(MODELS, lineup.colorways, strict=True):
        assert len(renderings) == len(model.colorways)
        pictures = [picture.image.astype(float) for picture in renderings]
        for k, picture in enumerate(pictures):
            assert all(np.abs(picture - other).mean() > 1 for other in pictures[:k]), model.slug


def test_a_turn_has_36_different_views() -> None:
    assert list(ANGLES) == [10 * k for k in range(36)]
    pictures = list(render_sequence(DART, DART.colorways[0], SMALL))
    assert [picture.angle_deg for picture in pictures] == list(ANGLES)
    assert len({picture.image.tobytes() for picture in pictures}) == 36


def test_light_and_elevation_change_the_picture() -> None:
    plain = render(DART, DART.colorways[0], 0, size=SMALL).image.astype(int)
    for other in (
        render(DART, DART.colorways[0], 0, size=SMALL, light=Light(azimuth_deg=60)),
        render(DART, DART.colorways[0], 0, size=SMALL, light=Light(warmth=1.0)),
        render(DART, DART.colorways[0], 0, size=SMALL, elevation_deg=35),
    ):
        assert np.abs(other.image - plain).mean() > 0.5


def test_there_is_a_soft_shadow_under_the_shoe() -> None:
    picture = render(DART, DART.colorways[0], 0)
    ground = picture.image[..., 0][picture.mask == 0]
    assert ground.min() < 200
    assert (ground > 250).mean() > 0.5


def test_a_contact_sheet_shows_every_model() -> None:
    page = contact_sheet(MODELS[:5], angles=(0, 90), size=SMALL, columns=4)
    assert page.shape == (3 * 64, 4 * 96, 3)
