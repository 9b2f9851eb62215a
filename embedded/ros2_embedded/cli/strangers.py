"""Servers that are seen and can never answer: those on the DDS of another vendor.

Cyclone DDS and Fast DDS exchange topics, but write the requests of services differently. Which one
an endpoint is on is in the first two bytes of its GUID.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ros2_embedded.cli.node_context import wait_until

#: What OMG has given to the makers of DDS, with the middleware of ROS 2 on it.
_VENDORS = {
    bytes.fromhex("0101"): ("Connext DDS", "rmw_connextdds"),
    bytes.fromhex("010f"): ("Fast DDS", "rmw_fastrtps_cpp"),
    bytes.fromhex("0110"): ("Cyclone DDS", "rmw_cyclonedds_cpp"),
}
#: Where a command is on each of the two that come with this repository.
_PLACES = {
    "rmw_fastrtps_cpp": "make ros2, and source .ros2/setup.bash",
    "rmw_cyclonedds_cpp": "the embedded runtime: source .venv/bin/activate in a new terminal",
}
_OF_AN_ACTION = "/_action/send_goal"


class UnreachableServerError(RuntimeError):
    """The only servers there are will never answer; the message says why and what to do."""


def wait_for_server(
    node: Any, ready: Callable[[], bool], service: str, timeout: float | None = None
) -> bool:
    """Wait until `ready()`; False after `timeout` seconds or at the end of the context.

    Raises UnreachableServerError as soon as only servers on another vendor's DDS are there.
    """
    deadline = None if timeout is None else time.monotonic() + timeout
    try:
        while node.context.ok():
            found, obstacle = ready(), _obstacle(node, service)
            if obstacle is not None:
                raise UnreachableServerError(obstacle)
            if found:
                return True
            if deadline is not None and time.monotonic() >= deadline:
                break
            wait_until(node, ready, 0.2)
    except Exception:
        # Somebody has ended the context meanwhile: the graph cannot be asked any more.
        if node.context.ok():
            raise
    return False


def _obstacle(node: Any, service: str) -> str | None:
    """Say why all servers there are cannot answer; None if one can, or there is none."""
    from rclpy.utilities import get_rmw_implementation_identifier

    topic = f"rq{node.resolve_service_name(service)}Request"
    servers = node.get_subscriptions_info_by_topic(topic, no_mangle=True)
    makers = [_VENDORS.get(bytes(server.endpoint_gid[:2])) for server in servers]
    own = get_rmw_implementation_identifier()
    here = next((maker for maker, rmw in _VENDORS.values() if rmw == own), None)
    if not makers or here is None or any(maker is None or maker[1] == own for maker in makers):
        return None
    there, middleware = makers[0] or ("", "")
    what = f"service '{service}'"
    if service.endswith(_OF_AN_ACTION):
        what = f"action '{service.removesuffix(_OF_AN_ACTION)}'"
    return (
        f"The server of the {what} uses {there}, this process {here}: topics pass between the two, "
        f"services and actions do not. Start it with RMW_IMPLEMENTATION={own}, or this command "
        f"where {middleware} is used ({_PLACES.get(middleware, middleware)})."
    )
