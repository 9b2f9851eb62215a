"""A robot of the fleet as processes: action servers, orchestrator and agent, in a domain of their own."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from test.integration.ros.processes import ROOT, Process, World


class Robot:
    """One robot. Nothing connects it with others but Temporal; its servers count what they do."""

    def __init__(self, name: str, folder: Path, address: str, *servers: str) -> None:
        folder.mkdir()
        self.name = name
        self.address = address
        self.world = World(folder)
        self.servers = {server: self._server(server) for server in ("work", *servers)}
        self.node = self.world.node()
        self.agent = self.start_agent()

    def start_agent(self) -> Process:
        command = [sys.executable, str(ROOT / "scripts" / "fleet_agent"), "--ros-args"]
        for key, value in (("robot", self.name), ("temporal", self.address)):
            command += ["-p", f"{key}:={value}"]
        return self.world._start(command, "agent.out")

    def kill_agent(self) -> None:
        self.agent.kill()
        self.agent = self.start_agent()

    def kill_node(self) -> None:
        self.node.kill()
        self.node = self.world.node()

    def kill_server(self, name: str) -> None:
        self.servers[name].kill()
        self.servers[name] = self._server(name)

    def _server(self, name: str) -> Process:
        return self.world.server(name, remember=600)

    def count(self, what: str, server: str = "work") -> Counter[str]:
        """Count what a server did, by the milliseconds it was asked for."""
        return Counter(line[2] for line in self.world.lines(server) if line[0] == what)

    def said(self) -> str:
        folder = self.world.folder
        return "\n".join(
            f"--- {self.name} {name}\n{(folder / name).read_text()[-3000:]}"
            for name in ("node.out", "agent.out")
            if (folder / name).exists()
        )
