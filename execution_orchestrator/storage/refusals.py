"""Error messages of a journal that cannot be used: what, where, and the cure."""

from __future__ import annotations

import errno
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from execution_orchestrator.plan.counted import counted
from execution_orchestrator.storage.journal import StorageError

CHECK = "ros2 run execution_orchestrator journal check"
REPAIR = "ros2 run execution_orchestrator journal repair"
MAGIC = b"SQLite format 3\x00"
HEADER = 100  # bytes
# SQLite's primary result codes
BUSY, LOCKED, READ_ONLY, IO_ERROR, CORRUPT, FULL, CANNOT_OPEN, NOT_A_DATABASE = (
    5, 6, 8, 10, 11, 13, 14, 26,
)  # fmt: skip
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
KEEP = (
    "leave the journal where it is, since executions may be running in it, and start the node again"
)


def first_line(failure: Exception) -> str:
    """Return what the database itself said."""
    return str(getattr(failure, "orig", None) or failure).splitlines()[0]


def refuse_no_journal(file: Path) -> None:
    """Refuse what is no file, and a file without content, of which SQLite would make a new journal.

    Raises:
        StorageError: it is one of them.

    """
    if file.exists() and not file.is_file():
        what = "a folder" if file.is_dir() else "no ordinary file"
        raise StorageError(
            f"{file}, where the journal belongs, is {what}; move it away, or choose another folder "
            "with the parameter state_directory"
        )
    # SQLite takes a single byte for none.
    if file.is_file() and (size := file.stat().st_size) <= 1:
        raise StorageError(
            f"the journal {file} is empty ({counted(size, 'byte')}): what was in it is lost, or it "
            "was never written; restore a backup, or, when no robot still does what an earlier "
            "node asked of it, delete the file to begin with a new journal"
        )


def of_folder(folder: Path, failure: OSError) -> StorageError:
    """Say why a state directory cannot be used."""
    reason = failure.strerror or str(failure)
    if failure.errno in NO_ROOM:
        return StorageError(f"the disk of {folder} is full ({reason}); free space there, {KEEP}")
    return StorageError(
        f"{folder} cannot be used: {reason}; "
        "choose another folder with the parameter state_directory"
    )


def of_server(place: str, failure: SQLAlchemyError) -> StorageError:
    """Say why a database server cannot be used."""
    return StorageError(
        f"the journal in {place} cannot be opened: {first_line(failure)}; "
        "start the server, or correct the parameter database_url"
    )


def of_sqlite(file: Path, failure: SQLAlchemyError) -> StorageError:
    """Say why a file of SQLite cannot be opened."""
    reason = first_line(failure)
    code = getattr(getattr(failure, "orig", None), "sqlite_errorcode", 0) & 0xFF
    if code == FULL:
        return StorageError(
            f"the disk of the journal {file} is full ({reason}); free space there, {KEEP}"
        )
    if code == IO_ERROR:
        return StorageError(
            f"the disk of the journal {file} cannot be written or read ({reason}): it is full, or "
            f"it fails; free space or repair the disk, {KEEP}"
        )
    if code in (BUSY, LOCKED):
        return StorageError(
            f"the journal {file} is held by another program ({reason}); end that, {KEEP}"
        )
    if code in (CORRUPT, NOT_A_DATABASE):
        return of_damaged(file, reason)
    if code in (READ_ONLY, CANNOT_OPEN):
        return StorageError(
            f"the journal {file} cannot be opened: {reason}; give this account the right to write "
            "the file and its folder, and free space if the disk is full"
        )
    return StorageError(
        f"the journal {file} cannot be opened: {reason}; `{CHECK}` tells what can be read of it"
    )


def of_damaged(file: Path, verdict: str) -> StorageError:
    """Return the error for a file that SQLite reports as malformed."""
    with file.open("rb") as content:
        header = content.read(HEADER)
    if not header.startswith(MAGIC):
        return StorageError(
            f"{file} is not a journal: it does not begin as a file of SQLite does; restore a "
            "backup, or name the right file in the parameter database_url"
        )
    size, expected = file.stat().st_size, size_of(header)
    if size < expected:
        return StorageError(
            f"the journal {file} is half-written: it has {size} of {expected} bytes; restore a "
            f"backup, or save what can be read with `{REPAIR}`, which keeps a copy"
        )
    return StorageError(
        f"the journal {file} is damaged ({verdict}); restore a backup, or save what can be read "
        f"with `{REPAIR}`, which keeps a copy"
    )


def size_of(header: bytes) -> int:
    """Return the bytes that a file should have by its header."""
    if len(header) < HEADER or not header.startswith(MAGIC):
        return HEADER
    page = int.from_bytes(header[16:18], "big")
    return (65536 if page == 1 else page) * int.from_bytes(header[28:32], "big")
