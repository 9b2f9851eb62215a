"""The shell around the engine: journals what it decides, then does it."""
