"""The tables."""

from sqlalchemy import (
    DDL,
    BigInteger,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.event import listen

metadata = MetaData()

# SQLite gives rowids out only for INTEGER primary keys.
Sequence = BigInteger().with_variant(Integer, "sqlite")

# Events that belong to no execution or outlive it. A query has to say just this to use the index.
LASTING = "(execution_id = '' OR type IN ('DEAD_LETTER_ADDED', 'DEAD_LETTER_CHANGED'))"

# The requests of people and programs (COMMAND_GIVEN), read from the newest backwards.
COMMANDS = "type IN ('COMMAND_GIVEN', 'EXECUTION_REQUESTED', 'REQUEST_REFUSED')"

# Positions are given out by the one writer, so a second writer cannot go unnoticed. Of all rows
# there is no other index: each further one costs as much as the rows themselves.
event = Table(
    "event",
    metadata,
    Column("seq", Sequence, primary_key=True, autoincrement=False),
    Column("execution_id", Text, nullable=False),
    Column("time", Float, nullable=False),
    Column("type", String(64), nullable=False),
    Column("action", Text, nullable=False),
    Column("data", Text, nullable=False),
)
# As text: an Index with a condition would load what SQLAlchemy knows of PostgreSQL into every node.
for _name, _rows in (("event_lasting", LASTING), ("event_commands", COMMANDS)):
    _index = DDL(f"CREATE INDEX {_name} ON event (seq) WHERE {_rows}")  # type: ignore[no-untyped-call]
    listen(event, "after_create", _index)

# Where in the journal an execution is, and what became of it.
execution = Table(
    "execution",
    metadata,
    Column("execution_id", Text, primary_key=True),
    Column("first", Sequence, nullable=False),
    Column("last", Sequence),  # none while it runs
    Column("accepted", Float, nullable=False),
    Column("ended", Float),
    Column("status", String(32), nullable=False),
    Column("command", Text, nullable=False),
    # Known when it has ended, one name a line, see run_facts.py.
    Column("capabilities", Text, nullable=False, server_default=""),
    Column("errors", Text, nullable=False, server_default=""),
    Column("robots", Text, nullable=False, server_default=""),
    Index("execution_first", "first"),
    Index("execution_ended", "ended"),
)

# Parts of the journal that no longer count and are being deleted, a little at a time.
pruned = Table(
    "pruned",
    metadata,
    Column("first", Sequence, primary_key=True, autoincrement=False),
    Column("last", Sequence, nullable=False),
    Column("execution_id", Text, nullable=False),
)

# What is large in events, by a digest of it: once, whatever number of events has it.
content = Table(
    "content",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("data", LargeBinary, nullable=False),  # compressed
)

# The events that have it. When the last of them goes, it goes too.
content_use = Table(
    "content_use",
    metadata,
    Column("seq", Sequence, primary_key=True, autoincrement=False),
    Column("name", String(32), primary_key=True),
    Index("content_use_name", "name"),
)
