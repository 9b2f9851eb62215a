"""Packages that pip installed in editable mode: the source folder is their share directory."""

import functools
import json
from importlib import metadata
from pathlib import Path
from urllib.parse import unquote, urlparse
from xml.etree import ElementTree


@functools.cache
def editable_packages() -> dict[str, Path]:
    """Map package names to the source folder holding their package.xml."""
    found: dict[str, Path] = {}
    for distribution in metadata.distributions():
        source = _source_folder(distribution)
        if source is None or not (source / "package.xml").is_file():
            continue
        name = ElementTree.parse(source / "package.xml").findtext("name")
        if name:
            found[name.strip()] = source
    return found


def _source_folder(distribution: metadata.Distribution) -> Path | None:
    """Tell where an editable distribution's source is; None for an ordinary one."""
    text = distribution.read_text("direct_url.json")
    if not text:
        return None
    record = json.loads(text)
    if not record.get("dir_info", {}).get("editable"):
        return None
    return Path(unquote(urlparse(record["url"]).path))
