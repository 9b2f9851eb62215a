"""The journal and the checkpoints."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the first tables."""
    sequence = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "event",
        sa.Column("seq", sequence, primary_key=True, autoincrement=True),
        sa.Column("execution_id", sa.String(128), nullable=False),
        sa.Column("time", sa.Float, nullable=False),
        sa.Column("type", sa.String(64), nullable=False),
        sa.Column("action", sa.String(512), nullable=False),
        sa.Column("data", sa.Text, nullable=False),
    )
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


def downgrade() -> None:
    """Drop them."""
    op.drop_table("checkpoint")
    op.drop_table("event")
