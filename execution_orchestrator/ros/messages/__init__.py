"""Interface types by name, and messages to and from plain fields."""
