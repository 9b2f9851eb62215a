"""Classes made from interface text: what a program may call its fields, and what is refused."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ros2_embedded import bootstrap, idl
from ros2_embedded.idl.errors import InterfaceSyntaxError
from ros2_embedded.idl.message_class import make_class
from ros2_embedded.idl.parser import parse_message
from ros2_embedded.idl.registry import message_class


def made(text):
    return make_class(parse_message("pkg/msg/Made", text), "pkg.msg._made", message_class)


@pytest.mark.parametrize("name", ["kind", "name", "parts", "definition", "order", "type", "data"])
def test_a_field_may_have_any_name(name):
    message = made(f"int32 {name}\n")(**{name: 5})
    assert getattr(message, name) == 5
    assert repr(message) == f"pkg.msg.Made({name}=5)"


def test_defaults_constants_and_comments():
    cls = made('uint8 LIMIT=7  # most\nstring text "a # b"  # said\nint32[3] numbers [1, 2, 3]\n')
    assert cls.LIMIT == 7
    assert cls().text == "a # b"
    assert cls().numbers.tolist() == [1, 2, 3]


@pytest.mark.parametrize("line", ["int32", "uint8 X=300", "int33[ x", "bool b maybe", "float32 9x"])
def test_a_wrong_line_is_named(line):
    with pytest.raises(InterfaceSyntaxError, match="line 2"):
        made(f"int8 good\n{line}\n")


def test_a_package_without_the_interface_is_named():
    with pytest.raises(idl.InterfaceNotFoundError, match="has no msg 'Nothing'"):
        idl.load("std_msgs/msg/Nothing")
    with pytest.raises(ImportError):
        from std_msgs.msg import Nothing  # noqa: F401


def test_an_interpreter_starts_without_what_reads_interfaces():
    code = (
        "import sys; from ros2_embedded import bootstrap; before = set(sys.modules)\n"
        "bootstrap.activate()\n"
        "assert set(sys.modules) - before <= {'ros2_embedded.finder', 'types'}, set(sys.modules) - before\n"
        "from std_msgs.msg import String\n"
        "assert 'ros2_embedded.idl.registry' in sys.modules and String().data == ''"
    )
    # -S: without the .pth file, which would have done it already.
    ours = (bootstrap.SITE, bootstrap.CLIENT_LIBRARY)
    path = os.pathsep.join(entry for entry in sys.path if entry and entry not in ours)
    subprocess.run(
        [sys.executable, "-S", "-c", code], env=os.environ | {"PYTHONPATH": path}, check=True
    )


def test_the_runtime_steps_aside_for_a_real_rclpy(tmp_path):
    real = tmp_path / "rclpy"
    real.mkdir()
    (real / "__init__.py").write_text("REAL = True\n")
    code = "import rclpy, importlib.util as u; print(rclpy.REAL, u.find_spec('std_msgs'))"
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(tmp_path), "PATH": str(Path(sys.executable).parent)},
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert ran.stdout.split() == ["True", "None"]
