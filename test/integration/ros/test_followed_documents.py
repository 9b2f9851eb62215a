"""The documents, followed to the letter: their files, and their commands in their order."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from test.documents import ROOT, blocks_of, commands_of
from test.integration.ros.processes import START_TIMEOUT, STOP_TIMEOUT, Process, World, wait_for

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
# What a command of the other documents has to print.
ELSEWHERE = {
    "run bring me the red cup": ["COMPLETED"],
    "run plans/inspection_round.yaml": ["COMPLETED"],
    "execute_command": ["Feedback:", "SUCCEEDED"],
    "srv/Pause": ["nothing runs"],
    "import tree.xml": ["version: 1", "action_type: speak", "action_type: wait"],
    "--optimise all": ["12 s shorter"],
    "srv/EmergencyStop": ["success=True", "the robot stands"],
    "srv/ResetEmergencyStop": ["success=True"],
}
TREE = """<root BTCPP_format="4">
  <BehaviorTree ID="Greet">
    <Sequence>
      <SaySomething message="I am on my way."/>
      <RetryUntilSuccessful num_attempts="2"><Wait wait_duration="1.0"/></RetryUntilSuccessful>
    </Sequence>
  </BehaviorTree>
</root>
"""
# What they type for the reader's own robot.
OWN_ROBOT = ("run go to the office", "params_file:=/home/me/params.yaml")
# What goes on until somebody ends it, and what it shows until then.
GOES_ON = {"watch": "kitchen", "topic echo": "type: EMERGENCY_STOPPED", "tf2_echo": "Translation: "}
# What a real ROS 2 from wheels lacks: the daemon, which knows the type of a topic at once where Fast
# DDS needs a second to find it, and the package tf2_ros.
WITHOUT_WHEELS = ("topic echo", "tf2_echo")


class Reader:
    """Somebody who types what the document says, in a folder of their own."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._ros2 = shutil.which("ros2") or str(Path(sys.executable).with_name("ros2"))
        self._node: Process | None = None
        self._launched: list[Process] = []
        self.printed: list[tuple[str, str]] = []
        self.going_on: list[tuple[subprocess.Popen[bytes], Path]] = []
        for name, start in FILES.items():
            [text] = [text for kind, text in BLOCKS if kind == "yaml" and text.startswith(start)]
            (world.folder / name).write_text(self._here(text), encoding="utf-8")

    def types(self, line: str) -> None:
        """Start what runs on in a terminal of its own, wait for the end of anything else."""
        words = shlex.split(self._here(line), comments=True)
        if words[0] != "ros2":
            assert words[0] in ("make", "source"), line  # the environment of this test is made
            return
        words[0] = self._ros2
        if words[1] == "launch":
            self._launches(words)
            return
        if any(name in line for name in GOES_ON):
            self._leaves_running(words)
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
            wait_for(
                lambda: "ready for goals" in process.said(), START_TIMEOUT, "the start of the node"
            )

    def _leaves_running(self, words: list[str]) -> None:
        output = self._world.folder / f"going_on{len(self.going_on)}.out"
        with output.open("wb") as sink:
            process = subprocess.Popen(
                words,
                env={**self._world.env, "COLUMNS": "160"},
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # as in a terminal, Ctrl-C is for all that it started
            )
        self.going_on.append((process, output))

    def ends(self, process: subprocess.Popen[bytes]) -> None:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(STOP_TIMEOUT)

    def ends_the_node(self) -> None:
        assert self._node is not None
        assert self._node.stop() == 0

    def _here(self, text: str) -> str:
        return text.replace("/home/me", str(self._world.folder))

    def leaves(self) -> None:
        for process, _ in self.going_on:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
        for launched in self._launched:
            launched.stop()


@pytest.fixture
def reader(world: World) -> Iterator[Reader]:
    made = Reader(world)
    yield made
    made.leaves()


def test_everything_in_the_tutorial_works_in_its_order(reader: Reader, world: World) -> None:
    for line in commands_of("tutorial.md"):
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


def test_the_commands_of_the_other_documents_work(reader: Reader, world: World) -> None:
    (world.folder / "plans").symlink_to(ROOT / "plans")
    (world.folder / "tree.xml").write_text(TREE, encoding="utf-8")
    on_wheels = "ROS_DISTRO" in world.env
    left_out = (*OWN_ROBOT, *(WITHOUT_WHEELS if on_wheels else ()))
    used = commands_of("README.md")
    used = used[: next(at for at, line in enumerate(used) if "git clone" in line)]
    for document in ("coming_from.md", "optimisation.md", "on_your_robot.md"):
        used += commands_of(document)
    for line in used:
        if line.startswith("ros2 ") and not any(other in line for other in left_out):
            reader.types(line)
    for command, patterns in ELSEWHERE.items():
        [said] = [said for line, said in reader.printed if command in line]
        for pattern in patterns:
            assert re.search(pattern, said), f"{command}\n{said}"
    shows = [shown for name, shown in GOES_ON.items() if name not in left_out]
    for (process, output), shown in zip(reader.going_on, shows, strict=True):
        wait_for(lambda: shown in output.read_text(errors="replace"), LONGEST, shown)  # noqa: B023
        assert process.poll() is None
        reader.ends(process)
    reader.ends_the_node()
    for line in commands_of("when_something_goes_wrong.md"):
        if " journal " in line:
            reader.types(line)
    assert (world.folder / "journal.jsonl").stat().st_size > 0
