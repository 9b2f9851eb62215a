"""Packages that pip installed in editable mode: the source folder is their share directory."""

import functools
import json
import re
import sys
from pathlib import Path
from urllib.parse import unquote

_NAME = re.compile(r"<name>\s*([^<\s]+)\s*</name>")


@functools.cache
def editable_packages() -> dict[str, Path]:
    """Map package names to the source folder holding their package.xml.

    Reads pip's records itself: this runs at the start of every interpreter, for which
    importlib.metadata and an XML parser take too long.
    """
    found: dict[str, Path] = {}
    for entry in dict.fromkeys(sys.path):
        for record in Path(entry or ".").glob("*.dist-info/direct_url.json"):
            source = _source_folder(record)
            manifest = None if source is None else source / "package.xml"
            if source is None or manifest is None or not manifest.is_file():
                continue
            name = _NAME.search(manifest.read_text(encoding="utf-8"))
            if name is not None:
                found.setdefault(name.group(1), source)
    return found


def _source_folder(record: Path) -> Path | None:
    """Tell where an editable distribution's source is; None for an ordinary one."""
    content = json.loads(record.read_text(encoding="utf-8"))
    url = content["url"]
    if not content.get("dir_info", {}).get("editable") or not url.startswith("file://"):
        return None
    return Path(unquote(url.removeprefix("file://")))
