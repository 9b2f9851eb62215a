"""Alerts that are told to people who do not look: by rules, kept until they are delivered."""
