"""Writes the interface packages of share/ from a JSON file of plain facts.

    python tools/write_interfaces.py interface_fields.json ros2_embedded/share

The JSON maps "package/msg/Name" to its fields (name, type, default) and constants; services and
actions map each part to that. Field names, order, types, defaults and constants are the interface;
the few comments are our own.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

PARTS = {"msg": (), "srv": ("request", "response"), "action": ("goal", "result", "feedback")}
MANIFEST = """<?xml version="1.0"?>
<package format="3">
  <name>{name}</name>
  <version>0.1.0</version>
  <description>Interfaces of {name}, fields as in ROS 2 Jazzy.</description>
  <maintainer email="maintainers@execution-orchestrator.dev">The execution_orchestrator maintainers</maintainer>
  <license>Apache-2.0</license>
{dependencies}  <member_of_group>rosidl_interface_packages</member_of_group>
  <export><build_type>ament_cmake</build_type></export>
</package>
"""


def literal(value: Any, kind: str) -> str:
    """Write a value as an interface file does."""
    if isinstance(value, list):
        return (
            "[" + ", ".join(literal(item, kind.split("[", maxsplit=1)[0]) for item in value) + "]"
        )
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return repr(value)


def lines(part: dict[str, Any]) -> list[str]:
    """Write the constants and fields of one part."""
    out = [f"{c['type']} {c['name']}={literal(c['value'], c['type'])}" for c in part["constants"]]
    for field in part["fields"]:
        text = f"{short(field['type'])} {field['name']}"
        default = field.get("default")
        if default not in (None, "", [], 0, 0.0, False):
            text += f" {literal(default, field['type'])}"
        out.append(text)
    return out


def short(kind: str) -> str:
    """Write "package/msg/Name" as "package/Name"."""
    return kind.replace("/msg/", "/")


def packages_of(part: dict[str, Any]) -> set[str]:
    """Name the packages the fields refer to."""
    return {field["type"].partition("/")[0] for field in part["fields"] if "/" in field["type"]}


def main(source: str, target: str) -> None:
    """Write every package."""
    facts: dict[str, Any] = json.loads(Path(source).read_text())
    needs: dict[str, set[str]] = {}
    for name, fact in facts.items():
        package, kind, base = name.split("/")
        parts = [fact[part] for part in PARTS[kind]] or [fact]
        text = "\n---\n".join("\n".join(lines(part)) for part in parts)
        path = Path(target, package, kind, f"{base}.{kind}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.strip("\n") + "\n" if kind == "msg" else text + "\n", encoding="utf-8")
        needs.setdefault(package, set()).update(*(packages_of(part) for part in parts))
        if kind == "action":
            needs[package].add("action_msgs")
        if kind == "srv":
            needs[package].add("service_msgs")
    for package, needed in needs.items():
        depends = "".join(f"  <depend>{n}</depend>\n" for n in sorted(needed - {package}))
        manifest = MANIFEST.format(name=package, dependencies=depends)
        Path(target, package, "package.xml").write_text(manifest, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
