"""`ros2 multicast send`."""

import argparse
import socket

from ros2_embedded.cli.multicast import group


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    group.add_arguments(parser)
    group.add_ttl(parser)


def run(args: argparse.Namespace) -> None:
    """Send one datagram."""
    print("Sending one UDP multicast datagram...")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        if args.ttl is not None:
            sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, args.ttl)
        sender.sendto(b"Hello World!", (args.group, args.port))
