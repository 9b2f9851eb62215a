"""Lays out the interface packages that no wheel carries as packages colcon can build."""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path

#: The embedded runtime's interface definitions.
DEFINITIONS = Path(__file__).resolve().parents[2] / "ros2_embedded" / "share"

KINDS = ("msg", "srv", "action")

_DEPEND = re.compile(r"<depend>\s*(\w+)\s*</depend>")

_CMAKE = """cmake_minimum_required(VERSION 3.8)
project({name})
find_package(ament_cmake REQUIRED)
find_package(rosidl_default_generators REQUIRED)
{finds}
rosidl_generate_interfaces(${{PROJECT_NAME}}
  {files}
  DEPENDENCIES {depends}
)
ament_export_dependencies(rosidl_default_runtime)
ament_package()
"""


def missing_packages(prefix: Path) -> list[str]:
    """Name the packages with interfaces that a ROS 2 at `prefix` does not have."""
    return sorted(
        folder.name
        for folder in DEFINITIONS.iterdir()
        if any((folder / kind).is_dir() for kind in KINDS)
        and not (prefix / "share" / folder.name / "package.xml").is_file()
    )


def write_packages(names: list[str], target: Path) -> None:
    """Write the packages `names` below `target`: what is there is replaced."""
    shutil.rmtree(target, ignore_errors=True)
    for name in names:
        _write_package(DEFINITIONS / name, target / name)


def content_key(names: list[str]) -> str:
    """Return a digest of all that goes into the packages `names`."""
    digest = hashlib.sha256(_CMAKE.encode())
    for name in names:
        for path in sorted((DEFINITIONS / name).rglob("*")):
            if path.is_file():
                digest.update(path.relative_to(DEFINITIONS).as_posix().encode() + b"\0")
                digest.update(path.read_bytes())
    return digest.hexdigest()


def _write_package(source: Path, target: Path) -> None:
    """Copy the definitions and write what ament_cmake wants beside them."""
    shutil.copytree(source, target)
    manifest = target / "package.xml"
    text = manifest.read_text(encoding="utf-8")
    depends = _DEPEND.findall(text)
    tools = (
        "  <buildtool_depend>ament_cmake</buildtool_depend>\n"
        "  <buildtool_depend>rosidl_default_generators</buildtool_depend>\n"
    )
    manifest.write_text(
        text.replace("  <member_of_group>", tools + "  <member_of_group>"), encoding="utf-8"
    )
    files = sorted(
        path.relative_to(target).as_posix() for kind in KINDS for path in target.glob(f"{kind}/*")
    )
    (target / "CMakeLists.txt").write_text(
        _CMAKE.format(
            name=target.name,
            finds="\n".join(f"find_package({name} REQUIRED)" for name in depends),
            files="\n  ".join(files),
            depends=" ".join(depends),
        ),
        encoding="utf-8",
    )
