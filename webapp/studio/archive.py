"""All pictures of a recommendation in one ZIP, the HTML for the e-mail, and where the numbers come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from webapp.image_store import ImageStore, PictureMissingError
from webapp.studio.download_names import file_name_of, name_of_product
from webapp.studio.models import Recommendation
from webapp.studio.wording import rate_of, target_title, verdict_of


def archive_of(recommendation: Recommendation, store: ImageStore) -> bytes:
    """A ZIP of pictures/ (the picture and its augments, best first), alternates/, snippet.html and about.txt.

    Pictures that are gone from the image store are left out.
    """
    written = BytesIO()
    answer = recommendation.answer
    with ZipFile(written, "w") as archive:
        kept = []
        for place, alt_text, shown in _placed(recommendation):
            try:
                jpeg = store.path(PurePosixPath(shown["image_url"]).stem).read_bytes()
            except PictureMissingError:
                continue
            archive.writestr(place, jpeg, ZIP_STORED)
            kept.append((place, alt_text, shown))
        archive.writestr("snippet.html", _snippets(answer, kept), ZIP_DEFLATED)
        archive.writestr("about.txt", _about(recommendation, kept), ZIP_DEFLATED)
    return written.getvalue()


def snippet_of(source: str, alt_text: str, shown: Mapping[str, Any]) -> str:
    """The HTML that shows a picture in an e-mail: as wide as its column, sharp, with words for who has pictures off."""
    return (
        f'<img src="{escape(source)}" width="{int(shown["width"])}" alt="{escape(alt_text)}" '
        'style="display:block;width:100%;max-width:'
        f'{int(shown["width"])}px;height:auto;border:0;outline:none;text-decoration:none">'
    )


def _placed(recommendation: Recommendation) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """(path in the ZIP, alt text, picture): what is recommended first, then by rate."""
    answer = recommendation.answer
    chosen = answer["original"]["augment"] if answer["keep_original"] else answer["best_augment"]
    pictures = sorted([answer["original"], *answer["augments"]], key=lambda one: one["augment"] != chosen)
    for number, shown in enumerate(pictures, start=1):
        yield f"pictures/{number:02}-{file_name_of(answer, shown)}", shown["alt_text"], shown
    for number, shown in enumerate(answer["alternates"], start=1):
        alt_text = shown.get("alt_text") or name_of_product(shown["brand"], shown["name"], shown["colorway"])
        yield f"alternates/{number:02}-{file_name_of(answer, shown)}", alt_text, shown


def _snippets(answer: Mapping[str, Any], kept: list[tuple[str, str, Mapping[str, Any]]]) -> str:
    parts = ["<!-- Put the pictures where your e-mail program can reach them, and their addresses into src. -->"]
    for number, (place, alt_text, shown) in enumerate(kept):
        words = shown.get("title") or "Another shoe"
        rate = rate_of(shown["probability"], answer["unit"])
        marked = "Recommended. " if number == 0 else ""
        parts.append(f"<!-- {marked}{words}: {rate} ({answer['provenance']}) -->\n{snippet_of(place, alt_text, shown)}")
    return "\n\n".join(parts) + "\n"


def _about(recommendation: Recommendation, kept: list[tuple[str, str, Mapping[str, Any]]]) -> str:
    answer, model = recommendation.answer, recommendation.answer["model"]
    verdict, question = verdict_of(answer), answer["question"]
    lines = [
        verdict.title,
        verdict.explanation,
        verdict.to_settle,
        "",
        f"Target: {target_title(answer['target'])} (to {answer['direction']})",
        f"E-mail: {question['campaign_type']}, {question['industry']}, {question['sneaker_type']}",
        f"Base rate: {rate_of(answer['base_rate'], answer['unit'])}",
        f"Numbers: {answer['provenance'].upper()} campaigns, {model['rows']:,} rows, {model['products']:,} products; "
        f"model {model['id']} of {model['created_at']}; asked {recommendation.created_at:%Y-%m-%d %H:%M} UTC",
        "",
        "Each picture's rate, and where it lies with 95 % confidence:",
    ]
    for place, alt_text, shown in kept:
        low, high = (rate_of(end, answer["unit"]) for end in shown["interval"])
        lines.append(f"{place}: {rate_of(shown['probability'], answer['unit'])} ({low} to {high}). {alt_text}")
        if shown.get("caution"):
            lines.append(f"    {shown['caution']}")
    return "\n".join(lines) + "\n"
