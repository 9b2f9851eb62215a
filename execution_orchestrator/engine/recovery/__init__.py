"""Recovery: tables, decisions, circuit breakers, compensation, dead letters."""
