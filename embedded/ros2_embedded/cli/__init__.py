"""The `ros2` command: imports only what the verb at hand needs."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from ros2_embedded import bootstrap
from ros2_embedded.cli.shutdown import is_external_shutdown, is_late_use


def main(argv: Sequence[str] | None = None) -> int | str | None:
    """Run the command line; return what sys.exit() takes."""
    bootstrap.activate()
    if bootstrap.is_real("rclpy"):
        from ros2_embedded.cli.hand_over import hand_over

        # Comes back only with a reason why not, or if there is no other `ros2` command.
        reason = hand_over()
        if reason is not None:
            return reason
    _put_interpreter_on_path()
    from ros2_embedded.cli.parsing import parse

    args, run = parse(list(sys.argv[1:] if argv is None else argv))
    if run is None:
        return 0
    if not args.use_python_default_buffering and hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(line_buffering=True)
    try:
        return run(args)
    except KeyboardInterrupt:
        return int(signal.SIGINT)
    except BrokenPipeError:
        # The reader, such as `head`, has seen enough. Nothing more may be flushed at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(signal.SIGPIPE)
    except RuntimeError as error:
        return str(error)
    except Exception as error:
        if is_external_shutdown(error):
            return int(signal.SIGTERM)
        if is_late_use(error):
            # Ctrl-C came between two waits: nothing was there to raise KeyboardInterrupt.
            return int(signal.SIGINT)
        raise


def _put_interpreter_on_path() -> None:
    """Let scripts that are started find this interpreter when the environment is not activated."""
    interpreter = str(Path(sys.executable).parent)
    paths = os.environ.get("PATH", os.defpath).split(os.pathsep)
    if interpreter not in paths:
        os.environ["PATH"] = os.pathsep.join([interpreter, *paths])
