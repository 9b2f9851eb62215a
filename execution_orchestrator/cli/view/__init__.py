"""What the terminal commands draw, from the node's own messages."""
