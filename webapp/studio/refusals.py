"""Why the studio recommends nothing: sentences that can be shown to a person."""

from __future__ import annotations


class NoModelError(RuntimeError):
    """No conversion model that fits the bundle on duty yet. The message can be shown to a person."""

    retry_after_s = 20


class PictureUnusableError(ValueError):
    """A product or picture that nothing can be recommended for. The message is a sentence that helps."""
