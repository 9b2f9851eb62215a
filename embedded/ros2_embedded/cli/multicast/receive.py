"""`ros2 multicast receive`."""

import argparse
import socket

from ros2_embedded.cli.multicast import group

_LARGEST = 4096  # bytes


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    group.add_arguments(parser)


def run(args: argparse.Namespace) -> None:
    """Wait for one datagram and print it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        receiver.bind(("", args.port))
        anywhere = socket.inet_aton("0.0.0.0")
        receiver.setsockopt(
            socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(args.group) + anywhere
        )
        print("Waiting for UDP multicast datagram...", flush=True)
        try:
            data, (host, port) = receiver.recvfrom(_LARGEST)
        except KeyboardInterrupt:
            return
    print(f"Received from {host}:{port}: '{data.decode('utf-8', errors='replace')}'")
