"""What is done about failures: tables, decisions, circuit breakers, compensation, dead letters."""
