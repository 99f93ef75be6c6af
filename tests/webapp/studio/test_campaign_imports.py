"""A marketer's own results come in: mapped by column, bad lines told, good ones kept, nothing twice, all or nothing."""

from __future__ import annotations

import csv
import os
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from ml.conversions.targets import TARGETS
from tests.webapp.conftest import Person, csrf_token
from tests.webapp.shoes import listing
from webapp.catalogue.intake import take_in
from webapp.catalogue.models import Product, ProductImage
from webapp.database import db, write_transaction
from webapp.image_store import current_images
from webapp.jobs.models import Job
from webapp.jobs.progress import JobCancelled, Progress
from webapp.jobs.queue import last_job
from webapp.jobs.runner import run_job
from webapp.studio import import_job, sent_files
from webapp.studio.alt_text import alt_text_of_product
from webapp.studio.campaign_imports import (
    ImportRefusedError,
    choose_mapping,
    preview,
    receive,
    start_import,
    state_of,
    take_out,
)
from webapp.studio.campaign_models import CampaignFault, CampaignImport, CampaignRow
from webapp.studio.download_names import file_name_of
from webapp.studio.known_rows import told_of_targets
from webapp.studio.sent_files import SentFileError

HEADER = "Style Code,Variant,Subscriber,Recipients,Opens,Clicks,Sneaker type"
GOOD = ("T-00000,,a@example.com,100,40,9,", "T-00001,Brighter,b@example.com,200,50,8,trail")
BAD = (
    *("nothing,,c@example.com,100,40,9,", "T-00000,upside down,d@example.com,100,40,9,"),
    *("T-00000,,e@example.com,100,40,90,", "T-00000,,f@example.com,-1,0,0,", "T-00000,,g@example.com,100,40,9,clog"),
)


@pytest.fixture
def catalogue(app: Flask, tmp_path: Path) -> None:
    """Three products with a picture each."""
    with app.app_context():
        take_in([listing(tmp_path, number) for number in range(3)], tmp_path, current_images())


