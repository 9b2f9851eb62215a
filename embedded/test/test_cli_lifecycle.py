"""`ros2 lifecycle` takes a managed node through its states."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from test.domains import free_domain

START = (
    "from ros2_embedded import bootstrap; bootstrap.activate(); import runpy, sys; "
    "runpy.run_path(sys.argv.pop(1), run_name='__main__')"
)
MANAGED = Path(__file__).parent / "nodes" / "managed.py"


@pytest.fixture(autouse=True)
def _domain(tmp_path, monkeypatch):
    monkeypatch.setenv("ROS_LOG_DIR", str(tmp_path / "log"))
    monkeypatch.setenv("ROS_DOMAIN_ID", str(free_domain()))


def ros2(*words):
    return subprocess.run(
        [sys.executable, "-m", "ros2_embedded.cli", "lifecycle", *words],
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_lifecycle_commands():
    node = subprocess.Popen([sys.executable, "-c", START, str(MANAGED)])
    try:
        for _ in range(20):
            if ros2("nodes").stdout == "/managed\n":
                break
        assert ros2("get", "/managed").stdout == "unconfigured [1]\n"
        assert "- configure [1]\n\tStart: unconfigured\n\tGoal: configuring\n" in (
            ros2("list", "/managed").stdout
        )
        assert ros2("set", "/managed", "configure").stdout == "Transitioning successful\n"
        assert ros2("get").stdout == "/managed: inactive [2]\n"
        unknown = ros2("set", "/managed", "fly")
        assert unknown.returncode == 1
        assert "Unknown transition requested, available ones are:\n- cleanup [2]" in unknown.stderr
    finally:
        node.terminate()
        node.wait(timeout=10)


def test_a_refused_transition_is_told():
    words = ["-c", START, str(MANAGED), "--ros-args", "-p", "refuse:=true"]
    node = subprocess.Popen([sys.executable, *words])
    try:
        for _ in range(20):
            if ros2("nodes").stdout == "/managed\n":
                break
        assert "Transitioning failed" in ros2("set", "/managed", "configure").stderr
        assert ros2("get", "/managed").stdout == "unconfigured [1]\n"
    finally:
        node.terminate()
        node.wait(timeout=10)
