"""Parameter files made while a system is launched."""

import functools
import tempfile
from pathlib import Path


@functools.cache
def _directory() -> tempfile.TemporaryDirectory[str]:
    """Make the directory that goes away with this process."""
    return tempfile.TemporaryDirectory(prefix="launch_params_")


def write_parameter_file(content: str) -> Path:
    """Write a parameter file that lasts as long as the launcher, for respawned nodes too."""
    with tempfile.NamedTemporaryFile(
        mode="w",
        encoding="utf-8",
        prefix="launch_params_",
        suffix=".yaml",
        dir=_directory().name,
        delete=False,
    ) as file:
        file.write(content)
    return Path(file.name)
