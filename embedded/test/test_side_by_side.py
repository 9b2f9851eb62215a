"""Beside a real ROS 2 the runtime steps aside, package by package, and fills what is missing there.

The real one here is a prefix with importable packages and a `ros2` command, on PYTHONPATH, PATH
and AMENT_PREFIX_PATH as `source setup.bash` puts them, with our environment in front.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ros2_embedded.bootstrap import SITE

BIN = Path(sys.executable).parent
OWN_COMMAND = BIN / "ros2"
PATIENCE = 60
SAYING = "ros2-embedded: a real ROS 2 is present, using {}"
#: What pip writes for a console script, in any environment.
CONSOLE_SCRIPT = """#!{python}
import sys
from ros2_embedded.cli import main
if __name__ == '__main__':
    sys.exit(main())
"""


def write_command(folder, text):
    folder.mkdir(parents=True, exist_ok=True)
    command = folder / "ros2"
    command.write_text(text)
    command.chmod(0o755)
    return command


def make_prefix(prefix, packages):
    """Make a prefix with importable packages."""
    for name in packages:
        folder = prefix / "lib" / "python" / "site-packages" / name
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text("REAL = True\n")
    return prefix


@pytest.fixture
def prefix(tmp_path):
    """Make the prefix of a whole ROS 2: every package of ours is there, and what its command is made of."""
    whole = ("rclpy", "ros2cli", *(path.name for path in Path(SITE).iterdir()))
    prefix = make_prefix(tmp_path / "opt" / "ros" / "jazzy", whole)
    write_command(prefix / "bin", '#!/bin/sh\necho real "$@"\nexit 7\n')
    return prefix


@pytest.fixture
def core(tmp_path):
    """Make the prefix of a ROS 2 of nothing but rclpy and the package index."""
    return make_prefix(tmp_path / "core", ("rclpy", "ament_index_python"))


def sourced(prefix, *first):
    """Return the environment after sourcing the setup file, these folders first on the PATH."""
    folders = [*first, BIN, prefix / "bin", "/usr/bin", "/bin"]
    return {
        "PATH": os.pathsep.join(map(str, folders)),
        "PYTHONPATH": str(prefix / "lib" / "python" / "site-packages"),
        "AMENT_PREFIX_PATH": str(prefix),
    }


def run(words, environment):
    return subprocess.run(
        [str(word) for word in words],
        env=environment,
        cwd="/",
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def python(code, environment):
    done = run([sys.executable, "-c", code], environment)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout.split()


def test_no_package_of_ours_is_importable(prefix):
    found = python(
        "import importlib.util as u, rclpy, launch_testing, launch_ros, ament_index_python\n"
        "print(rclpy.REAL, launch_testing.REAL, launch_ros.REAL, ament_index_python.REAL)\n"
        "print([name for name in ('std_msgs', 'nav2_msgs') if u.find_spec(name)])",
        sourced(prefix),
    )
    assert found == ["True", "True", "True", "True", "[]"]


def test_what_a_real_rclpy_lacks_is_filled_and_nothing_below_it(core):
    found = python(
        "import importlib.util as u, sys, rclpy, ament_index_python, launch\n"
        "print(rclpy.REAL, ament_index_python.REAL, hasattr(launch, 'REAL'))\n"
        "print([name for name in ('launch_ros', 'launch_testing', 'std_msgs') if u.find_spec(name)])\n"
        "print([f for f in sys.meta_path if 'ros2_embedded' in type(f).__module__])\n"
        "print([e for e in sys.path if e.endswith('client_library')])",
        sourced(core),
    )
    assert found == ["True", "True", "False", "['launch_ros',", "'launch_testing']", "[]", "[]"]


def test_the_pytest_plugin_fills_too(core):
    found = python(
        "from ros2_embedded import pytest_plugin as p\nprint(*p.pytest_plugins)", sourced(core)
    )
    assert found == ["ros2_embedded.launch_test_hooks"]


def test_the_command_serves_a_real_rclpy_that_has_none(core):
    done = run([OWN_COMMAND, "--help"], sourced(core))
    assert (done.returncode, done.stderr) == (0, "")
    assert "usage: ros2" in done.stdout


def test_no_import_hook_and_no_folder_of_ours_is_there(prefix):
    found = python(
        "import sys\n"
        "print([f for f in sys.meta_path if 'ros2_embedded' in type(f).__module__])\n"
        "print([e for e in sys.path if e.endswith(('ros2_embedded/site', 'client_library'))])\n"
        "print('ros2_embedded.idl' in sys.modules)",
        sourced(prefix),
    )
    assert found == ["[]", "[]", "False"]


def test_the_pytest_plugin_has_no_hooks(prefix):
    found = python(
        "from ros2_embedded import pytest_plugin as p\n"
        "print(p.pytest_plugins, [name for name in dir(p) if name.startswith('pytest_') "
        "and name != 'pytest_plugins'])",
        sourced(prefix),
    )
    assert found == ["[]", "[]"]


def test_the_command_hands_over_with_arguments_and_exit_status(prefix):
    done = run([OWN_COMMAND, "topic", "pub", "/a b", "{data: 1}"], sourced(prefix))
    assert done.stdout == "real topic pub /a b {data: 1}\n"
    assert done.returncode == 7
    assert done.stderr.splitlines() == [SAYING.format(prefix / "bin" / "ros2")]


def test_the_module_hands_over_as_well(prefix):
    done = run([sys.executable, "-m", "ros2_embedded.cli", "node", "list"], sourced(prefix))
    assert (done.stdout, done.returncode) == ("real node list\n", 7)


def test_it_is_said_once_however_many_commands_are_started(prefix):
    write_command(
        prefix / "bin", '#!/bin/sh\n[ "$1" = inner ] && exec echo inner\nros2 inner; ros2 inner\n'
    )
    done = run([OWN_COMMAND, "outer"], sourced(prefix))
    assert done.stdout == "inner\ninner\n"
    assert done.stderr.splitlines() == [SAYING.format(prefix / "bin" / "ros2")]


def test_copies_in_other_environments_are_not_taken_for_the_real_one(prefix, tmp_path):
    other = write_command(
        tmp_path / "other" / "bin", CONSOLE_SCRIPT.format(python=sys.executable)
    ).parent
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "ros2").symlink_to(other / "ros2")
    done = run([OWN_COMMAND, "list"], sourced(prefix, other, tmp_path / "links"))
    assert done.stdout == "real list\n"
    assert len(done.stderr.splitlines()) == 1


def test_a_shim_that_comes_back_is_passed_over(prefix, tmp_path):
    shims = write_command(tmp_path / "shims", f'#!/bin/sh\nexec {OWN_COMMAND} "$@"\n').parent
    done = run([OWN_COMMAND, "list"], sourced(prefix, shims))
    assert (done.stdout, done.returncode) == ("real list\n", 7)


def test_a_wrapper_that_starts_this_command_again_is_given_up(prefix, tmp_path):
    wrapper = write_command(tmp_path / "wrapper", f'#!/bin/sh\n{OWN_COMMAND} "$@"\nexit $?\n')
    done = run([OWN_COMMAND, "list"], sourced(prefix, wrapper.parent))
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        f"ros2-embedded: '{wrapper}' only starts this command again"
    )


def test_the_command_is_found_by_the_prefix_when_the_path_lacks_it(prefix):
    environment = {**sourced(prefix), "PATH": f"{BIN}{os.pathsep}/usr/bin{os.pathsep}/bin"}
    assert run([OWN_COMMAND, "list"], environment).stdout == "real list\n"


def test_where_the_command_of_a_whole_ros_2_is_not_found_it_says_what_to_do(prefix):
    (prefix / "bin" / "ros2").unlink()
    done = run([OWN_COMMAND, "list"], sourced(prefix))
    assert done.returncode == 1
    assert "Source the setup file of that ROS 2" in done.stderr


def test_a_command_that_cannot_be_started_is_named(prefix):
    broken = write_command(prefix / "bin", "#!/nowhere/python3\n")
    done = run([OWN_COMMAND, "list"], sourced(prefix))
    assert done.returncode == 1
    assert f"'{broken}' cannot be started: No such file or directory" in done.stderr


def test_before_sourcing_the_runtime_serves(prefix):
    environment = {"PATH": f"{BIN}{os.pathsep}{prefix / 'bin'}"}
    assert python("import rclpy; print(hasattr(rclpy, 'REAL'))", environment) == ["False"]
    done = run([OWN_COMMAND, "pkg", "prefix", "rclpy"], environment)
    assert (done.stderr, done.returncode) == ("", 0)
    assert Path(done.stdout.strip()).is_dir()
