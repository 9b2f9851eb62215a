"""Large parts of events have a table, and the events do not repeat what their columns say.

Rows of older releases are read as they are (storage/rows.py).
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    position = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "content",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "content_use",
        sa.Column("seq", position, primary_key=True, autoincrement=False),
        sa.Column("name", sa.String(32), primary_key=True),
    )
    op.create_index("content_use_name", "content_use", ["name"])


def downgrade() -> None:
    """Drop them: an older release cannot read the rows that use them."""
    op.drop_table("content_use")
    op.drop_table("content")
