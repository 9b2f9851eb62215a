"""The gap between two actions, with what comes next prepared and without."""
