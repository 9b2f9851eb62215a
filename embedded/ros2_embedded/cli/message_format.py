"""Options for how messages are printed."""

from __future__ import annotations

import argparse
from typing import Any

from ros2_embedded.cli.arguments import add_flags, unsigned_int

_TRUNCATE_LENGTH = 128


def add_format_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_flags(
        parser,
        {
            "--csv": "Output all recursive fields separated by commas (e.g. for plotting).",
            "--no-arr": "Don't print array fields of messages",
            "--no-str": "Don't print string fields of messages",
            "--flow-style": "Print collections in the flow style (not available with csv format)",
        },
    )
    add_flags(
        parser,
        {
            "--full-length -f": "Output all elements for arrays, bytes, and string with a length > "
            "'--truncate-length', by default they are truncated with '...'"
        },
    )
    parser.add_argument(
        "--truncate-length",
        "-l",
        type=unsigned_int,
        default=_TRUNCATE_LENGTH,
        help="The length to truncate arrays, bytes, and string to (default: %(default)s)",
    )


def format_options(args: argparse.Namespace) -> dict[str, Any]:
    """Return the options as rosidl_runtime_py's functions take them."""
    return {
        "truncate_length": None if args.full_length else args.truncate_length,
        "no_arr": args.no_arr,
        "no_str": args.no_str,
    }
