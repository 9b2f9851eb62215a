"""The simulated robot and the orchestrator as processes; whoever dies is started again."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).parents[2]
SERVERS = ("navigation", "move_group", "gripper", "camera", "speech")
RATE = 4.0  # the robot's seconds in one of the wall clock
RESPAWN_DELAY = 0.5  # seconds
STOP_TIMEOUT = 20.0


class Supervised:
    """A process that is started again whenever it dies."""

    def __init__(self, name: str, command: list[str], env: dict[str, str], log: Path) -> None:
        self.name = name
        self.log = log
        self.wrong: list[str] = []  # ends that nobody asked for
        self._command = command
        self._env = env
        self._killed = False
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._process = self._start()
        self._keeper = threading.Thread(target=self._keep, name=f"keep-{name}", daemon=True)
        self._keeper.start()

    def kill(self) -> None:
        """kill -9."""
        with self._lock:
            self._killed = True
            self._process.send_signal(signal.SIGKILL)

    def stop(self) -> None:
        """Ctrl-C, and kill -9 when that does not end it."""
        with self._lock:
            self._over.set()
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self.wrong.append(f"{self.name} did not stop within {STOP_TIMEOUT:.0f} s")
            self._process.kill()
            self._process.wait()
        self._keeper.join(STOP_TIMEOUT)

    def end(self) -> None:
        """Make sure that it runs no more."""
        self._over.set()
        with self._lock:
            if self._process.poll() is None:
                self._process.kill()
                self._process.wait()

    def said(self) -> str:
        """Everything it wrote, in all its lives."""
        return self.log.read_text(errors="replace")

    def _start(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as sink:
            return subprocess.Popen(
                self._command,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
            )

    def _keep(self) -> None:
        while True:
            status = self._process.wait()
            if not self._killed and not self._over.is_set():
                self.wrong.append(f"{self.name} ended by itself with {status}")
            if self._over.wait(RESPAWN_DELAY):
                return
            with self._lock:
                if self._over.is_set():
                    return
                self._killed = False
                self._process = self._start()


class Robot:
    """A world, its servers and the orchestrator."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self.state = folder / "state"
        self.processes: dict[str, Supervised] = {}
        for name in ("world", *SERVERS):
            parameters = {"world": "apartment", "real_time_factor": RATE}
            self._add(f"sim_{name}", name, parameters, folder, env)
        node = {"state_directory": self.state, "web_port": 0, "rehearsal_world": "apartment"}
        self._add("orchestrator", "orchestrator", node, folder, env)

    def close(self) -> None:
        """End everything, the orchestrator first; a Ctrl-C meanwhile leaves nothing behind."""
        try:
            for process in reversed(self.processes.values()):
                process.stop()
        finally:
            for process in self.processes.values():
                process.end()

    def wrong(self) -> list[str]:
        """Ends that nobody asked for."""
        return [text for process in self.processes.values() for text in process.wrong]

    def _add(
        self, script: str, name: str, values: dict[str, object], folder: Path, env: dict[str, str]
    ) -> None:
        command = [sys.executable, str(ROOT / "scripts" / script), "--ros-args"]
        for key, value in values.items():
            command += ["-p", f"{key}:={value}"]
        self.processes[name] = Supervised(name, command, env, folder / f"{name}.log")
