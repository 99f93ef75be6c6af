"""What the repository may hold: pinned requirements, small files, a contents page that stays one."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STARTER_LIMIT_BYTES = 20_000_000


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def test_every_requirement_is_pinned() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        for line in path.read_text().splitlines():
            if line and not line.startswith(("#", "-")):
                assert re.fullmatch(r"[A-Za-z0-9_.-]+(\[[a-z,]+\])?[=<]=?\S*\d\S*", line), f"{path.name}: {line}"


def test_only_the_starter_bundle_is_large() -> None:
    for path in tracked_files():
        limit = STARTER_LIMIT_BYTES if "bundles" in path.relative_to(ROOT).parts else 1_000_000
        assert path.stat().st_size <= limit, path


def test_the_starter_bundle_fits() -> None:
    size = sum(path.stat().st_size for path in (ROOT / "bundles" / "starter").glob("*"))
    assert 0 < size <= STARTER_LIMIT_BYTES


def test_create_app_is_a_contents_page() -> None:
    lines = (ROOT / "webapp" / "__init__.py").read_text().splitlines()
    assert len(lines) <= 60


def test_every_page_of_the_docs_is_named_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert not [page.name for page in (ROOT / "docs").glob("*.md") if f"(docs/{page.name})" not in readme]


def test_links_between_pages_lead_somewhere() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_the_web_image_copies_what_it_needs_and_no_more() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    web = dockerfile.split("FROM web AS train")[0]
    for folder in ("webapp", "scraper", "ml", "migrations", "bundles", "wsgi.py"):
        assert re.search(rf"^COPY .*\b{re.escape(folder)}\b", web, re.MULTILINE), folder
    assert "demo" not in web
    assert "train.txt" not in web
    assert re.search(r"^USER solescope", web, re.MULTILINE)
