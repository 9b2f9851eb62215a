"""Builds the documentation site: pages from the sources beside the written ones."""
