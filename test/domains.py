"""DDS domains that nobody else on this machine uses, for processes that are tested side by side."""

from __future__ import annotations

import fcntl
import os
import random
import socket
import tempfile
from collections import OrderedDict
from functools import cache
from pathlib import Path

LOCKS = Path(tempfile.gettempdir()) / f"ros_domains_{os.getuid()}"
EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")
#: RTPS, 9.6.1.1: where a domain's ports begin, and where its first participant's do.
BASE, GAIN, FIRST_PARTICIPANT = 7400, 250, 10
#: Ports that are looked at: discovery's multicast ports, and those of the first 20 participants.
PORTS = (0, 1, *range(FIRST_PARTICIPANT, FIRST_PARTICIPANT + 40))
#: Domains a process keeps: no test uses more at once, and a long run begins many.
KEPT = 8

_held: OrderedDict[int, int] = OrderedDict()


@cache
def own_domain() -> int:
    """Return this process's domain, the same until it ends: for the environment it gives to all it starts.

    Raises:
        RuntimeError: every domain is in use.

    """
    domain = free_domain()
    del _held[domain]  # its lock stays
    return domain


def free_domain() -> int:
    """Return a domain that is this process's until it has asked for eight more, or ends.

    None of its ports is among those that Linux gives to any socket (a domain above 101 has some, and a
    participant that finds one taken is not discovered), none is in use, and a lock keeps it from other
    tests that ask here.

    Raises:
        RuntimeError: every domain is in use.

    """
    while len(_held) >= KEPT:
        os.close(_held.popitem(last=False)[1])
    candidates = possible_domains()
    random.SystemRandom().shuffle(candidates)
    LOCKS.mkdir(exist_ok=True)
    for domain in candidates:
        lock = os.open(LOCKS / str(domain), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            continue
        if all(map(is_free, ports(domain))):
            _held[domain] = lock
            return domain
        os.close(lock)
    raise RuntimeError(f"no ROS domain is free: see what is locked in {LOCKS}, and `ss -lunp`")


def possible_domains() -> list[int]:
    """List the domains, but for 0, whose ports are below 65536 and not ephemeral."""
    first, last = map(int, EPHEMERAL.read_text().split()) if EPHEMERAL.exists() else (32768, 60999)
    whole = ((domain, BASE + GAIN * domain) for domain in range(1, 233))
    return [
        domain
        for domain, start in whole
        if start + GAIN <= 65536 and (start + GAIN <= first or start > last)
    ]


def ports(domain: int) -> list[int]:
    """List the ports of a domain that are looked at."""
    return [BASE + GAIN * domain + offset for offset in PORTS]


def is_free(port: int) -> bool:
    """Tell whether nobody has bound a UDP port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("", port))
        except OSError:
            return False
    return True
