"""Opens the database: SQLite in the state directory, or any URL; locked, checked and migrated."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha1
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from execution_orchestrator.extras import how_to_get
from execution_orchestrator.storage.journal import InUseError, StorageError
from execution_orchestrator.storage.last_written import LastWritten
from execution_orchestrator.storage.migrating import REVISIONS, migrate, revisions_of
from execution_orchestrator.storage.refusals import (
    REPAIR,
    first_line,
    of_damaged,
    of_folder,
    of_server,
    of_sqlite,
    refuse_no_journal,
)
from execution_orchestrator.storage.schema import metadata

__all__ = ["Database", "Durability", "default_state_directory", "open_database"]
Durability = Literal["normal", "full"]
BUSY_TIMEOUT = 5000  # milliseconds SQLite waits for another process that reads
# Seconds to connect, milliseconds for a server that is gone to be noticed and for one statement.
POSTGRESQL_TIMEOUTS = {
    "connect_timeout": 10,
    "tcp_user_timeout": 10_000,
    "options": "-c statement_timeout=30000",
}
INCREMENTAL = 2  # SQLite's number for auto_vacuum in steps
# Seconds in which PostgreSQL ends the session of a process that has just gone, with its lock.
SESSION_END = 2.0
# How PostgreSQL notices that the machine that holds the lock is gone, or the network to it, for
# which it would keep the session for hours: seconds without a sign of life, between two questions,
# how many of these, and milliseconds in which what it sends has to arrive.
SIGNS_OF_LIFE = {
    "tcp_keepalives_idle": "1",
    "tcp_keepalives_interval": "1",
    "tcp_keepalives_count": "2",
    "tcp_user_timeout": "3000",
}
ADVISORY_LOCK = 0x6578656375746F72  # "executor"; PostgreSQL's locks go by number, per database


class Database:
    """An open database and the locks that keep a second node off it.

    ``file`` is the journal, or stands for that of a server in the state directory: beside it is
    what has to survive what becomes of the journal.
    """

    def __init__(
        self,
        engine: Engine,
        place: str,
        file: Path,
        held: list[Callable[[], None]],
        session_lock: _SessionLock | None = None,
    ) -> None:
        self.engine = engine
        self.place = place
        self.file = file
        self._held = held
        self._session_lock = session_lock

    def look(self) -> None:
        """See over a connection of its own whether the database is there.

        Raises:
            StorageError: its file is gone.
            SQLAlchemyError: it is not.

        """
        file = self.engine.url.database
        if self.engine.dialect.name == "sqlite" and not Path(str(file)).exists():
            raise StorageError(
                f"the journal {self.place} is gone; put it back, or restart the node to begin "
                "with an empty one"
            )
        with self.engine.connect() as connection:
            connection.execute(text("SELECT 1"))

    def renew(self) -> None:
        """Close old connections, and take a lock again that was lost with one of them.

        Raises:
            StorageError: another node took it meanwhile.
            SQLAlchemyError: the database is not there.

        """
        self.engine.dispose()
        if self._session_lock is not None:
            self._session_lock.renew()

    def close(self) -> None:
        """Close every connection and give the locks back."""
        _release(self.engine, self._held)


def default_state_directory() -> Path:
    """Return ``$ROS_HOME/execution_orchestrator`` (default ``~/.ros/execution_orchestrator``)."""
    home = os.environ.get("ROS_HOME") or "~/.ros"
    return Path(home).expanduser() / "execution_orchestrator"


def default_file(state_directory: Path) -> Path:
    """Return the journal file in the state directory."""
    return state_directory / "journal.db"


@contextmanager
def locked(folders: set[Path]) -> Iterator[None]:
    """Keep every node off these folders for a while.

    Raises:
        StorageError: a node uses one of them, or it cannot be written.

    """
    held: list[Callable[[], None]] = []
    try:
        for folder in sorted(folders):
            try:
                held.append(_lock_folder(folder))
            except OSError as failure:
                raise of_folder(folder, failure) from failure
        yield
    finally:
        while held:
            held.pop()()


def open_database(
    state_directory: Path, *, url: str = "", durability: Durability = "normal", lock: bool = True
) -> Database:
    """Open (and, if it is new or old, migrate) the database.

    ``normal`` survives the death of the process, ``full`` also a power cut (with PostgreSQL: of
    the machine it runs on). Without ``lock`` it is opened for reading, also while a node uses it,
    and a missing database is not created.

    Raises:
        StorageError: the place cannot be written, another node uses it, or the file is damaged.

    """
    engine = engine_of(url or f"sqlite:///{default_file(state_directory)}")
    sqlite = engine.dialect.name == "sqlite"
    place = engine.url.render_as_string(hide_password=True) if url else str(engine.url.database)
    if sqlite and not lock and not Path(str(engine.url.database)).exists():
        raise StorageError(
            f"there is no journal {place}; name the folder, or the database, that the node uses"
        )
    held: list[Callable[[], None]] = []
    session_lock: _SessionLock | None = None
    try:
        # The folder also holds the progress of goals with several steps.
        folders = (
            {state_directory, Path(str(engine.url.database)).parent}
            if sqlite
            else {state_directory}
        )
        for folder in sorted(folders):
            folder.mkdir(parents=True, exist_ok=True)
            if lock:
                held.append(_lock_folder(folder))
        if sqlite:
            file = Path(str(engine.url.database))
            refuse_no_journal(file)
            if file.exists():
                # Before anything is changed in it: it may be the file of another program.
                _check(engine)
                _known_revision(engine, place)
                engine.dispose()
            _prepare_sqlite(engine, durability)
        else:
            _prepare_postgresql(engine, durability)
            if lock:
                session_lock = _SessionLock(engine, place)
                held.append(session_lock.release)
            _known_revision(engine, place)
        if sqlite and lock:
            _check_writable(engine)
            _prepare_shrinking(engine)
        migrate(engine)
    except OSError as failure:
        _release(engine, held)
        raise of_folder(state_directory, failure) from failure
    except SQLAlchemyError as failure:
        _release(engine, held)
        if sqlite:
            raise of_sqlite(Path(str(engine.url.database)), failure) from failure
        raise of_server(place, failure) from failure
    except StorageError:
        _release(engine, held)
        raise
    return Database(engine, place, _file_of(engine, state_directory), held, session_lock)


def _file_of(engine: Engine, state_directory: Path) -> Path:
    if engine.dialect.name == "sqlite":
        return Path(str(engine.url.database))
    server = engine.url.set(password=None).render_as_string()
    return (
        state_directory / f"journal-{sha1(server.encode(), usedforsecurity=False).hexdigest()[:8]}"
    )


def _release(engine: Engine, held: list[Callable[[], None]]) -> None:
    while held:
        held.pop()()
    engine.dispose()


def engine_of(text_of_url: str, *, schema: str = "") -> Engine:
    """Return what connects to a database; ``schema``: of PostgreSQL, whose tables are meant.

    Raises:
        StorageError: the URL is none, its driver is missing, or it is no database for a journal.

    """
    try:
        url = make_url(text_of_url)
        if url.drivername == "postgresql":
            url = url.set(drivername="postgresql+psycopg")
        if url.get_backend_name() not in ("sqlite", "postgresql"):
            raise StorageError(
                f"the journal cannot be kept in {url.get_backend_name()}; "
                "use sqlite or postgresql in the parameter database_url"
            )
        settings: dict[str, Any] = {}
        if url.get_backend_name() == "postgresql":
            settings = dict(POSTGRESQL_TIMEOUTS)
            if schema:
                settings["options"] = f"{settings['options']} -c search_path={schema}"
        engine = create_engine(url, connect_args=settings)
    except ModuleNotFoundError as failure:
        raise StorageError(
            f"the database driver {failure.name} is missing; "
            f"install it with: {how_to_get('postgresql')}"
        ) from failure
    except ArgumentError as failure:
        raise StorageError(
            f"the parameter database_url is no database URL: {first_line(failure)}; "
            "write it like postgresql://user@host/name"
        ) from failure
    if engine.dialect.name == "sqlite" and engine.url.database in (None, "", ":memory:"):
        raise StorageError(
            "a journal in memory would not survive anything; "
            "name a file in the parameter database_url"
        )
    return engine


def _lock_folder(folder: Path) -> Callable[[], None]:
    handle = (folder / "lock").open("a+")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.close()
        raise InUseError(
            f"another orchestrator uses {folder}; stop it, or give this one a state_directory "
            "of its own"
        ) from None
    return handle.close


class _SessionLock:
    """A lock of PostgreSQL, which gives it back by itself when this process dies."""

    def __init__(self, engine: Engine, place: str) -> None:
        self._engine = engine
        self._place = place
        self._connection: Connection | None = self._taken()

    def renew(self) -> None:
        """Take the lock again if the server has forgotten it."""
        if self._connection is not None:
            try:
                self._connection.execute(text("SELECT 1"))
            except SQLAlchemyError:
                self.release()
        if self._connection is None:
            self._connection = self._taken()

    def release(self) -> None:
        """Give the lock back."""
        if self._connection is not None:
            # The pool would keep the session, and the lock with it.
            self._connection.invalidate()
            self._connection.close()
            self._connection = None

    def _taken(self) -> Connection:
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        for name, value in SIGNS_OF_LIFE.items():
            setting = {"name": name, "value": value}
            connection.execute(text("SELECT set_config(:name, :value, false)"), setting)
        key = {"key": ADVISORY_LOCK}
        deadline = time.monotonic() + SESSION_END
        while not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), key):
            if time.monotonic() < deadline:
                time.sleep(SESSION_END / 40)
                continue
            connection.close()
            raise InUseError(
                f"another orchestrator uses {self._place}; stop it, or give this one a database "
                "of its own"
            )
        return connection


@contextmanager
def server_lock(engine: Engine, place: str) -> Iterator[None]:
    """Keep every node off a journal in PostgreSQL for a while.

    Raises:
        StorageError: a node uses it.

    """
    lock = _SessionLock(engine, place)
    try:
        yield
    finally:
        lock.release()


def _prepare_postgresql(engine: Engine, durability: Durability) -> None:
    commit = "on" if durability == "full" else "off"

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.execute(f"SET synchronous_commit TO {commit}")
        connection.commit()


def _prepare_sqlite(engine: Engine, durability: Durability) -> None:
    synchronous = "FULL" if durability == "full" else "NORMAL"

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute(f"PRAGMA synchronous={synchronous}")
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT}")
        cursor.close()


def _check_writable(engine: Engine) -> None:
    """Find a file without write permission now, and not at the first event."""
    with engine.connect() as connection:
        # To begin a transaction is not enough: SQLite makes it one that only reads.
        connection.exec_driver_sql("PRAGMA user_version=0")


def _prepare_shrinking(engine: Engine) -> None:
    """Let a file give space back a little at a time; one of an older version is rewritten once."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if connection.scalar(text("PRAGMA auto_vacuum")) != INCREMENTAL:
            connection.execute(text(f"PRAGMA auto_vacuum={INCREMENTAL}"))
            connection.execute(text("VACUUM"))


