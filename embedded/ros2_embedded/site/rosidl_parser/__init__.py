"""Descriptions of interface types."""
