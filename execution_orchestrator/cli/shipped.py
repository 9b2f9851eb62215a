"""Configuration files that a command is given by name: as they are named, or the shipped ones."""

from __future__ import annotations

from pathlib import Path

from ament_index_python.packages import get_package_share_directory

CAPABILITIES = (Path("capabilities.yaml"), Path("tools.yaml"))


def config_folder() -> Path:
    """Return the package's folder of configuration files."""
    return Path(get_package_share_directory("execution_orchestrator")) / "config"


def shipped(file: Path) -> Path:
    """Return a file as it is named, or the shipped one of that name."""
    other = config_folder() / file
    return other if not file.exists() and other.exists() else file
