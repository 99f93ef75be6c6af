"""One word per thing: modules are named for what they hold, and pages keep the strict Content-Security-Policy."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BANNED = frozenset(
    {"data", "obj", "info", "item", "result", "utils", "helpers", "common", "misc", "core", "base"}
    | {"manager", "service", "handler"}
)
SOURCES = [
    path
    for package in ("webapp", "ml", "scraper", "demo", "benchmarks")
    for path in sorted((ROOT / package).rglob("*.py"))
]
TEMPLATES = sorted(path for package in ("webapp", "demo") for path in (ROOT / package).rglob("*.html"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_modules_and_definitions_have_names_of_their_own(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    defined = [node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    assert not {path.stem, path.parent.name, *(name.lower() for name in defined)} & BANNED
    assert ast.get_docstring(tree) or not tree.body, f"{path.name} does not say what it is"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_pages_hold_no_inline_script_or_style_and_no_foreign_address(path: Path) -> None:
    page = path.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle=", page), "inline style"
    assert not re.search(r"\son[a-z]+=", page), "inline event listener"
    assert "<style" not in page
    for tag in re.findall(r"<script[^>]*>", page):
        assert " src" in tag or "application/ld+json" in tag, f"inline script: {tag}"
    assert not re.findall(r"""(?:src|href)=["'](?:https?:)?//""", page), "an address outside the site"


WEB_MODULES = frozenset({"__init__", "access", "cli", "forms", "pages", "views"})


def test_verbs_never_touch_a_request() -> None:
    """Inside a subject, only views, forms and the package's own wiring know that there is a web."""
    for path in sorted((ROOT / "webapp").glob("*/*.py")):
        if path.stem in WEB_MODULES or path.stem.endswith("_pages") or path.parts[-2] == "api":
            continue
        imported = {
            alias.name
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.ImportFrom) and node.module == "flask"
            for alias in node.names
        }
        assert not imported & {"request", "session", "flash", "redirect", "render_template"}, path.name
