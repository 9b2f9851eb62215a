"""Better plans with the same meaning."""
