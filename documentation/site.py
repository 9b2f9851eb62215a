"""Hooks of MkDocs: the README is the start page, plans are part of the site."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # MkDocs runs this file by itself

from documentation.references import pages  # noqa: E402

FROM_README = (
    (re.compile(r"\]\(docs/"), "]("),
    (re.compile(r"\]\((embedded/README|CONTRIBUTING)\.md\)"), r"](\1.md)"),
)


def on_files(files: Files, config: Any) -> Files:
    """Add what is not in docs/: the README, the plans, and the pages made from the sources."""
    start = (ROOT / "README.md").read_text(encoding="utf-8")
    for pattern, replacement in FROM_README:
        start = pattern.sub(replacement, start)
    files.append(File.generated(config, "index.md", content=start))
    for name in ("embedded/README.md", "CONTRIBUTING.md"):
        files.append(File.generated(config, name, abs_src_path=str(ROOT / name)))
    for plan in sorted(one for one in (ROOT / "plans").rglob("*") if one.is_file()):
        name = str(plan.relative_to(ROOT))
        files.append(File.generated(config, name, abs_src_path=str(plan)))
    for name, text in pages(ROOT):
        files.append(File.generated(config, name, content=text))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Let links that lead out of docs/ in the repository lead into the site."""
    if page.file.src_uri.startswith("embedded/"):
        return markdown.replace("](../docs/", "](../")
    return markdown.replace("](../plans/", "](plans/")
