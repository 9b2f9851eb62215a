"""The parts of the `ros2` command that need no other node."""

import os
import signal
import subprocess
import sys

import pytest

ROS2 = [sys.executable, "-m", "ros2_embedded.cli"]


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Install a package with executables and a launch file."""
    files = {
        "share/ament_index/resource_index/packages/demo_pkg": "",
        "share/demo_pkg/package.xml": (
            "<package><name>demo_pkg</name><version>3</version></package>"
        ),
        "share/demo_pkg/launch/a.launch.py": (
            "from launch import LaunchDescription\n"
            "from launch.actions import DeclareLaunchArgument, LogInfo\n"
            "from launch.substitutions import LaunchConfiguration\n"
            "def generate_launch_description():\n"
            "    return LaunchDescription([\n"
            "        DeclareLaunchArgument('who', default_value='you', description='whom'),\n"
            "        LogInfo(msg=['hello ', LaunchConfiguration('who')])])\n"
        ),
        "lib/demo_pkg/exits": "#!/bin/sh\necho args: $@\nexit ${1:-0}\n",
        "lib/demo_pkg/killed": "#!/bin/sh\nkill -9 $$\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
    monkeypatch.setenv("AMENT_PREFIX_PATH", str(tmp_path))
    monkeypatch.setenv("ROS_LOG_DIR", str(tmp_path / "log"))
    return tmp_path


def ros2(*words):
    return subprocess.run(
        [*ROS2, *words],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )


def test_packages(package):
    assert "demo_pkg\n" in ros2("pkg", "list").stdout
    assert ros2("pkg", "prefix", "demo_pkg").stdout == f"{package}\n"
    assert ros2("pkg", "prefix", "--share", "demo_pkg").stdout == f"{package}/share/demo_pkg\n"
    assert ros2("pkg", "executables", "demo_pkg").stdout == "demo_pkg exits\ndemo_pkg killed\n"


def test_run_passes_arguments_and_exit_code(package):
    result = ros2("run", "demo_pkg", "exits", "4", "--ros-args", "-p", "a:=1")
    assert result.stdout == "args: 4 --ros-args -p a:=1\n[ros2run]: Process exited with failure 4\n"
    assert result.returncode == 4
    assert ros2("run", "demo_pkg", "killed").stdout == "[ros2run]: Killed\n"
    assert ros2("run", "--prefix", "echo", "demo_pkg", "exits").stdout == (
        f"{package}/lib/demo_pkg/exits\n"
    )


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("run", "no_pkg", "x"), "Package 'no_pkg' not found"),
        (("run", "demo_pkg", "x"), "No executable found"),
        (("pkg", "prefix", "no_pkg"), "Package not found"),
        (("launch", "no_pkg", "a.launch.py"), "Package 'no_pkg' not found"),
        (("launch", "demo_pkg", "b.launch.py"), "'b.launch.py' was not found in the share"),
        (("launch", "demo_pkg", "a.launch.py", "who"), "malformed launch argument 'who'"),
        (("launch", "nothing"), "'nothing' is not a file"),
        (("interface", "show", "std_msgs/String"), "Expected three parts"),
        (("interface", "show", "no_pkg/msg/X"), "Unknown package 'no_pkg'"),
    ],
)
def test_bad_input_names_the_place(package, words, complaint):
    result = ros2(*words)
    assert result.returncode == 1
    assert complaint in result.stderr
    assert "Traceback" not in result.stderr


def test_launch_file_of_a_package(package):
    result = ros2("launch", "demo_pkg", "a.launch.py", "who:=world")
    assert result.returncode == 0
    assert "[INFO] [launch.user]: hello world\n" in result.stdout


def test_launch_arguments_are_shown(package):
    assert ros2("launch", "-s", "demo_pkg", "a.launch.py").stdout == (
        "Arguments (pass arguments as '<name>:=<value>'):\n"
        "\n    'who':\n        whom\n        (default: 'you')\n"
    )


@pytest.mark.parametrize("option", ["-s", "-n"])
def test_broken_launch_file(tmp_path, option):
    broken = tmp_path / "broken.launch.py"
    broken.write_text("def generate_launch_description():\n    return [")
    result = ros2("launch", option, str(broken))
    assert result.returncode == 1
    said = result.stdout + result.stderr
    assert "broken.launch.py" in said
    assert "line 2" in said
    assert "Traceback" not in said


def test_interfaces():
    assert "    std_srvs/srv/SetBool\n" in ros2("interface", "list", "-s").stdout
    shown = ros2("interface", "show", "--no-comments", "std_msgs/msg/Header").stdout
    assert shown == (
        "builtin_interfaces/Time stamp\n\tint32 sec\n\tuint32 nanosec\nstring frame_id\n"
    )


@pytest.mark.parametrize("command", ["action", "param", "service", "topic"])
def test_a_list_is_not_held_up_by_what_only_messages_need(command):
    code = (
        "import sys\n"
        "from ros2_embedded import bootstrap; bootstrap.activate()\n"
        "from ros2_embedded.cli.parsing import parse\n"
        f"parse(['{command}', 'list'])\n"
        "print({'statistics', 'rosidl_runtime_py', 'yaml'} & set(sys.modules))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert loaded.stdout == "set()\n"


def test_help_and_unknown_words():
    assert "Various topic related sub-commands" in ros2().stdout
    assert ros2("topic").returncode == 0
    assert "send_goal" in ros2("action", "-h").stdout
    result = ros2("topic", "nope")
    assert result.returncode == 2
    assert "invalid choice: 'nope'" in result.stderr


def test_a_real_ros_2_is_used_instead(tmp_path):
    """Where a real rclpy is importable, its own `ros2` command runs."""
    (tmp_path / "rclpy").mkdir()
    (tmp_path / "rclpy" / "__init__.py").write_text("")
    real = tmp_path / "bin" / "ros2"
    real.parent.mkdir()
    real.write_text("#!/bin/sh\necho real $@\n")
    real.chmod(0o755)
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]),
        "PATH": os.pathsep.join([str(real.parent), os.environ["PATH"]]),
    }
    result = subprocess.run(
        [*ROS2, "topic", "list"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert result.stdout == "real topic list\n"
    assert "using" in result.stderr


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ("KeyboardInterrupt()", signal.SIGINT),
        ("rclpy.exceptions.NotInitializedException('late')", signal.SIGINT),
        ("rclpy.executors.ExternalShutdownException()", signal.SIGTERM),
        ("BrokenPipeError()", signal.SIGPIPE),
    ],
)
def test_signals_become_the_exit_status_without_a_traceback(error, status):
    code = (
        "from ros2_embedded import bootstrap; bootstrap.activate()\n"
        "import rclpy.executors, rclpy.exceptions, sys\n"
        "from ros2_embedded.cli import main\n"
        "from ros2_embedded.cli import pkg as verb\n"
        f"def run(args): raise {error}\n"
        "verb.run_list = run\n"
        "sys.exit(main(['pkg', 'list']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (status, "")


def test_help_has_upstreams_layout():
    # How the usage is broken into lines depends on the terminal.
    text = ros2("pkg", "-h").stdout
    usage, rest = text.split("\n\n", 1)
    assert " ".join(usage.split()) == (
        "usage: ros2 pkg [-h] Call `ros2 pkg <verb> -h` for more detailed usage. ..."
    )
    assert rest == (
        "Various package related sub-commands\n\n"
        "options:\n  -h, --help            show this help message and exit\n\n"
        "Verbs:\n"
        "  executables  Output a list of package specific executables\n"
        "  list         Output a list of available packages\n"
        "  prefix       Output the prefix path of a package\n\n"
        "  Call `ros2 pkg <verb> -h` for more detailed usage.\n"
    )
    assert ros2("pkg").stdout == text
    refused = ros2("pkg", "bogus")
    assert refused.returncode == 2
    assert "usage.: invalid choice: 'bogus' (choose from 'executables', " in refused.stderr
