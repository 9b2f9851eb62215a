import itertools

import pytest
from sqlalchemy import create_engine, text

from execution_orchestrator.storage import open_database
from test.postgres import running_server, why_not


@pytest.fixture(scope="session")
def postgresql():
    """Return a function that makes an empty database and returns its URL."""
    if reason := why_not():
        pytest.skip(reason)
    with running_server() as socket:
        numbers = itertools.count(1)
        server = create_engine(
            f"postgresql+psycopg://tester@/postgres?host={socket}", isolation_level="AUTOCOMMIT"
        )

        def make() -> str:
            name = f"journal{next(numbers)}"
            with server.connect() as connection:
                connection.execute(text(f"CREATE DATABASE {name}"))
            return f"postgresql+psycopg://tester@/{name}?host={socket}"

        yield make
        server.dispose()


class Store:
    """A place for a journal that can be opened again and again."""

    def __init__(self, directory, url):
        self.directory = directory
        self.url = url
        self._open = []

    def open(self, **options):
        database = open_database(self.directory, url=self.url, **options)
        self._open.append(database)
        return database

    def close(self):
        for database in self._open:
            database.close()
        self._open.clear()


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request, tmp_path):
    url = request.getfixturevalue("postgresql")() if request.param == "postgresql" else ""
    store = Store(tmp_path / "state", url)
    yield store
    store.close()
