"""Help for tests of ROS nodes."""

from . import tools
from .message_pump import MessagePump
from .wait_for_topics import WaitForTopics

__all__ = ["MessagePump", "WaitForTopics", "tools"]
