"""What the simulated servers do with a goal, on any host: the ROS servers, or a rehearsal.

No node, no topic, no clock of its own: a `Host` offers the actions, a `Body` is the robot.
"""
