"""The configuration of a DDS domain, from the environment variables ROS 2 documents."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path

from ros2_embedded.wire.addresses import own_addresses
from ros2_embedded.wire.library import DdsError, create_domain, delete

MAX_DOMAIN_ID = 232
# rmw_cyclonedds looks for 32 processes on a host; a machine that runs tests has more.
PROCESSES_ON_A_HOST = 99
# Seconds between two announcements to peers that have not answered: this is how long a process that
# listens but does not announce itself here (a real ROS 2 on SUBNET) may remain unseen.
ANNOUNCE_EVERY = 3
LOOPBACK = '<NetworkInterface name="lo" priority="default" multicast="false"/>'
# The network, and besides it the loopback: real ROS 2 processes on LOCALHOST announce themselves
# there, and Cyclone ignores what comes in by an interface it was not given.
NETWORK = (
    '<NetworkInterface autodetermine="true"/>'
    '<NetworkInterface name="lo" priority="0" multicast="false"/>'
)
# The loopback carries datagrams whole: an image takes fifteen instead of seven hundred pieces.
LARGE_DATAGRAMS = "<MaxMessageSize>65500B</MaxMessageSize><FragmentSize>65000B</FragmentSize>"
#: By domain id: its entity, and how many participants of this process are in it.
_entered: dict[int, tuple[int, int]] = {}
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


def static_peers() -> list[str]:
    """Return the addresses of ROS_STATIC_PEERS, which upstream ignores in some ranges."""
    if os.environ.get("ROS_LOCALHOST_ONLY", "") == "1":
        return []
    if discovery_range() in ("OFF", "SYSTEM_DEFAULT"):
        return []
    return [peer for peer in os.environ.get("ROS_STATIC_PEERS", "").split(";") if peer]


def configuration() -> str:
    """Return the XML fragments for Cyclone DDS; CYCLONEDDS_URI comes last and so wins.

    Raises:
        ValueError: ROS_AUTOMATIC_DISCOVERY_RANGE is wrong.

    """
    chosen = discovery_range()
    own = os.environ.get("CYCLONEDDS_URI", "")
    parts = ""
    if chosen == "OFF":
        parts = (
            "<General><AllowMulticast>false</AllowMulticast></General>"
            "<Discovery><ParticipantIndex>none</ParticipantIndex>"
            f"<Tag>ros_discovery_off_{os.getpid()}</Tag></Discovery>"
        )
    elif chosen != "SYSTEM_DEFAULT":
        peers = static_peers()
        parts = _general(chosen, bool(peers), own) + _discovery(peers)
    xml = f"<CycloneDDS><Domain>{parts}</Domain></CycloneDDS>" if parts else ""
    return ",".join(fragment for fragment in (xml, own) if fragment)


def _general(chosen: str, has_peers: bool, own: str) -> str:
    """Say which interfaces are used, and how."""
    alone = chosen == "LOCALHOST" and not has_peers
    multicast = "<AllowMulticast>false</AllowMulticast>" if chosen == "LOCALHOST" else ""
    interfaces = ""
    # Cyclone adds up the interfaces of all fragments and refuses one that is named twice.
    if not _names_interfaces(own):
        if alone:
            interfaces = LOOPBACK
        elif own_addresses():
            interfaces = NETWORK
    listed = f"<Interfaces>{interfaces}</Interfaces>" if interfaces else ""
    large = LARGE_DATAGRAMS if alone and interfaces else ""
    return f"<General>{listed}{multicast}{large}</General>"


def _discovery(peers: list[str]) -> str:
    """List who hears of this process.

    Whoever uses only one interface, as upstream does, has to be told at its address: Cyclone ignores
    what reaches such a process by the loopback. What goes to an own address stays on the machine.
    """
    never = 'PruneDelay="inf"'
    told = "".join(f'<Peer address="{one}" {never}/>' for one in ("localhost", *own_addresses()))
    told += "".join(f'<Peer address="{one}"/>' for one in peers)
    return (
        "<Discovery><ParticipantIndex>auto</ParticipantIndex>"
        f"<MaxAutoParticipantIndex>{PROCESSES_ON_A_HOST}</MaxAutoParticipantIndex>"
        f"<SPDPInterval>{ANNOUNCE_EVERY}s</SPDPInterval><Peers>{told}</Peers></Discovery>"
    )


def _names_interfaces(uri: str) -> bool:
    """Tell whether CYCLONEDDS_URI, XML or a list of files and XML, chooses interfaces itself."""
    if "<NetworkInterface" in uri:
        return True
    for fragment in uri.split(","):
        path = Path(fragment.strip().removeprefix("file://"))
        # What cannot be read is Cyclone's to complain about.
        with contextlib.suppress(OSError, ValueError):
            if "<NetworkInterface" in path.read_text(encoding="utf-8"):
                return True
    return False


def enter_domain(domain_id: int) -> None:
    """Configure a domain for the first participant of this process in it.

    Raises:
        DdsError: Cyclone refuses the configuration.

    """
    with _lock:
        entity, participants = _entered.get(domain_id, (0, 0))
        if not participants:
            entity = create_domain(domain_id, configuration().encode())
            if entity < 0:
                raise DdsError(entity, f"configuring domain {domain_id} (see CYCLONEDDS_URI)")
        _entered[domain_id] = entity, participants + 1


def leave_domain(domain_id: int) -> None:
    """Give back the sockets and threads of a domain when its last participant of this process has gone."""
    with _lock:
        entity, participants = _entered.pop(domain_id)
        if participants > 1:
            _entered[domain_id] = entity, participants - 1
        else:
            delete(entity)
