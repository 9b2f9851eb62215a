"""Says its name on a topic and prints who else does, until its input ends.

Arguments: name; `ours`, or the range a real ROS 2 is set to, whose configuration of Cyclone is then
used instead: it restricts no interface, so Cyclone picks one, and not the loopback.
"""

import contextlib
import sys
import threading

from ros2_embedded import bootstrap
from ros2_embedded.wire import domain

bootstrap.activate()

import rclpy  # noqa: E402
from std_msgs.msg import String  # noqa: E402

UPSTREAM = {
    "LOCALHOST": (
        "<CycloneDDS><Domain><General><AllowMulticast>false</AllowMulticast></General><Discovery>"
        "<ParticipantIndex>auto</ParticipantIndex><MaxAutoParticipantIndex>32</MaxAutoParticipantIndex>"
        '<Peers><Peer address="localhost"/></Peers></Discovery></Domain></CycloneDDS>'
    ),
    "SUBNET": (
        "<CycloneDDS><Domain><Discovery><ParticipantIndex>auto</ParticipantIndex>"
        "<MaxAutoParticipantIndex>32</MaxAutoParticipantIndex></Discovery></Domain></CycloneDDS>"
    ),
}
NAME, KIND = sys.argv[1:]
if KIND != "ours":
    domain.configuration = lambda: UPSTREAM[KIND]

rclpy.init()
node = rclpy.create_node(NAME)
heard = set()


def note(message):
    if message.data not in heard:
        heard.add(message.data)
        print(message.data, flush=True)


node.create_subscription(String, "exchange", note, 10)
publisher = node.create_publisher(String, "exchange", 10)
node.create_timer(0.1, lambda: publisher.publish(String(data=NAME)))
print("ready", flush=True)
threading.Thread(target=lambda: (sys.stdin.read(), rclpy.shutdown()), daemon=True).start()
with contextlib.suppress(rclpy.executors.ExternalShutdownException):
    rclpy.spin(node)
