"""The shell around the engine: writes its events to the journal, then performs its effects."""
