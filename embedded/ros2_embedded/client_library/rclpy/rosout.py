"""Sends what a node logs to /rosout."""

from ros2_embedded.idl import serialize

from builtin_interfaces.msg import Time
from rcl_interfaces.msg import Log
from rclpy.impl import log_output
from rclpy.impl.wire_policies import to_wire


class RosoutPublisher:
    """A writer of /rosout that follows one node's logger."""

    def __init__(self, node, qos_profile):
        self._writer = node._participant.publisher("/rosout", Log, to_wire(qos_profile))
        self._name = node._logger_name()
        log_output.add_rosout(self._name, self._publish)

    @property
    def guid(self):
        return self._writer.guid

    def _publish(self, severity, stamp, name, message, caller):
        if not self._writer.entity:
            return
        function, file, line = caller
        log = Log(
            stamp=Time(sec=stamp // 10**9, nanosec=stamp % 10**9), level=int(severity), name=name,
            msg=message, file=file, function=function, line=line,
        )  # fmt: skip
        try:
            self._writer.write(serialize(log))
        except RuntimeError:
            return  # a log line must not end a program that is shutting down

    def destroy(self):
        log_output.remove_rosout(self._name, self._publish)
        self._writer.close()
