"""What is kept on disk: the journal of events, checkpoints and dead letters."""

from execution_orchestrator.storage.database import Database, StorageError, open_database
from execution_orchestrator.storage.journal import Journal, JournalEntry

__all__ = ["Database", "Journal", "JournalEntry", "StorageError", "open_database"]
