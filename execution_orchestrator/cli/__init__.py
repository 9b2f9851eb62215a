"""The commands a person types: run, watch, demo, validate, report, history, journal."""
