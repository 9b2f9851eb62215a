"""Makes the tables of a journal, or brings those of an older version up to date.

Alembic does the latter, and is loaded only for that: with what it needs it is ten megabytes of a
node, and a part of its start.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Column, Connection, Engine, MetaData, String, Table, inspect

from execution_orchestrator.storage.schema import metadata

MIGRATIONS = Path(__file__).parent / "migrations"
#: Of the tables, in their order: each has a file in `migrations`.
REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008")
#: Where alembic keeps a journal's revision.
VERSION = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))


def revisions_of(connection: Connection) -> set[str]:
    """Return the revision of a journal's tables; empty: it has none."""
    if VERSION.name not in inspect(connection).get_table_names():
        return set()
    return set(connection.scalars(VERSION.select()))


def migrate(engine: Engine) -> None:
    """Make the tables, or bring them up to date."""
    with engine.begin() as connection:
        found = revisions_of(connection)
        if found == {REVISIONS[-1]}:
            return
        if not found and "event" not in inspect(connection).get_table_names():
            metadata.create_all(connection)
            VERSION.create(connection, checkfirst=True)
            connection.execute(VERSION.insert().values(version_num=REVISIONS[-1]))
            return
        _upgrade(connection)


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415  # the top of this file says why
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