def table(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join([header, *rows]).encode()


def imported(app: Flask, content: bytes, name: str = "spring.csv") -> CampaignImport:
    """A file that went all the way through the job."""
    found = receive(name, content, None)
    run_job(app, start_import(found).id)
    db.session.rollback()
    return found


def kept() -> list[CampaignRow]:
    db.session.rollback()
    return list(db.session.scalars(select(CampaignRow).order_by(CampaignRow.line)))


@pytest.mark.usefixtures("app_context", "catalogue")
class TestImport:
    def test_good_rows_are_kept_and_bad_ones_told_by_line(self, app: Flask) -> None:
        found = imported(app, table(*GOOD, *BAD))
        assert (found.state, found.imported, found.known_before, found.faulty) == ("imported", 2, 0, 5)
        first, second = kept()
        image = db.session.get_one(ProductImage, second.image_id)
        assert (image.product.style_code, second.augment, second.sneaker_type) == ("T-00001", "brighter", "trail")
        assert (first.augment, first.recipients, first.opens, first.clicks, first.purchases) == (
            "original",
            100,
            40,
            9,
            None,
        )
        faults = {fault.line: fault.reason for fault in db.session.scalars(select(CampaignFault))}
        assert sorted(faults) == [4, 5, 6, 7, 8]
        assert "no picture 'nothing'" in faults[4]
        assert "no augment 'upside down'" in faults[5] and "brighter" in faults[5]
        assert "over 1" in faults[6] and "negative" in faults[7] and "no sneaker type" in faults[8]

    def test_the_sneaker_type_is_the_products_where_the_row_has_none(self, app: Flask) -> None:
        imported(app, table("T-00002,,x,10,5,1,"))
        assert kept()[0].sneaker_type == "basketball"  # a mid

    def test_nothing_is_imported_twice(self, app: Flask) -> None:
        imported(app, table(*GOOD))
        longer = imported(app, table(*GOOD, "T-00002,,h@example.com,300,90,12,"), "longer.csv")
        assert (longer.imported, longer.known_before) == (1, 2)
        again = imported(app, table(*GOOD))
        assert (again.imported, again.known_before, len(kept())) == (0, 2, 3)

    def test_the_same_file_by_other_columns_is_refused_until_it_is_taken_out(self, app: Flask) -> None:
        first = imported(app, table(*GOOD))
        again = receive("spring.csv", table(*GOOD), None)
        choose_mapping(
            again,
            {k: v for k, v in again.mapping.items() if k != "opens"},
            {"campaign_type": "survey", "industry": "retail"},
        )
        with pytest.raises(ImportRefusedError, match="count twice"):
            start_import(again)
        assert take_out(first) == 2
        run_job(app, start_import(again).id)
        assert [row.opens for row in kept()] == [None, None]

    def test_files_and_addresses_are_not_kept(self, app: Flask) -> None:
        found = receive("spring.csv", table(*GOOD), None)
        assert sent_files.is_kept(found.sha256)
        run_job(app, start_import(found).id)
        assert not sent_files.is_kept(found.sha256)
        assert not any("example.com" in str(vars(row)) for row in kept())

    def test_a_file_that_nobody_imports_is_deleted_after_a_week(self, app: Flask) -> None:
        old = receive("old.csv", table(GOOD[0]), None)
        file = Path(app.instance_path) / "campaigns" / f"{old.sha256}.csv"
        assert file.stat().st_mode & 0o777 == 0o600
        os.utime(file, (0, 0))
        receive("new.csv", table(*GOOD), None)
        names = select(CampaignImport.file_name)
        assert not file.exists() and list(db.session.scalars(names)) == ["new.csv"]

    def test_a_picture_may_be_named_by_number_file_or_address(self, app: Flask) -> None:
        image = db.session.scalars(select(ProductImage)).first()
        assert image is not None
        names = (
            str(image.product_id),
            f"{image.sha256}.png",
            image.sha256,
            f"https://shop.example/images/{image.sha256}.png",
        )
        imported(app, table(*(f"{name},,{number},10,5,1," for number, name in enumerate(names))))
        assert [row.image_id for row in kept()] == [image.id] * 4

    def test_a_download_of_the_studio_names_its_picture_and_its_augment(self, app: Flask) -> None:
        product = db.session.scalars(select(Product)).first()
        assert product is not None
        image_id, picture = product.images[0].id, {"alt_text": alt_text_of_product(product)}
        names = [file_name_of({"picture": picture}, {"augment": augment}) for augment in ("original", "shoe_colour")]
        imported(app, table(*(f"{name},,{number},10,5,1," for number, name in enumerate(names))))
        assert [(row.image_id, row.augment) for row in kept()] == [(image_id, "original"), (image_id, "shoe_colour")]

    def test_one_that_is_stopped_leaves_nothing_and_can_be_started_again(
        self, app: Flask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(import_job, "AT_A_TIME", 1)
        found = receive("spring.csv", table(*GOOD), None)
        job = start_import(found)

        def stopped_at_the_second(
            self: Progress, done: int, total: int, message: str, *, at_once: bool = False
        ) -> None:
            if message.startswith("Keeping") and done == 3:
                raise JobCancelled

        with monkeypatch.context() as patched:
            patched.setattr(Progress, "report", stopped_at_the_second)
            run_job(app, job.id)
        db.session.rollback()
        assert (state_of(found), kept()) == ("cancelled", [])
        run_job(app, start_import(found).id)
        assert len(kept()) == 2

    def test_rows_of_an_import_that_was_killed_do_not_count(self, app: Flask) -> None:
        found = imported(app, table(*GOOD))
        with write_transaction():
            found.state = "importing"
        assert state_of(found) == "interrupted"
        assert told_of_targets()["open"].rows == 0
        other = imported(app, table(*GOOD, "T-00002,,h@example.com,300,90,12,"), "longer.csv")
        assert (other.imported, other.known_before) == (3, 0)

    def test_what_the_results_are_enough_for(self, app: Flask) -> None:
        imported(app, table(*GOOD, "T-00002,,h@example.com,300,0,0,"))
        told = told_of_targets()
        assert set(told) == set(TARGETS)
        assert (told["open"].rows, told["open"].products, told["open"].enough) == (3, 3, False)
        assert (told["click_to_open"].rows, told["purchase"].rows) == (2, 0)  # nobody opened the third

    def test_columns_are_remembered_for_the_next_file_of_the_same_tool(self) -> None:
        header = "A,B,C,D"
        first = receive("one.csv", table("T-00000,10,5,1", header=header), None)
        assert "picture" not in first.mapping
        mapping = {"picture": "A", "recipients": "B", "opens": "C", "clicks": "D"}
        choose_mapping(first, mapping, {"campaign_type": "webinar", "industry": "healthcare"})
        second = receive("two.csv", table("T-00001,10,5,1", header=header), None)
        assert (second.mapping, second.usual["industry"]) == (mapping, "healthcare")
        shown = preview(second)
        assert [one.row.context.campaign_type for one in shown.rows] == ["webinar"]

    def test_other_encodings_and_separators(self, app: Flask) -> None:
        header = "Bild;Picture;Recipients;Opens"
        content = f"{header}\nSchön;T-00000;1.200;400\n".encode("cp1252")
        imported(app, content)
        imported(app, f"{header}\nSchön;T-00001;1.200;400\n".encode("utf-16"))
        assert [row.recipients for row in kept()] == [1200, 1200]


@pytest.mark.usefixtures("app_context")
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04" + bytes(50), "not CSV"),
        (b"only\nnames\n", "only the column 'only'"),
        (b"a,b\n", "no rows"),
        (b"a,a\n1,2\n", "more than one column"),
        ("a,b\n\0\0\0,1\n".encode("utf-16"), "no text"),
        (b"a,b\n" + b"1,2\n" * 200_001, "split it"),
    ],
)
def test_what_is_no_table_of_results_is_refused_with_a_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(SentFileError, match=sentence):
        receive("odd.csv", content, None)
    assert db.session.scalar(select(func.count()).select_from(CampaignImport)) == 0


