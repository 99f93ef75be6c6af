"""Pages that shops show to machines instead of products: captchas, "are you human?", and the like."""

from __future__ import annotations

import re

# Words of the walls that shops buy, and of those that they build themselves. Looked for only where a page could not be
# read: a page of products may well carry one of them in a script.
MARKS = re.compile(
    r"captcha|are you (?:a )?(?:human|robot)"
    r"|(?:verify|confirm|prove) (?:that )?you(?:'|&#39;|’| a)re (?:a )?(?:human|not a robot)"
    r"|press (?:&amp;|&|and) hold|px-captcha|cf-chall|challenge-platform|checking your browser|unusual traffic"
    r"|datadome|_incapsula_|automated (?:access|requests)|access to this page has been denied|just a moment\.\.\.",
    re.IGNORECASE,
)
LARGEST = 80_000  # characters; a large page is a shop's own, where a captcha guards no more than the newsletter


def is_wall(html: str) -> bool:
    """Whether an unreadable page asks for a human being."""
    return len(html) <= LARGEST and MARKS.search(html) is not None
