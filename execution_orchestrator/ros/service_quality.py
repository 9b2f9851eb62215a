"""The quality of service of the services behind actions, for bursts.

ROS 2 keeps the last 10 samples of a service by default: of 200 goals sent in the same instant, 190
requests or answers would be overwritten before anybody read them, and their senders wait for ever.
"""

from rclpy.qos import QoSProfile

MAX_BURST = 1000  # requests or answers that may wait to be read
BURST = QoSProfile(depth=MAX_BURST)
