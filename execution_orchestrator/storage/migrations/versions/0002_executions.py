"""An entry for every execution instead of an index over all events; keys of any length.

The table of checkpoints goes: a checkpoint is an event of the journal like any other.
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SEQUENCE = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the entries of what the journal holds."""
    op.drop_table("checkpoint")
    op.drop_index("event_execution", "event")
    with op.batch_alter_table("event") as event:
        event.alter_column("execution_id", type_=sa.Text)
        event.alter_column("action", type_=sa.Text)
    table = op.create_table(
        "execution",
        sa.Column("execution_id", sa.Text, primary_key=True),
        sa.Column("first", SEQUENCE, nullable=False),
        sa.Column("last", SEQUENCE),
        sa.Column("accepted", sa.Float, nullable=False),
        sa.Column("ended", sa.Float),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("command", sa.Text, nullable=False),
    )
    connection = op.get_bind()
    entries = {
        execution_id: {
            "execution_id": execution_id,
            "first": first,
            "last": None,
            "accepted": accepted,
            "ended": None,
            "status": "",
            "command": "",
        }
        for execution_id, first, accepted in connection.execute(
            sa.text(
                "SELECT execution_id, MIN(seq), MIN(time) FROM event "
                "WHERE execution_id <> '' GROUP BY execution_id"
            )
        )
    }
    marks = connection.execute(
        sa.text(
            "SELECT execution_id, type, time, data FROM event WHERE type IN "
            "('EXECUTION_ACCEPTED', 'EXECUTION_FINISHED', 'CHECKPOINT_RESTORED', "
            "'EXECUTION_REPLANNED') ORDER BY seq"
        )
    )
    for execution_id, kind, time, data in marks:
        entry = entries[execution_id]
        if kind == "EXECUTION_ACCEPTED":
            entry["command"] = json.loads(data).get("command", "")
        elif kind == "EXECUTION_FINISHED":
            entry.update(ended=time, status=json.loads(data)["status"])
        else:
            entry.update(ended=None, status="")
    lasts = connection.execute(
        sa.text("SELECT execution_id, MAX(seq) FROM event GROUP BY execution_id")
    )
    for execution_id, last in lasts:
        if execution_id and entries[execution_id]["ended"] is not None:
            entries[execution_id]["last"] = last
    if entries:
        op.bulk_insert(table, list(entries.values()))


def downgrade() -> None:
    """Go back to the index."""
    op.drop_table("execution")
    with op.batch_alter_table("event") as event:
        event.alter_column("execution_id", type_=sa.String(128))
        event.alter_column("action", type_=sa.String(512))
    op.create_index("event_execution", "event", ["execution_id", "seq"])
    op.create_table(
        "checkpoint",
        sa.Column("checkpoint_id", sa.String(128), primary_key=True),
        sa.Column("execution_id", sa.String(128), nullable=False, index=True),
        sa.Column("time", sa.Float, nullable=False),
        sa.Column("completed_actions", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
    )
