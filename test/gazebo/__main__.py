"""Load the worlds in Gazebo 11, headless, and compare its model poses with the simulator's.

Run as root on a Debian machine: ``python -m test.gazebo FOLDER``. Without one, a Debian bullseye
with Gazebo 11 is made in FOLDER by debootstrap (3 GB); Gazebo runs in it by chroot, apart from the
ROS 2 of this machine. Fails when a world does not load, a model is missing, or one stands elsewhere.
"""

from __future__ import annotations

import math
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from execution_orchestrator.simulation.world.finding import load_world

ROOT = Path(__file__).parents[2]
MIRROR = "http://deb.debian.org/debian"
LOADING = 60.0  # seconds
SETTLING = 3.0  # seconds for loose objects to come to rest
ASKED = 20  # times, until a model counts as missing
FIXED = 1e-4  # metres a static model may be off
LOOSE = 0.005  # metres a loose one may be off after it came to rest
ENVIRONMENT = {
    "HOME": "/tmp",
    "PATH": "/usr/bin:/bin:/usr/sbin:/sbin",
    "GAZEBO_MODEL_PATH": "/project/models",
    "GAZEBO_MODEL_DATABASE_URI": "",
    "GAZEBO_MASTER_URI": "http://127.0.0.1:11345",
    "GAZEBO_IP": "127.0.0.1",
}


def install(folder: Path) -> None:
    """Make the chroot, unless it is there."""
    if not (folder / "usr/bin/gzserver").exists():
        subprocess.run(["debootstrap", "--variant=minbase", "bullseye", folder, MIRROR], check=True)
        for name in ("resolv.conf", "hosts"):
            shutil.copy(Path("/etc") / name, folder / "etc" / name)
        for words in ("update -qq", "install -y -qq --no-install-recommends gazebo"):
            inside = ["apt-get", *words.split()]
            subprocess.run(
                ["chroot", folder, "env", "DEBIAN_FRONTEND=noninteractive", *inside], check=True
            )
    for name in ("worlds", "models"):
        shutil.copytree(ROOT / name, folder / "project" / name, dirs_exist_ok=True)


def chrooted(folder: Path, *words: str) -> list[str]:
    """Command line that runs ``words`` in the chroot."""
    settings = [f"{name}={value}" for name, value in ENVIRONMENT.items()]
    return ["chroot", str(folder), "env", "-i", *settings, *words]


def patiently(folder: Path, world: str, model: str) -> tuple[float, float, float] | None:
    """Ask as often as needed: the answer is a message that may come before anybody listens."""
    for _ in range(ASKED):
        found = pose_in_gazebo(folder, world, model)
        if found is not None:
            return found
    return None


def pose_in_gazebo(folder: Path, world: str, model: str) -> tuple[float, float, float] | None:
    """Where Gazebo has a model (metres), None as long as it does not know it."""
    words = chrooted(folder, "gz", "model", "-w", world, "-m", model, "-p")
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=10.0)
    except subprocess.TimeoutExpired:
        return None
    numbers = done.stdout.split()
    if done.returncode or len(numbers) != 6:
        return None
    x, y, z = (float(number) for number in numbers[:3])
    return x, y, z


def compare(folder: Path, name: str) -> list[str]:
    """Load a world; return what is different."""
    world = load_world(name, ROOT)
    server = subprocess.Popen(
        chrooted(folder, "gzserver", f"/project/worlds/{name}.sdf"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + LOADING
        models = list(world.models.values())
        while pose_in_gazebo(folder, name, models[0].name) is None:
            if server.poll() is not None or time.monotonic() > deadline:
                return [f"{name}: gzserver did not load it"]
        time.sleep(SETTLING)
        wrong = []
        for model in models:
            here = tuple(float(part) for part in model.pose[:3, 3])
            there = patiently(folder, name, model.name)
            off = math.inf if there is None else math.dist(here, there)
            print(f"{name:<10} {model.name:<18} {off * 1000:8.2f} mm", flush=True)
            if off > (FIXED if model.static else LOOSE):
                wrong.append(f"{name}: {model.name} is at {there} in Gazebo, at {here} here")
        return wrong
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def main() -> None:
    """Compare every world."""
    if len(sys.argv) != 2 or os.geteuid():
        sys.exit(__doc__)
    folder = Path(sys.argv[1]).resolve()
    install(folder)
    names = sorted(path.stem for path in (ROOT / "worlds").glob("*.sdf"))
    wrong = [words for name in names for words in compare(folder, name)]
    sys.exit("\n".join(wrong) or 0)


if __name__ == "__main__":
    main()
