"""A plan run beside the real robot: the engine as it is, the simulated robot, virtual time.

The engine, the capabilities and the recovery strategies are those of the node; the robot is
simulation/physics, its servers simulation/work. No node, no topic, no clock: the same request gives
the same answer.
"""
