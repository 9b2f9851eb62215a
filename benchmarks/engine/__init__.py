"""Speed of the engine, side by side with its peers, measured in the same run."""
