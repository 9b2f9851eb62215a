"""A PostgreSQL server of one's own for a test run: a fresh folder, a Unix socket, no network."""

import contextlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
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


@contextlib.contextmanager
def running_server(*, fsync: bool = False) -> Iterator[Path]:
    """Start a server; yields the folder of its socket, where everybody on this machine may enter.

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
    try:
        run(programs / "initdb", "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8", "-N")
        run(programs / "pg_ctl", "-D", data, "-l", log, "-o", options, "-w", "start")
        yield home
    finally:
        if (data / "postmaster.pid").exists():
            run(programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(home, ignore_errors=True)
