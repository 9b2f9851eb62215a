"""Transforms point clouds; importing it teaches them to tf2_ros."""

from tf2_sensor_msgs.tf2_sensor_msgs import do_transform_cloud, transform_points

__all__ = ["do_transform_cloud", "transform_points"]
