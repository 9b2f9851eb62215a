"""Opens the database: SQLite in the state directory, or any URL; locked, checked and migrated."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO, Any, Literal

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import SQLAlchemyError

Durability = Literal["normal", "full"]
MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_TIMEOUT = 5000  # milliseconds SQLite waits for another process that reads


class StorageError(RuntimeError):
    """The store cannot be used; the message names the place and the cure."""


class Database:
    """An open database and the lock that keeps a second node off it."""

    def __init__(self, engine: Engine, place: str, lock: IO[Any] | None) -> None:
        self.engine = engine
        self.place = place
        self._lock = lock

    def close(self) -> None:
        """Close every connection and give the lock back."""
        self.engine.dispose()
        if self._lock is not None:
            self._lock.close()


def default_state_directory() -> Path:
    """Return ``$ROS_HOME/execution_orchestrator`` (default ``~/.ros/execution_orchestrator``)."""
    home = os.environ.get("ROS_HOME") or "~/.ros"
    return Path(home).expanduser() / "execution_orchestrator"


def open_database(
    state_directory: Path, *, url: str = "", durability: Durability = "normal", lock: bool = True
) -> Database:
    """Open (and, if it is new or old, migrate) the database.

    ``normal`` survives the death of the process, ``full`` also a power cut.

    Raises:
        StorageError: the place cannot be written, another node uses it, or the file is damaged.

    """
    held = None
    try:
        state_directory.mkdir(parents=True, exist_ok=True)
        if lock:
            held = _take_lock(state_directory / "lock")
        place = url or str(state_directory / "journal.db")
        engine = create_engine(url or f"sqlite:///{state_directory / 'journal.db'}")
        if engine.dialect.name == "sqlite":
            _prepare_sqlite(engine, durability)
        _check(engine, place)
        _migrate(engine)
    except OSError as failure:
        raise StorageError(
            f"{state_directory} cannot be used: {failure.strerror or failure}; "
            "choose another folder with the parameter state_directory"
        ) from failure
    except SQLAlchemyError as failure:
        raise StorageError(
            f"the journal in {state_directory} cannot be opened: {_first_line(failure)}; "
            "move it away to start with an empty one, or restore a backup"
        ) from failure
    return Database(engine, place, held)


def _take_lock(path: Path) -> IO[Any]:
    handle = path.open("a+")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.close()
        raise StorageError(
            f"another orchestrator uses {path.parent}; stop it, or give this one a state_directory "
            "of its own"
        ) from None
    return handle


def _prepare_sqlite(engine: Engine, durability: Durability) -> None:
    synchronous = "FULL" if durability == "full" else "NORMAL"

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute(f"PRAGMA synchronous={synchronous}")
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT}")
        cursor.close()


def _check(engine: Engine, place: str) -> None:
    if engine.dialect.name != "sqlite":
        return
    with engine.connect() as connection:
        verdict = connection.execute(text("PRAGMA quick_check(1)")).scalar()
    if verdict != "ok":
        raise StorageError(
            f"{place} is damaged ({verdict}); move it away to start with an empty one, "
            "or restore a backup"
        )


def _migrate(engine: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _first_line(failure: Exception) -> str:
    return str(getattr(failure, "orig", None) or failure).splitlines()[0]
