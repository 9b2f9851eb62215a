"""Notifications of alerts to people, by rules, kept until they are delivered."""
