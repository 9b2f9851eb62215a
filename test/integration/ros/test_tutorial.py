"""docs/tutorial.md, followed to the letter: its files, and its commands in their order."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from test.documents import blocks_of
from test.integration.ros.processes import Process, World

pytestmark = pytest.mark.timeout(600)
BLOCKS = blocks_of("tutorial.md")
# By how the block begins; in the document the sentence above it names the file.
FILES = {
    "look.yaml": "version: 1\nactions:\n  - id: go\n",
    "pause.yaml": "version: 1\ncapabilities:\n",
    "breathe.yaml": "version: 1\nactions:\n  - {id: breathe",
    "params.yaml": "/**:\n",
}
# What a command has to print; every command has to end with status 0.
SAID = {
    "doctor": [r" 0 errors?, 0 warnings,"],
    "capabilities": ["navigate_to", "capture_image"],
    "places": ["kitchen", "home"],
    "run go to the kitchen": ["COMPLETED"],
    "run bring me the red cup": ["COMPLETED"],
    "validate look.yaml --explain": ["proceed"],
    "run breathe.yaml": ["breathe", "COMPLETED"],
    "history": ["COMPLETED", "bring me the red cup"],
    "report": [r"report\.html"],
}
LONGEST = 120.0  # seconds of one command


class Reader:
    """Somebody who types what the document says, in a folder of their own."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._ros2 = shutil.which("ros2") or str(Path(sys.executable).with_name("ros2"))
        self._node: Process | None = None
        self._launched: list[Process] = []
        self.printed: list[tuple[str, str]] = []
        for name, start in FILES.items():
            [text] = [text for kind, text in BLOCKS if kind == "yaml" and text.startswith(start)]
            (world.folder / name).write_text(self._here(text), encoding="utf-8")

    def types(self, line: str) -> None:
        """Start what runs on in a terminal of its own, wait for the end of anything else."""
        words = shlex.split(self._here(line))
        if words[0] != "ros2":
            assert words[0] in ("make", "source"), line  # the environment of this test is made
            return
        words[0] = self._ros2
        if words[1] == "launch":
            self._launches(words)
            return
        done = subprocess.run(
            words,
            cwd=self._world.folder,
            env={**self._world.env, "COLUMNS": "160"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LONGEST,
            check=False,
        )
        self.printed.append((line, done.stdout))
        assert done.returncode == 0, f"{line}\n{done.stdout}"

    def _launches(self, words: list[str]) -> None:
        simulated = "simulation.launch.py" in words
        if not simulated and self._node is not None:
            self._node.stop()
        # Other tests run at the same time: no page, and a robot that is quick.
        words.append("real_time_factor:=4.0" if simulated else "web_port:=0")
        output = self._world.folder / f"terminal{len(self._launched)}.out"
        process = Process(words, self._world.env, output)
        self._launched.append(process)
        if not simulated:
            self._node = process

    def _here(self, text: str) -> str:
        return text.replace("/home/me", str(self._world.folder))

    def leaves(self) -> None:
        for process in self._launched:
            process.stop()


@pytest.fixture
def reader(world: World) -> Iterator[Reader]:
    made = Reader(world)
    yield made
    made.leaves()


def test_everything_in_the_tutorial_works_in_its_order(reader: Reader, world: World) -> None:
    for kind, text in BLOCKS:
        if kind == "console":
            for line in re.findall(r"^\$ (.*)$", text, re.MULTILINE):
                reader.types(line)
    printed = {
        line.removeprefix("ros2 run execution_orchestrator "): said for line, said in reader.printed
    }
    for command, patterns in SAID.items():
        for pattern in patterns:
            assert re.search(pattern, printed[command]), f"{command}\n{printed[command]}"
    # The second run of the same plan is the one after the fault.
    before, after = [said for line, said in reader.printed if line.endswith(" run look.yaml")]
    assert "clear_costmaps" not in before
    assert "clear_costmaps" in after
    assert "COMPLETED" in after
    wrong = world.folder / "look.yaml"
    wrong.write_text(wrong.read_text().replace("detect_objects", "detect_object"))
    with pytest.raises(AssertionError, match="Did you mean detect_objects"):
        reader.types("ros2 run execution_orchestrator validate look.yaml")
