"""Files that a reader sees as they were, or whole."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def whole_file(target: Path) -> Iterator[BinaryIO]:
    """Open a file that takes the place of ``target`` when the block ends, and not if it raises.

    The folder has to be there.

    Raises:
        OSError: it cannot be written.

    """
    with _beside(target) as (file, temporary):
        yield file
        file.close()
        temporary.replace(target)


@contextmanager
def new_file(target: Path) -> Iterator[BinaryIO]:
    """Open a file that becomes ``target`` when the block ends, and not if it raises.

    Raises:
        FileExistsError: there is something of that name.
        OSError: it cannot be written.

    """
    with _beside(target) as (file, temporary):
        yield file
        file.close()
        target.hardlink_to(temporary)


@contextmanager
def _beside(target: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """Make a file with the mode of the one it replaces, or that of any new file (umask)."""
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with os.fdopen(handle, "wb") as file:
            if target.is_file():
                os.fchmod(handle, stat.S_IMODE(target.stat().st_mode))
            yield file, temporary
    finally:
        temporary.unlink(missing_ok=True)
