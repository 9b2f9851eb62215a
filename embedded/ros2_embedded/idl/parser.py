"""Reads .msg, .srv and .action text."""

from __future__ import annotations

import ast
import re
from typing import Any

from ros2_embedded.idl.definition import PRIMITIVES, Constant, Field, FieldType, MessageDefinition
from ros2_embedded.idl.errors import InterfaceSyntaxError

_TYPE = re.compile(r"(?P<base>[A-Za-z][\w/]*?)(?:<=(?P<bound>\d+))?(?:\[(?P<array>(?:<=)?\d*)\])?$")
_NAME = re.compile(r"[a-zA-Z]\w*$")
_CONSTANT = re.compile(r"(?P<type>\S+)\s+(?P<name>[A-Za-z]\w*)\s*=(?!=)\s*(?P<value>.*)$")
_INTEGER = {
    "int8": (-(2**7), 2**7), "uint8": (0, 2**8), "int16": (-(2**15), 2**15), "uint16": (0, 2**16),
    "int32": (-(2**31), 2**31), "uint32": (0, 2**32), "int64": (-(2**63), 2**63),
    "uint64": (0, 2**64), "byte": (0, 2**8), "char": (0, 2**8),
}  # fmt: skip


def parse_message(name: str, text: str) -> MessageDefinition:
    """Read one message; ``name`` is ``package/msg/Name``.

    Raises:
        InterfaceSyntaxError: a line is not understood.

    """
    package = name.split("/", 1)[0]
    fields: list[Field] = []
    constants: list[Constant] = []
    for number, raw in enumerate(text.splitlines(), 1):
        line = _without_comment(raw).strip()
        if not line:
            continue
        try:
            constant = _CONSTANT.match(line)
            if constant:
                constants.append(_constant(constant))
            else:
                fields.append(_field(line, package))
        except (ValueError, SyntaxError) as failure:
            raise InterfaceSyntaxError(
                f"{name} line {number}: {raw.strip()!r}: {failure}"
            ) from None
    return MessageDefinition(name, tuple(fields), tuple(constants))


def split_sections(name: str, text: str, count: int) -> list[str]:
    """Cut a .srv or .action text at its ``---`` lines.

    Raises:
        InterfaceSyntaxError: there are not exactly ``count`` sections.

    """
    sections = re.split(r"(?m)^---[ \t]*\r?$", text)
    if len(sections) != count:
        raise InterfaceSyntaxError(
            f"{name}: {count - 1} lines '---' expected, {len(sections) - 1} found"
        )
    return sections


def _without_comment(line: str) -> str:
    quote = ""
    for index, character in enumerate(line):
        if quote:
            if character == quote and line[index - 1] != "\\":
                quote = ""
        elif character in "\"'" and "#" not in line[:index]:
            quote = character
        elif character == "#":
            return line[:index]
    return line if not quote else line.split("#", 1)[0]


def _constant(match: re.Match[str]) -> Constant:
    kind, value = match["type"], match["value"].strip()
    if kind in ("string", "wstring"):
        return Constant(match["name"], kind, _text(value))
    if kind not in PRIMITIVES:
        raise ValueError(f"a constant cannot be of type {kind}")
    return Constant(match["name"], kind, _primitive(kind, value))


def _field(line: str, package: str) -> Field:
    parts = line.split(None, 2)
    if len(parts) < 2:
        raise ValueError("a type and a name are expected")
    kind = _type(parts[0], package)
    if not _NAME.match(parts[1]):
        raise ValueError(f"{parts[1]!r} is not a name")
    default = None if len(parts) == 2 else _default(kind, parts[2].strip())
    return Field(parts[1], kind, default)


def _type(text: str, package: str) -> FieldType:
    match = _TYPE.match(text)
    if not match:
        raise ValueError(f"{text!r} is not a type")
    base = match["base"]
    if base not in PRIMITIVES and base not in ("string", "wstring"):
        parts = base.split("/")
        if len(parts) == 1:
            parts = ["std_msgs" if base == "Header" else package, base]
        base = f"{parts[0]}/msg/{parts[-1]}"
    array = match["array"]
    bound = int(match["bound"] or 0)
    if array is None:
        return FieldType(base, string_bound=bound)
    if array == "":
        return FieldType(base, "unbounded", string_bound=bound)
    if array.startswith("<="):
        return FieldType(base, "bounded", int(array[2:]), bound)
    return FieldType(base, "static", int(array), bound)


def _default(kind: FieldType, text: str) -> Any:
    if not kind.array:
        return _text(text) if kind.is_text else _primitive(kind.base, text)
    if not (text.startswith("[") and text.endswith("]")):
        raise ValueError("the default of an array stands in brackets")
    if kind.is_text:
        items = [
            item.strip()
            for item in re.findall(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|[^,\[\]]+", text[1:-1])
        ]
        return [_text(item) for item in items if item]
    items = [item.strip() for item in text[1:-1].split(",")]
    return [_primitive(kind.base, item) for item in items if item]


def _text(text: str) -> str:
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'":
        return str(ast.literal_eval(text))
    return text


def _primitive(kind: str, text: str) -> Any:
    if kind == "bool":
        if text.lower() in ("true", "1"):
            return True
        if text.lower() in ("false", "0"):
            return False
        raise ValueError(f"{text!r} is not a bool")
    if kind.startswith("float"):
        return float(text)
    value = int(text, 0) if not re.fullmatch(r"[+-]?0+\d*", text) else int(text)
    low, end = _INTEGER[kind]
    if not low <= value < end:
        raise ValueError(f"{value} does not fit into {kind}")
    return value
