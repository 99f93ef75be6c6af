"""What the worker does once for each bundle that comes on duty."""

from __future__ import annotations

from collections.abc import Callable

from flask import current_app

from ml.serving.bundle import Card


def once_per_bundle(step: Callable[[Card], object]) -> Callable[[], None]:
    """A watch for the worker: calls `step` with the card of each bundle that comes on duty, the first one included.

    A step that fails is called again at the next look.
    """
    seen: str | None = None

    def look() -> None:
        nonlocal seen
        recognition = current_app.extensions["recognition"]
        recognition.refresh()
        bundle = recognition.bundle
        if bundle is None or bundle.card.id == seen:
            return
        step(bundle.card)
        seen = bundle.card.id

    return look
