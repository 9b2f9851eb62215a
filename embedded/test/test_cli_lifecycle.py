"""`ros2 lifecycle` takes a managed node through its states."""

import contextlib
import os

import pytest
from commands import ros2, running

from test.domains import free_domain


@pytest.fixture
def env(tmp_path):
    return {
        **os.environ,
        "ROS_DOMAIN_ID": str(free_domain()),
        "ROS_LOG_DIR": str(tmp_path / "log"),
    }


@contextlib.contextmanager
def managed(env, *words):
    """Run a managed node and give a function that asks `ros2 lifecycle` about it."""

    def lifecycle(*verb):
        return ros2(env, "lifecycle", *verb)

    with running("managed", env, *words):
        for _ in range(20):
            if lifecycle("nodes").stdout == "/managed\n":
                break
        yield lifecycle


def test_lifecycle_commands(env):
    with managed(env) as lifecycle:
        assert lifecycle("get", "/managed").stdout == "unconfigured [1]\n"
        assert lifecycle("set", "/managed", "configure").stdout == "Transitioning successful\n"
        assert lifecycle("get").stdout == "/managed: inactive [2]\n"
        unknown = lifecycle("set", "/managed", "fly")
        assert unknown.returncode == 1
        assert "Unknown transition requested, available ones are:\n- cleanup [2]" in unknown.stderr


def test_a_refused_transition_is_told(env):
    with managed(env, "--ros-args", "-p", "refuse:=true") as lifecycle:
        assert "Transitioning failed" in lifecycle("set", "/managed", "configure").stderr
        assert lifecycle("get", "/managed").stdout == "unconfigured [1]\n"
