"""What a plan is: model, loader, expressions, validation, resolution and analysis. Pure."""
