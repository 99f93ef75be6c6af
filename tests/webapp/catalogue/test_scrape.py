"""A shop is read into the catalogue by a job; a shop that fails leaves the catalogue as it was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from tests.scraper.local_shop import LocalShop, Reply, running_shop
from tests.scraper.small_shop import open_small_shop, revalidated
from tests.tiny_bundle import write_tiny_bundle
from tests.webapp import shoes
from tests.webapp.conftest import Person, csrf_token, settings_of
from webapp.catalogue.known_models import list_known_models
from webapp.catalogue.scrape import KIND, UnknownSiteError, enqueue_scrape, is_done
from webapp.database import db
from webapp.jobs.models import Job
from webapp.jobs.queue import current_jobs, last_job
from webapp.jobs.runner import run_job

PRODUCTS = 6
ANGLES = 2


@pytest.fixture
def shop() -> Iterator[LocalShop]:
    """A small shop over HTTP whose pictures can be decoded."""
    with running_shop() as shop:
        open_small_shop(shop, PRODUCTS, per_page=4, angles=ANGLES)
        for number in range(PRODUCTS):
            for turn in range(ANGLES):
                picture = shoes.picture(number, turn * 90)
                headers = {"Content-Type": "image/png", "ETag": f'"{number}-{turn}"'}
                shop[f"/pictures/{number}-{turn * 10}.png"] = revalidated(Reply(body=picture, headers=headers))
        yield shop


def read(app: Flask, shop: LocalShop) -> Job:
    """Have the shop read, as the worker does it."""
    job_id = enqueue_scrape("demo", (f"{shop.url}/",)).id
    run_job(app, job_id)
    db.session.rollback()
    return db.session.get_one(Job, job_id)


def catalogue() -> dict[str, list[Any]]:
    db.session.rollback()
    return {
        table: list(db.session.execute(text(f"SELECT * FROM {table} ORDER BY id")))
        for table in ("products", "product_images")
    }


def without_dates(rows: dict[str, list[Any]]) -> list[Any]:
    return [tuple(row)[:12] for row in rows["products"]] + rows["product_images"]


@pytest.mark.usefixtures("app_context")
class TestScrape:
    def test_a_shop_fills_the_catalogue_and_again_changes_nothing(self, app: Flask, shop: LocalShop) -> None:
        job = read(app, shop)
        assert job.state == "succeeded", job.message
        assert job.counts["new"] == PRODUCTS
        assert job.message.startswith(f"The catalogue is filled: {PRODUCTS} products")
        assert is_done("demo")
        before = catalogue()
        assert len(before["product_images"]) == PRODUCTS * ANGLES
        again = read(app, shop)
        assert (again.counts["new"], again.counts["changed"], again.counts["unchanged"]) == (0, 0, PRODUCTS)
        assert again.message == f"demo has been read: {PRODUCTS} products, 0 new, 0 changed."
        assert without_dates(catalogue()) == without_dates(before)

    @pytest.mark.parametrize(
        "reply",
        [
            Reply(404),
            Reply(500),
            Reply(429, headers={"Retry-After": "3600"}),
            Reply.html(""),
            Reply.html("<html><p>Nothing for sale.</p></html>"),
            Reply.html("<html><ul><li><a href='/product/1'>Sho"),
        ],
        ids=["404", "500", "429", "empty page", "no products", "cut off"],
    )
    def test_a_shop_that_turns_bad_leaves_the_catalogue_as_it_was(
        self, app: Flask, shop: LocalShop, reply: Reply, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("scraper.pace.time.sleep", lambda seconds: None, raising=False)
        read(app, shop)
        before = catalogue()
        shop["/shoes?page=2"] = reply
        job = read(app, shop)
        assert job.state == "failed"
        assert job.message.endswith("The catalogue is as it was.")
        assert catalogue() == before

    def test_a_new_shop_that_fails_half_way_leaves_nothing(self, app: Flask, shop: LocalShop) -> None:
        shop["/shoes?page=2"] = Reply.html("<html><ul><li>")
        job = read(app, shop)
        assert job.state == "failed"
        assert "breaks off" in job.message
        assert catalogue() == {"products": [], "product_images": []}
        assert not is_done("demo")
        open_again = Reply.html("<html><ul><li><a href='/product/4'>4</a><li><a href='/product/5'>5</a></ul></html>")
        shop["/shoes?page=2"] = open_again
        assert read(app, shop).state == "succeeded"
        assert len(catalogue()["products"]) == PRODUCTS

    def test_a_known_model_waits_again_where_the_new_shop_fails(
        self, app: Flask, shop: LocalShop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        bundle = write_tiny_bundle(tmp_path / "known", ("vello_dart_0",), listed=("vello_dart_0",))
        monkeypatch.setattr(
            app.extensions["recognition"], "_settings", settings_of(tmp_path, starter_bundle=bundle.folder)
        )
        list_known_models(bundle.card)
        waiting = catalogue()
        shop["/shoes?page=2"] = Reply.html("<html><ul><li>")
        assert read(app, shop).state == "failed"
        assert without_dates(catalogue()) == without_dates(waiting)

    def test_a_shop_that_we_cannot_read_is_refused(self) -> None:
        with pytest.raises(UnknownSiteError, match="demo, footlocker"):
            enqueue_scrape("amazon")

    def test_the_command_queues_once(self, app: Flask, shop: LocalShop) -> None:
        runner = app.test_cli_runner()
        arguments = ["scrape", "demo", "--start-url", f"{shop.url}/"]
        first = runner.invoke(args=arguments)
        assert first.exit_code == 0, first.output
        assert runner.invoke(args=[*arguments, "--unless-done"]).output == first.output
        job = last_job(KIND, site="demo")
        assert job is not None
        run_job(app, job.id)
        db.session.rollback()
        assert "has been read already" in runner.invoke(args=[*arguments, "--unless-done"]).output
        refused = runner.invoke(args=["scrape", "amazon"])
        assert refused.exit_code == 1
        assert "There is no shop 'amazon'" in refused.output


def test_an_admin_starts_a_scrape_from_the_page(app: Flask, admin: Person, marketer: Person) -> None:
    form, address = {"csrf_token": csrf_token(admin.client, "/admin/shops/demo")}, "/admin/shops/demo/runs"
    assert admin.client.post(address, data={"csrf_token": ""}).status_code == 400
    assert admin.client.post(address, data=form).status_code == 303
    assert "Waiting to read demo." in admin.client.get("/admin").text
    assert admin.client.post("/admin/shops/amazon/runs", data=form).status_code == 404
    token = csrf_token(marketer.client, "/products")
    assert marketer.client.post(address, data={"csrf_token": token}).status_code == 403
    with app.app_context():
        assert current_jobs().work_of(KIND)


def test_the_commands_of_the_catalogue(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "listings.jsonl"
    lines = [shoes.listing(tmp_path, number).to_json() for number in range(3)]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    runner = app.test_cli_runner()
    taken = runner.invoke(args=["catalogue", "intake", str(file)])
    assert taken.exit_code == 0, taken.output
    assert "3 new, 0 changed, 0 unchanged, 0 errors" in taken.output
    assert "0 new, 0 changed, 3 unchanged" in runner.invoke(args=["catalogue", "intake", str(file)]).output
    file.write_text("\n".join([*lines, "{broken"]), encoding="utf-8")
    refused = runner.invoke(args=["catalogue", "intake", str(file)])
    assert refused.exit_code == 1
    assert "line 4" in refused.output
    assert runner.invoke(args=["catalogue", "embed"]).exit_code == 1
