"""What it costs to hand out missions to a fleet."""
