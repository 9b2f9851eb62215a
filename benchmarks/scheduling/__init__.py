"""How good the schedules are, on instances of PSPLIB or on random ones."""
