"""Campaign rows keep their columns together, merge without loss, and know what they do not know."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ml.conversions.contexts import SNEAKER_TYPES, Context, code_of, sneaker_type_of
from ml.conversions.grouping import folds_of, halves_of
from ml.conversions.rows import COUNTS, UNKNOWN, Pictures, counts_of, joined
from ml.conversions.simulators import Simulation, simulate_funnel
from ml.conversions.targets import TARGETS, UnknownNameError, target_named


def test_merged_rows_count_the_same(published: Simulation) -> None:
    few, place = published.rows.merged()
    assert len(few) < len(published.rows)
    assert np.array_equal(few.picture[place], published.rows.picture)
    for target in TARGETS.values():
        told = [table.outcomes(target) for table in (few, published.rows)]
        assert [column.sum() for column in told[0]] == [column.sum() for column in told[1]]


def test_what_nobody_reported_says_nothing(published: Simulation) -> None:
    happened, among = published.rows.outcomes(TARGETS["open"])
    assert not happened.any() and not among.any()
    assert published.rows.outcomes(TARGETS["conversion"])[1].all()


def test_delivered_is_sent_less_bounced(pictures: Pictures, published: Simulation) -> None:
    counts = counts_of({"recipients": np.array([10, 10, 10]), "bounces": np.array([2, UNKNOWN, 10])}, 3)
    rows = replace(published.rows.chosen(np.arange(3)), counts=counts)
    assert rows.count("delivered").tolist() == [8, 10, 0]
    assert rows.outcomes(TARGETS["bounce"])[1].tolist() == [10, 0, 10]


def test_joined_tables_point_at_their_own_pictures(published: Simulation, funnel: Simulation) -> None:
    both = joined([published.rows, funnel.rows])
    assert len(both) == len(published.rows) + len(funnel.rows)
    ids = both.pictures.ids[both.picture[len(published.rows) :]]
    assert np.array_equal(ids, funnel.rows.pictures.ids[funnel.rows.picture])
    with pytest.raises(ValueError, match="no rows to join"):
        joined([])


def test_the_digest_tells_tables_apart(published: Simulation, pictures: Pictures) -> None:
    rows = published.rows
    assert rows.digest() == rows.chosen(np.arange(len(rows))).digest()
    assert rows.digest() != rows.chosen(np.arange(len(rows) - 1)).digest()


def test_tables_that_do_not_fit_are_refused(published: Simulation) -> None:
    rows = published.rows
    with pytest.raises(ValueError, match="codes outside"):
        replace(rows, industry=rows.industry + 99)
    with pytest.raises(ValueError, match="outside the"):
        replace(rows, picture=rows.picture + 10_000)
    with pytest.raises(ValueError, match="counts are"):
        replace(rows, counts=rows.counts[:, :3])
    with pytest.raises(ValueError, match="differ in length"):
        replace(rows.pictures, ids=rows.pictures.ids[:2])


def test_groups_never_straddle() -> None:
    groups = np.random.default_rng(0).integers(0, 40, 1000)
    folds = folds_of(groups, 5, seed=1)
    assert all(len(set(folds[groups == group])) == 1 for group in range(40))
    halves = halves_of(groups, 3, seed=1)
    assert np.array_equal(halves[::2], ~halves[1::2])
    assert all(len(set(half[groups == group])) == 1 for half in halves for group in range(40))


def test_unknown_names_are_told_with_the_allowed_ones() -> None:
    with pytest.raises(UnknownNameError, match="click_through, click_to_open"):
        target_named("likes")
    with pytest.raises(UnknownNameError, match="newsletter, promotional"):
        Context("spam", "retail", "running")
    assert code_of("campaign_type", " Product_Announcement ") == 8
    assert code_of("sneaker_type", "slip on") == code_of("sneaker_type", "Slip-On")


def test_every_category_of_the_demo_world_has_a_sneaker_type_of_its_own() -> None:
    from demo.models import MODELS

    assert {model.category for model in MODELS if sneaker_type_of(model.category) == "lifestyle"} == {"low"}
    assert {sneaker_type_of(model.category) for model in MODELS} <= set(SNEAKER_TYPES)
    assert sneaker_type_of("") == "lifestyle"


def test_each_target_is_a_share_of_known_columns() -> None:
    for target in TARGETS.values():
        assert target.happened in COUNTS
        assert target.among in (*COUNTS, "delivered")
        assert target.sentence.endswith(".")
        assert not target.instead or target.instead in TARGETS


def test_the_funnel_is_one(pictures: Pictures) -> None:
    rows = simulate_funnel(pictures, 500, seed=1).rows
    for less, more in [
        *(("bounces", "recipients"), ("opens", "delivered"), ("clicks", "opens"), ("carts", "clicks")),
        *(("abandoned_carts", "carts"), ("purchases", "conversions"), ("conversions", "clicks")),
    ]:
        assert (rows.count(less) <= rows.count(more)).all(), (less, more)
    assert ((rows.count("revenue_cents") > 0) <= (rows.count("purchases") > 0)).all()


def test_simulators_are_seeded_and_draw_what_they_say(pictures: Pictures, published: Simulation) -> None:
    first, again, other = (simulate_funnel(pictures, 400, seed=seed) for seed in (1, 1, 2))
    assert first.rows.digest() == again.rows.digest() != other.rows.digest()
    happened = published.rows.outcomes(TARGETS["conversion"])[0]
    lucky = published.truth["conversion"] == 0.8
    assert happened[lucky].mean() == pytest.approx(0.8, abs=0.05)
    assert happened[~lucky].mean() == pytest.approx(0.2, abs=0.05)
    large = simulate_funnel(pictures, 4000, seed=3)
    for name in ("open", "click_through", "abandoned_cart", "bounce"):
        told, among = large.rows.outcomes(TARGETS[name])
        assert told.sum() / among.sum() == pytest.approx(np.average(large.truth[name], weights=among), rel=0.05)


def test_the_catalogues_sneaker_types_are_taken_where_they_are_known(pictures: Pictures) -> None:
    groups = sorted(set(pictures.groups.tolist()))
    known = dict.fromkeys(groups[::2], "trail")
    rows = simulate_funnel(pictures, 600, seed=1, sneaker_types=known).rows
    drawn = simulate_funnel(pictures, 600, seed=1).rows
    told = np.isin(pictures.groups[rows.picture], list(known))
    assert set(rows.sneaker_type[told].tolist()) == {code_of("sneaker_type", "trail")}
    assert (rows.sneaker_type[~told] == drawn.sneaker_type[~told]).all()
