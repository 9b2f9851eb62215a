"""The tables."""

from sqlalchemy import BigInteger, Column, Float, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()

# SQLite gives rowids out only for INTEGER primary keys.
Sequence = BigInteger().with_variant(Integer, "sqlite")

event = Table(
    "event",
    metadata,
    Column("seq", Sequence, primary_key=True, autoincrement=True),
    Column("execution_id", String(128), nullable=False),
    Column("time", Float, nullable=False),
    Column("type", String(64), nullable=False),
    Column("action", String(512), nullable=False),
    Column("data", Text, nullable=False),
    Index("event_execution", "execution_id", "seq"),
)

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("checkpoint_id", String(128), primary_key=True),
    Column("execution_id", String(128), nullable=False, index=True),
    Column("time", Float, nullable=False),
    Column("completed_actions", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("data", Text, nullable=False),
)