def post_file(person: Person, content: bytes, name: str = "spring.csv") -> str:
    form = {"csrf_token": csrf_token(person.client, "/studio/campaigns"), "results": (BytesIO(content), name)}
    answer = person.client.post("/studio/campaigns", data=form)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


@pytest.mark.usefixtures("catalogue")
class TestPages:
    def test_a_file_goes_from_the_form_to_its_rows(self, app: Flask, marketer: Person) -> None:
        assert "Nothing has been imported yet" in marketer.client.get("/studio/campaigns").text
        place = post_file(marketer, table(*GOOD, BAD[0]))
        page = marketer.client.get(place).text
        assert "T-00000" in page and "there is no picture" in page and "Import 3 rows" in page
        columns = HEADER.split(",")
        fields = ("picture", "augment", "recipient", "recipients", "opens", "clicks", "sneaker_type")
        form = {f"column-{number}": fields[number] for number in range(len(columns))}
        form |= {"campaign_type": "newsletter", "industry": "retail", "csrf_token": csrf_token(marketer.client, place)}
        twice = marketer.client.post(f"{place}/mapping", data=form | {"column-5": "opens"})
        assert twice.status_code == 422 and "keep one of them" in twice.text
        assert marketer.client.post(f"{place}/mapping", data=form | {"industry": "mining"}).status_code == 422
        assert marketer.client.post(f"{place}/mapping", data=form | {"step": "import"}).status_code == 303
        assert "Stop the import" in marketer.client.get(place).text
        with app.app_context():
            job = last_job("import")
            assert job is not None
            run_job(app, job.id)
        page = marketer.client.get(place).text
        assert "Left out" in page and "Line 4" in page
        assert "spring.csv" in marketer.client.get("/studio/campaigns").text
        assert "T-00000" in marketer.client.get("/studio/campaigns/rows.csv").text.upper()
        assert "4,there is no picture" in marketer.client.get(f"{place}/left-out.csv").text
        form = {"csrf_token": csrf_token(marketer.client, place)}
        assert marketer.client.post(f"{place}/delete", data=form).status_code == 303
        assert marketer.client.get(place).status_code == 404

    def test_an_import_is_cancelled_from_its_page(self, app: Flask, marketer: Person) -> None:
        place = post_file(marketer, table(*GOOD))
        with app.app_context():
            start_import(db.session.scalars(select(CampaignImport)).one())
        form = {"csrf_token": csrf_token(marketer.client, place)}
        assert marketer.client.post(f"{place}/delete", data=form, follow_redirects=True).status_code == 200
        assert marketer.client.post(f"{place}/cancel", data=form).status_code == 303
        with app.app_context():
            assert db.session.scalars(select(Job)).one().state == "cancelled"
        assert "Import 2 rows" in marketer.client.get(place).text

    def test_strangers_learn_nothing_about_the_file(self, app: Flask) -> None:
        with app.app_context():
            imported(app, table(*GOOD), "secret-launch.csv")
        assert "secret" not in app.test_client().get("/jobs/current.json").text

    def test_the_most_frequent_reasons_stand_first(self, app: Flask, marketer: Person) -> None:
        with app.app_context():
            place = f"/studio/campaigns/{imported(app, table(*GOOD, BAD[0], BAD[0], BAD[3])).id}"
        page = marketer.client.get(place).text
        assert "2 times</strong> there is no picture" in page and "1 times" not in page

    def test_formulas_are_neutralised_where_they_leave(self, app: Flask, marketer: Person) -> None:
        header = "Picture,Campaign,Recipients,Opens"
        with app.app_context():
            imported(
                app,
                table('T-00000,"=HYPERLINK(""http://x.example"")",10,5', "T-00000,a;=cmd(),10,5", header=header),
            )
        lines = marketer.client.get("/studio/campaigns/rows.csv").text.splitlines()
        assert "'=HYPERLINK" in lines[1] and ",=HYPERLINK" not in lines[1]
        # A spreadsheet that separates by semicolons takes nothing in the second row for a cell that begins with =.
        cells = [cell for row in csv.reader(lines[2:], delimiter=";") for cell in row]
        assert "a;'=cmd()" in "".join(lines) and not any(cell.lstrip().startswith("=") for cell in cells)

    def test_the_example_can_be_imported_as_it_is(self, app: Flask, marketer: Person) -> None:
        content = marketer.client.get("/studio/campaigns/example.csv").data
        with app.app_context():
            found = imported(app, content)
            assert (found.imported, found.faulty) == (6, 0)
            assert db.session.scalar(select(func.count()).select_from(Product)) == 3

    def test_a_file_that_is_none_is_refused_on_the_page(self, marketer: Person) -> None:
        form = {"csrf_token": csrf_token(marketer.client, "/studio/campaigns")}
        assert "There was no file" in marketer.client.post("/studio/campaigns", data=form).text
        odd = form | {"results": (BytesIO(b"PK\x03\x04"), "results.xlsx")}
        answer = marketer.client.post("/studio/campaigns", data=odd)
        assert answer.status_code == 422 and "save or export the table as CSV" in answer.text

    def test_strangers_are_sent_to_sign_in(self, app: Flask) -> None:
        for address in (
            "/studio/campaigns",
            "/studio/model",
            "/studio/campaigns/rows.csv",
            "/studio/model/evaluation.csv",
        ):
            answer = app.test_client().get(address)
            assert answer.status_code == 302 and "/sign-in" in answer.headers["Location"]
