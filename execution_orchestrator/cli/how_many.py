"""How many of a list a command shows at most: the value of `--limit`."""

from __future__ import annotations

import argparse


def how_many(text: str) -> int:
    """Read a limit.

    Raises:
        argparse.ArgumentTypeError: it is not a whole number from 1 on.

    """
    try:
        limit = int(text)
    except ValueError:
        limit = 0
    if limit < 1:
        raise argparse.ArgumentTypeError(f"{text!r}: give a whole number from 1 on")
    return limit
