"""How the end of a program's context shows in its main function."""

from rclpy.exceptions import NotInitializedException, RCLError
from rclpy.executors import ExternalShutdownException

#: A signal ends the context at any moment: while nodes are made, too.
STOPPED = (KeyboardInterrupt, ExternalShutdownException, NotInitializedException, RCLError)
