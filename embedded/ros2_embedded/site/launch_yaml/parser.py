"""The YAML front end."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

import yaml

from launch import frontend

from .entity import Entity


class Parser(frontend.Parser):
    """Reads launch files in YAML."""

    @classmethod
    def load(cls, file: str | Path | TextIO) -> tuple[Entity, Parser]:
        """Read the root element.

        Raises yaml.YAMLError, or RuntimeError if there is not exactly one root.
        """
        text = (
            Path(file).read_text(encoding="utf-8")
            if isinstance(file, (str, Path))
            else (file.read())
        )
        tree = yaml.safe_load(text)
        if not isinstance(tree, dict) or len(tree) != 1:
            raise RuntimeError("Expected only one root: a mapping with the key 'launch'")
        ((name, content),) = tree.items()
        return Entity(content, name), cls()

    @classmethod
    def get_file_extensions(cls) -> set[str]:
        """Return the endings of the files this front end reads."""
        return {"launch.yaml", "launch.yml", "yaml", "yml"}
