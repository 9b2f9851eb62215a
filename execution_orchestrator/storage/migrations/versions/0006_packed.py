"""Large events are compressed in their rows (storage/packing.py).

The tables are the same. The revision keeps older releases from taking such rows for damaged ones.
"""

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change nothing: rows of older releases are read as they are."""


def downgrade() -> None:
    """Change nothing: an older release cannot read the rows that are compressed."""
