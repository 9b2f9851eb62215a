"""The parts of the journal that are being deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SEQUENCE = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "pruned",
        sa.Column("first", SEQUENCE, primary_key=True, autoincrement=False),
        sa.Column("last", SEQUENCE, nullable=False),
        sa.Column("execution_id", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Drop it; what it names has to be deleted first."""
    op.execute(
        "DELETE FROM event WHERE EXISTS (SELECT 1 FROM pruned "
        "WHERE pruned.execution_id = event.execution_id "
        "AND event.seq BETWEEN pruned.first AND pruned.last)"
    )
    op.drop_table("pruned")
