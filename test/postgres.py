"""A PostgreSQL server of one's own for a test run: a fresh folder, a Unix socket, no network."""

import contextlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

START_TIMEOUT = 60.0  # seconds


def binaries() -> Path | None:
    """Return the folder of initdb and pg_ctl, None if PostgreSQL is not installed."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return installed[-1].parent if installed else None


def why_not() -> str:
    """Return why no server can be started and used here, empty if one can."""
    if importlib.util.find_spec("psycopg") is None:
        return "psycopg is not installed: pip install '.[postgresql]'"
    if binaries() is None:
        return "PostgreSQL is not installed (Debian: apt install postgresql)"
    if os.geteuid() == 0 and not _account():
        return "PostgreSQL does not run as root, and there is no account postgres"
    return ""


def _account() -> str:
    with contextlib.suppress(KeyError):
        return pwd.getpwnam("postgres").pw_name
    return ""


class Server:
    """A server that can be stopped and started; ``socket`` is the folder of its socket."""

    def __init__(self, socket: Path, run: Callable[..., None]) -> None:
        self.socket = socket
        self._run = run

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._run("start")

    def stop(self) -> None:
        """Stop it at once, whoever is connected."""
        self._run("stop", "-m", "immediate")


@contextlib.contextmanager
def running_server(*, fsync: bool = False) -> Iterator[Path]:
    """Start a server; yields the folder of its socket, where everybody on this machine may enter."""
    with running(fsync=fsync) as server:
        yield server.socket


@contextlib.contextmanager
def running(*, fsync: bool = False) -> Iterator[Server]:
    """Start a server.

    Tests need not survive a power cut, so only a benchmark forces anything to disk.
    """
    programs = binaries()
    assert programs is not None
    # PostgreSQL refuses to run as root. A socket's path has a limit, so the folder's is short.
    who = {"user": _account(), "group": _account(), "extra_groups": []} if os.geteuid() == 0 else {}
    home = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))
    data, log = home / "data", home / "log"
    if who:
        shutil.chown(home, _account(), _account())
    home.chmod(0o755)

    def run(*command):
        done = subprocess.run(
            command,
            check=False,
            cwd=home,
            capture_output=True,
            text=True,
            timeout=START_TIMEOUT,
            **who,
        )
        if done.returncode:
            said = log.read_text() if log.exists() else ""
            raise RuntimeError(f"{command[0]}: {done.stdout}{done.stderr}{said}")

    safety = "on" if fsync else "off"
    options = f"-c listen_addresses='' -k {home} -c fsync={safety} -c max_connections=50"

    def control(*words):
        run(programs / "pg_ctl", "-D", data, "-l", log, "-o", options, "-w", *words)

    server = Server(home, control)
    try:
        run(programs / "initdb", "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8", "-N")
        server.start()
        yield server
    finally:
        if (data / "postmaster.pid").exists():
            server.stop()
        shutil.rmtree(home, ignore_errors=True)
