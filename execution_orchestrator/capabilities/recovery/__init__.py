"""Recovery strategies: each does one real thing and says how to go on."""
