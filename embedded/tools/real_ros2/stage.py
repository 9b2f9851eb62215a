"""A step whose result is kept as long as what goes into it is the same."""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path


def digest(*parts: str | Path) -> str:
    """Return a digest of texts and of the contents of files."""
    whole = hashlib.sha256()
    for part in parts:
        content = part.read_bytes() if isinstance(part, Path) else part.encode()
        whole.update(len(content).to_bytes(8, "big") + content)
    return whole.hexdigest()


def stage(folder: Path, name: str, inputs: Iterable[str | Path], work: Callable[[], None]) -> bool:
    """Do `work` unless it was done for the same inputs; say whether it was done.

    The name of the step is printed with the time it took.
    """
    stamp = folder / f".{name}.stamp"
    key = digest(*inputs)
    if stamp.is_file() and stamp.read_text() == key:
        return False
    stamp.unlink(missing_ok=True)
    print(f"{name.replace('_', ' ')} ...", end=" ", flush=True)
    began = time.monotonic()
    work()
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(key)
    print(f"{time.monotonic() - began:.0f} s", file=sys.stdout, flush=True)
    return True
