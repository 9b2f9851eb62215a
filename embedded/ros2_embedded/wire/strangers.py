"""Peers that share a service with this process and can still not be talked to.

Cyclone and Fast DDS exchange topics, but not services: Cyclone's ROS 2 layer sends the identity of a
request as part of its data, Fast DDS's beside it. A call across the two is never answered.
"""

from __future__ import annotations

from ros2_embedded.wire import names
from ros2_embedded.wire.graph import DiscoveredEndpoint

CYCLONE = bytes.fromhex("0110")
# What OMG has given to the makers whose DDS there is an rmw for.
_MAKERS = {
    bytes.fromhex("0101"): "Connext DDS",
    bytes.fromhex("010f"): "Fast DDS",
    bytes.fromhex("0114"): "GurumDDS",
}
_ACTION = "/_action/"
_OF_AN_ACTION = "/_action/send_goal"


def is_foreign(endpoint: DiscoveredEndpoint) -> bool:
    """Say whether an endpoint of a service or client is not Cyclone's."""
    return endpoint.vendor != CYCLONE


def concerns_whole_action(service: str) -> bool:
    """Say whether what is told of a service is not told of its action by another service."""
    return _ACTION not in service or service.endswith(_OF_AN_ACTION)


def sentence(service: str, type_name: str, stranger: DiscoveredEndpoint) -> str:
    """Say why the other side of a service or action cannot be talked to, and what to do.

    ``type_name`` is that of the request here, as it is on the wire.
    """
    what = f"service '{service}'"
    if service.endswith(_OF_AN_ACTION):
        what = f"action '{service.removesuffix(_OF_AN_ACTION)}'"
    other = "client" if stranger.is_writer else "server"
    if is_foreign(stranger):
        maker = _MAKERS.get(stranger.vendor, f"a DDS of vendor {stranger.vendor.hex()}")
        return (
            f"The {other} of the {what} uses {maker}, this process Cyclone DDS: topics pass between "
            "the two, services and actions do not. Start the robot's nodes with "
            "RMW_IMPLEMENTATION=rmw_cyclonedds_cpp, or this program on a real ROS 2 (make ros2)."
        )
    there, here = (_type(name) for name in (stranger.type_name, type_name))
    return (
        f"The {what} is a {there} at its {other} and a {here} here, "
        "so they do not talk to each other: both need the same type."
    )


def _type(type_name: str) -> str:
    return names.service_type(type_name).removesuffix("_SendGoal")
