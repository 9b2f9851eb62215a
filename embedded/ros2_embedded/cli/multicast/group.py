"""Where datagrams go."""

from __future__ import annotations

import argparse
import ipaddress

_DEFAULT_GROUP = "225.0.0.1"
_DEFAULT_PORT = 49150
_LARGEST_TTL = 255


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of sender and receiver."""
    parser.add_argument(
        "--group", type=_group, default=_DEFAULT_GROUP, help="The multicast group to use"
    )
    parser.add_argument(
        "--port", type=positive_int, default=_DEFAULT_PORT, help="The multicast port to use"
    )


def add_ttl(parser: argparse.ArgumentParser) -> None:
    """Add the option of the sender."""
    parser.add_argument("--ttl", type=_ttl, help="The multicast TTL")


def _group(text: str) -> str:
    try:
        if ipaddress.IPv4Address(text).is_multicast:
            return text
    except ipaddress.AddressValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    raise argparse.ArgumentTypeError(f"{text} is no multicast group: use 224.0.0.0 and above")


def positive_int(text: str) -> int:
    """Read a positive number; raises ArgumentTypeError for another text."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive number")
    return int(text)


def _ttl(text: str) -> int:
    """Read how far datagrams go; 0 keeps them on this machine."""
    if not text.isdecimal() or int(text) > _LARGEST_TTL:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to {_LARGEST_TTL}")
    return int(text)
