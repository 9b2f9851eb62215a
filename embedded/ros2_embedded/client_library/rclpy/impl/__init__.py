"""Parts that programs seldom import themselves."""
