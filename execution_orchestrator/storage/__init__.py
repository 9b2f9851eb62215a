"""Storage: the journal of events, checkpoints and dead letters."""

from execution_orchestrator.storage.database import Database, open_database
from execution_orchestrator.storage.journal import Journal, JournalEntry, StorageError
from execution_orchestrator.storage.sql_journal import open_journal

__all__ = [
    "Database",
    "Journal",
    "JournalEntry",
    "StorageError",
    "open_database",
    "open_journal",
]
