"""Feeds /clock to the ROS clocks of a node whose use_sim_time is true."""

import weakref

import rosgraph_msgs.msg
from rclpy.clock import ROSClock
from rclpy.clock_type import ClockType
from rclpy.parameter import Parameter
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rclpy.time import Time

CLOCK_TOPIC = "/clock"
USE_SIM_TIME_NAME = "use_sim_time"


class TimeSource:
    """Attached to one node and to any number of clocks."""

    def __init__(self, *, node=None):
        self._clock_sub = None
        self._node_weak_ref = None
        self._associated_clocks = []
        self._last_time_set = Time(clock_type=ClockType.ROS_TIME)
        self._ros_time_is_active = False
        if node is not None:
            self.attach_node(node)

    @property
    def ros_time_is_active(self):
        return self._ros_time_is_active

    @ros_time_is_active.setter
    def ros_time_is_active(self, enabled):
        if self._ros_time_is_active == enabled:
            return
        self._ros_time_is_active = enabled
        for clock in self._associated_clocks:
            clock._set_ros_time_is_active(enabled)
        if enabled:
            self._subscribe_to_clock_topic()
        else:
            node = self._get_node()
            if self._clock_sub is not None and node is not None:
                node.destroy_subscription(self._clock_sub)
                self._clock_sub = None

    def _get_node(self):
        return self._node_weak_ref() if self._node_weak_ref is not None else None

    def _subscribe_to_clock_topic(self):
        node = self._get_node()
        if self._clock_sub is None and node is not None:
            self._clock_sub = node.create_subscription(
                rosgraph_msgs.msg.Clock,
                CLOCK_TOPIC,
                self.clock_callback,
                QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT),
            )

    def attach_node(self, node):
        from rclpy.node import Node

        if not isinstance(node, Node):
            raise TypeError("Node must be of type rclpy.node.Node")
        if self._node_weak_ref is not None:
            self.detach_node()
        self._node_weak_ref = weakref.ref(node)
        if not node.has_parameter(USE_SIM_TIME_NAME):
            node.declare_parameter(USE_SIM_TIME_NAME, False)
        use_sim_time = node.get_parameter(USE_SIM_TIME_NAME)
        if use_sim_time.type_ == Parameter.Type.BOOL:
            self.ros_time_is_active = use_sim_time.value
        else:
            node.get_logger().error(
                f"Invalid type for parameter '{USE_SIM_TIME_NAME}': should be bool"
            )
        node.add_post_set_parameters_callback(self._on_parameters)

    def detach_node(self):
        if self._clock_sub is not None:
            node = self._get_node()
            if node is not None:
                node.destroy_subscription(self._clock_sub)
            self._clock_sub = None
        self._node_weak_ref = None

    def attach_clock(self, clock):
        if not isinstance(clock, ROSClock):
            raise ValueError("Only clocks with type ROS_TIME can be attached.")
        clock.set_ros_time_override(self._last_time_set)
        clock._set_ros_time_is_active(self.ros_time_is_active)
        self._associated_clocks.append(clock)

    def clock_callback(self, msg):
        time = Time.from_msg(msg.clock)
        self._last_time_set = time
        for clock in self._associated_clocks:
            clock.set_ros_time_override(time)

    def _on_parameters(self, parameters):
        for parameter in parameters:
            if parameter.name == USE_SIM_TIME_NAME and parameter.type_ == Parameter.Type.BOOL:
                self.ros_time_is_active = parameter.value
