"""The prefixes the index is read from."""

import os
import sys
from pathlib import Path

from .constants import AMENT_PREFIX_PATH_ENV_VAR

_EMBEDDED_PREFIX = Path(__file__).parents[2]


def get_search_paths() -> list[str]:
    """List the existing prefixes, the one that wins first.

    `AMENT_PREFIX_PATH` comes first, then the Python environment, where pip puts the shared files
    of a package, then the interface packages that come with this runtime.
    """
    configured = os.environ.get(AMENT_PREFIX_PATH_ENV_VAR, "").split(os.pathsep)
    candidates = [*configured, sys.prefix, str(_EMBEDDED_PREFIX)]
    return list(dict.fromkeys(path for path in candidates if path and Path(path).is_dir()))
