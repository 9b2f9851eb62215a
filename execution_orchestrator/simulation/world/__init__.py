"""What an SDF file says of a world: models, shapes, poses, named places."""
