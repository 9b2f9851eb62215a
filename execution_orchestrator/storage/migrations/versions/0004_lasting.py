"""Indexes for a quick start and a quick look at the newest, however long the journal is."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

LASTING = "(execution_id = '' OR type IN ('DEAD_LETTER_ADDED', 'DEAD_LETTER_CHANGED'))"


def upgrade() -> None:
    """Make them; the one over events has a row only for what outlives its execution."""
    op.create_index(
        "event_lasting",
        "event",
        ["seq"],
        sqlite_where=sa.text(LASTING),
        postgresql_where=sa.text(LASTING),
    )
    op.create_index("execution_first", "execution", ["first"])
    op.create_index("execution_ended", "execution", ["ended"])


def downgrade() -> None:
    """Drop them."""
    op.drop_index("execution_ended", "execution")
    op.drop_index("execution_first", "execution")
    op.drop_index("event_lasting", "event")
