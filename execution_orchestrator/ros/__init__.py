"""The ROS 2 node: interfaces on one side, the runtime on the other."""
