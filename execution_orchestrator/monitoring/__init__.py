"""Figures, alerts, traces, the report and the web page, all computed from the journal's events."""
