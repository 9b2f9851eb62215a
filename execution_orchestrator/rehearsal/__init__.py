"""Runs a plan with the engine and a simulated robot in virtual time; the real robot is not used.

The engine, the capabilities and the recovery strategies are those of the node; the robot is
simulation/physics, its servers simulation/work. No node, no topic, no clock: the same request gives
the same answer.
"""
