"""Alembic's environment: the connection is handed in by the code that opens the database."""

from alembic import context

from execution_orchestrator.storage.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
