"""A simulated robot that lives in an SDF world: the world, the physics, and the servers."""
