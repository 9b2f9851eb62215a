"""ROS 2 on DDS: names, types, user data, QoS, discovery and the graph, over Eclipse Cyclone DDS."""
