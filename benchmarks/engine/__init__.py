"""Speed of the engine, side by side with what is known of others."""
