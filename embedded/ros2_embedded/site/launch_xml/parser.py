"""The XML front end."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO
from xml.etree import ElementTree

from launch import frontend

from .entity import Entity


class Parser(frontend.Parser):
    """Reads launch files in XML."""

    @classmethod
    def load(cls, file: str | Path | TextIO) -> tuple[Entity, Parser]:
        """Read the root element. Raises ElementTree.ParseError with line and column."""
        return Entity(ElementTree.parse(file).getroot()), cls()

    @classmethod
    def get_file_extensions(cls) -> set[str]:
        """Return the endings of the files this front end reads."""
        return {"launch.xml", "xml"}
