"""Lets `python -m ros2_embedded.cli` be the `ros2` command."""

import sys

from ros2_embedded.cli import main

if __name__ == "__main__":
    sys.exit(main())
