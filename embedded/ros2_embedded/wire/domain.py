"""The configuration of a DDS domain, from the environment variables ROS 2 documents."""

from __future__ import annotations

import os
import threading

from ros2_embedded.wire.library import DdsError, create_domain

MAX_DOMAIN_ID = 232
# rmw_cyclonedds looks for 32 processes on a host; a machine that runs tests has more.
PROCESSES_ON_A_HOST = 99
LOOPBACK = (
    '<Interfaces><NetworkInterface name="lo" priority="default" multicast="false"/></Interfaces>'
)
# The loopback carries datagrams whole: an image takes fifteen instead of seven hundred pieces.
LARGE_DATAGRAMS = "<MaxMessageSize>65500B</MaxMessageSize><FragmentSize>65000B</FragmentSize>"
_created: set[int] = set()
_lock = threading.Lock()


def domain_id_from_environment() -> int:
    """Return ROS_DOMAIN_ID.

    Raises:
        ValueError: it is not a number from 0 to 232.

    """
    text = os.environ.get("ROS_DOMAIN_ID", "") or "0"
    if not text.isdigit() or int(text) > MAX_DOMAIN_ID:
        raise ValueError(
            f"ROS_DOMAIN_ID is {text!r}; it has to be a number from 0 to {MAX_DOMAIN_ID}"
        )
    return int(text)


def discovery_range() -> str:
    """Return LOCALHOST (the default here), SUBNET, OFF or SYSTEM_DEFAULT.

    Raises:
        ValueError: ROS_AUTOMATIC_DISCOVERY_RANGE holds anything else.

    """
    if os.environ.get("ROS_LOCALHOST_ONLY", "") == "1":
        return "LOCALHOST"
    chosen = os.environ.get("ROS_AUTOMATIC_DISCOVERY_RANGE", "").upper() or "LOCALHOST"
    if chosen not in ("LOCALHOST", "SUBNET", "OFF", "SYSTEM_DEFAULT"):
        raise ValueError(
            f"ROS_AUTOMATIC_DISCOVERY_RANGE is {chosen!r}; "
            "it has to be LOCALHOST, SUBNET, OFF or SYSTEM_DEFAULT"
        )
    return chosen


def configuration() -> str:
    """Return the XML fragments for Cyclone DDS; CYCLONEDDS_URI comes last and so wins."""
    chosen = discovery_range()
    peers = [peer for peer in os.environ.get("ROS_STATIC_PEERS", "").split(";") if peer]
    parts: list[str] = []
    if chosen == "LOCALHOST":
        peers.insert(0, "localhost")
        interface = "" if len(peers) > 1 else LOOPBACK
        large = LARGE_DATAGRAMS if interface else ""
        parts.append(f"<General>{interface}<AllowMulticast>false</AllowMulticast>{large}</General>")
    if chosen == "OFF":
        parts.append("<General><AllowMulticast>false</AllowMulticast></General>")
        parts.append(
            "<Discovery><ParticipantIndex>none</ParticipantIndex>"
            f"<Tag>ros_discovery_off_{os.getpid()}</Tag></Discovery>"
        )
    elif peers:
        listed = "".join(f'<Peer address="{peer}"/>' for peer in peers)
        parts.append(
            "<Discovery><ParticipantIndex>auto</ParticipantIndex>"
            f"<MaxAutoParticipantIndex>{PROCESSES_ON_A_HOST}</MaxAutoParticipantIndex>"
            f"<Peers>{listed}</Peers></Discovery>"
        )
    xml = f"<CycloneDDS><Domain>{''.join(parts)}</Domain></CycloneDDS>" if parts else ""
    own = os.environ.get("CYCLONEDDS_URI", "")
    return ",".join(fragment for fragment in (xml, own) if fragment)


def ensure_domain(domain_id: int) -> None:
    """Configure a domain once in this process.

    Raises:
        DdsError: Cyclone refuses the configuration.

    """
    with _lock:
        if domain_id in _created:
            return
        code = create_domain(domain_id, configuration().encode())
        if code < 0:
            raise DdsError(code, f"configuring domain {domain_id} (see CYCLONEDDS_URI)")
        _created.add(domain_id)
