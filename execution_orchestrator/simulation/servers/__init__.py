"""The simulated robot's processes; each is an executable that speaks the usual interfaces."""
