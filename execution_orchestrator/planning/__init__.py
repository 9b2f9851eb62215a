"""From words to plans."""
