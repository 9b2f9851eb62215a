"""Messages for tests of middleware; their types come from the interface package."""
