"""Who may do what: people with roles and tokens, in a file that a command writes."""
