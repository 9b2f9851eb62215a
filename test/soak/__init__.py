"""The node for a long time: what it takes of memory, files and threads stays the same."""
