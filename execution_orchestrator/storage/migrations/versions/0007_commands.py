"""An index for who asked for what, however long the journal is."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

COMMANDS = "type IN ('COMMAND_GIVEN', 'EXECUTION_REQUESTED', 'REQUEST_REFUSED')"


def upgrade() -> None:
    """Make it; it has a row only for what somebody asked for."""
    op.create_index(
        "event_commands",
        "event",
        ["seq"],
        sqlite_where=sa.text(COMMANDS),
        postgresql_where=sa.text(COMMANDS),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_index("event_commands", "event")