def _check(engine: Engine) -> None:
    with engine.connect() as connection:
        verdict = connection.execute(text("PRAGMA quick_check(1)")).scalar()
    if verdict != "ok":
        raise of_damaged(Path(str(engine.url.database)), " ".join(str(verdict).split()))


def _known_revision(engine: Engine, place: str) -> None:
    """Look whether this version can bring the tables up to date.

    Raises:
        StorageError: they are those of a newer version, or of another program, or some are gone.

    """
    with engine.connect() as connection:
        tables = set(inspect(connection).get_table_names())
        revisions = revisions_of(connection)
    newer = revisions.difference(REVISIONS)
    if newer:
        raise StorageError(
            f"the journal {place} was written by a newer version: its tables are of revision "
            f"{', '.join(sorted(newer))}, and this version knows those up to "
            f"{REVISIONS[-1]}; install that version (or a later one) again"
        )
    if engine.dialect.name == "sqlite" and tables - {"alembic_version"} and not revisions:
        if tables & metadata.tables.keys() and LastWritten(Path(place)).read() is not None:
            raise StorageError(
                f"the journal {place} has lost what was written last, even the end of its tables: "
                "its -wal file was cut off or replaced; restore a backup, or save what can be read "
                f"with `{REPAIR}`, which keeps a copy"
            )
        raise StorageError(
            f"{place} is the database of another program, or a journal whose tables were not "
            "finished; name the right file in the parameter database_url, restore a backup, or "
            f"save what can be read with `{REPAIR}`, which keeps a copy"
        )
    gone = metadata.tables.keys() - tables
    if gone and REVISIONS[-1] in revisions:
        raise StorageError(
            f"the journal {place} has lost tables ({', '.join(sorted(gone))}); restore a backup, "
            f"or save what can be read with `{REPAIR}`, which keeps a copy"
        )
