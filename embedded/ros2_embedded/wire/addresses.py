"""The IPv4 addresses of this machine's network interfaces."""

from __future__ import annotations

import contextlib
import socket
import struct

_GET_ADDRESS = 0x8915  # SIOCGIFADDR of netdevice(7)


def own_addresses() -> tuple[str, ...]:
    """Return the first address of every interface but the loopback; none where there is no Linux."""
    try:
        import fcntl  # noqa: PLC0415
    except ImportError:
        return ()
    found: list[str] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        for _, name in socket.if_nameindex():
            # An interface may have no address, or be gone by now.
            with contextlib.suppress(OSError):
                request = struct.pack("256s", name.encode()[:15])
                answer = fcntl.ioctl(asked.fileno(), _GET_ADDRESS, request)
                found.append(socket.inet_ntoa(answer[20:24]))
    return tuple(address for address in found if not address.startswith("127."))
