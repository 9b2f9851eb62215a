"""The web page of the node: what runs, why, and buttons to act on it; loopback only."""
