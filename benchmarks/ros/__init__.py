"""What the orchestrator costs on the way to action servers, beside hand-written code."""
