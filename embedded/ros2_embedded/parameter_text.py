"""The values in parameter files and behind `-p`, read as rcl's parser reads them.

YAML decides where a scalar begins and ends; what an unquoted one means is decided as C does by
`strtol` and `strtod`, not by YAML: `5e-06` is a number, `12:30`, `1_000`, `2024-01-01` and `~` are
texts.
"""

from __future__ import annotations

import math
import re
import sys
from typing import Any

import yaml

_TRUE = {"Y", "y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"}
_FALSE = {"N", "n", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE"}
_INTEGER = re.compile(r"\s*([+-]?)(?:0[xX]([0-9a-fA-F]+)|(0[0-7]*)|([1-9][0-9]*))")
_DOTTED = re.compile(r"[+-]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_DECIMAL = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_HEXADECIMAL = re.compile(
    r"\s*[+-]?0[xX]([0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)([pP][+-]?\d+)?"
)
_NO_NUMBER = re.compile(r"\s*([+-]?)(inf(inity)?|nan(\(\w*\))?)", re.IGNORECASE)
_INT64 = range(-(2**63), 2**63)
_STRING_TAG = "tag:yaml.org,2002:str"
_NAMES = {bool: "bool", int: "integer", float: "double", str: "string"}


class ValueSyntaxError(ValueError):
    """A text is no value of a parameter; the message says what and where."""


class _Loader(yaml.BaseLoader):
    """Composes nodes whose tag is empty unless one is written."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        return "" if kind is yaml.ScalarNode else super().resolve(kind, value, implicit)

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()
            raise yaml.composer.ComposerError(
                None, None, f"an alias, *{event.anchor}, is not supported", event.start_mark
            )
        return super().compose_node(parent, index)


def compose(text: str) -> Any:
    """Return the root node of a YAML document, None if there is nothing.

    Raises:
        yaml.YAMLError: it is no YAML, holds several documents, or an alias, which rcl refuses.

    """
    loader = _Loader(text)
    try:
        return loader.get_single_node()
    finally:
        loader.dispose()


def read_value(text: str, *, uniform: bool = True) -> Any:
    """Return the value of a text: a bool, int, float, str or a list of these.

    A list holds values of one type unless ``uniform`` is false.

    Raises:
        ValueSyntaxError: it is none.

    """
    try:
        node = compose(text)
    except yaml.YAMLError as failure:
        raise ValueSyntaxError(f"{text!r} is no YAML: {failure}") from None
    if node is None:
        raise ValueSyntaxError("there is no value; write '' for an empty text")
    return value_of(node, uniform=uniform)


def value_of(node: Any, *, uniform: bool = True) -> Any:
    """Return the value of a node as `read_value` does of a text."""
    if isinstance(node, yaml.SequenceNode):
        return _list_of(node, uniform=uniform)
    if isinstance(node, yaml.MappingNode):
        raise ValueSyntaxError(f"{_place(node)}: a mapping is no value of a parameter")
    if node.tag == _STRING_TAG or node.style in ("'", '"'):
        return node.value
    if not node.value:
        raise ValueSyntaxError(f"{_place(node)}: there is no value; write '' for an empty text")
    return read_scalar(node.value)


def _list_of(node: Any, *, uniform: bool) -> list[Any]:
    found: list[Any] = []
    for item in node.value:
        if not isinstance(item, yaml.ScalarNode):
            raise ValueSyntaxError(f"{_place(item)}: a list holds single values only")
        value = value_of(item)
        if uniform and found and type(value) is not type(found[0]):
            raise ValueSyntaxError(
                f"{_place(item)}: all values of a list have one type, but {item.value} is a "
                f"{_NAMES[type(value)]} in a list of type {_NAMES[type(found[0])]}"
            )
        found.append(value)
    return found


def read_scalar(text: str) -> bool | int | float | str:
    """Return what an unquoted scalar means."""
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    for read in (_integer, _double):
        number = read(text)
        if number is not None:
            return number
    return text


def _integer(text: str) -> int | None:
    match = _INTEGER.fullmatch(text)
    if match is None:
        return None
    sign, hexadecimal, octal, decimal = match.groups()
    digits, base = (hexadecimal, 16) if hexadecimal else (octal, 8) if octal else (decimal, 10)
    value = int(sign + digits, base)
    return value if value in _INT64 else None


def _double(text: str) -> float | None:
    """Return the number of a text; None, too, if C says that it is out of range."""
    if _DOTTED.fullmatch(text):
        return float(text.replace(".", ""))
    endless = _NO_NUMBER.fullmatch(text)
    if endless is not None:
        return float(endless[1] + endless[2][:3])
    if _DECIMAL.fullmatch(text):
        value = float(text)
        nothing = not re.search("[1-9]", re.split("[eE]", text)[0])
    elif _HEXADECIMAL.fullmatch(text):
        try:
            value = float.fromhex(text)
        except OverflowError:
            return None
        return value
    else:
        return None
    in_range = math.isfinite(value) and abs(value) >= sys.float_info.min
    return value if in_range or nothing else None


def _place(node: Any) -> str:
    return f"line {node.start_mark.line + 1}"


class _Dumper(yaml.SafeDumper):
    """Quotes the texts that would be read as something else."""


def _represent_text(dumper: yaml.SafeDumper, text: str) -> Any:
    style = None if isinstance(read_scalar(text), str) else "'"
    return dumper.represent_scalar(_STRING_TAG, text, style=style)


_Dumper.add_representer(str, _represent_text)


def write_values(values: Any, *, one_line: bool = False) -> str:
    """Return the YAML of values, names or whole parameter files, that reads as what was written.

    ``one_line`` is for what stands behind `-p name:=`.
    """
    width = math.inf if one_line else None
    text: str = yaml.dump(values, Dumper=_Dumper, default_flow_style=one_line, width=width)
    return text.removesuffix("\n").removesuffix("\n...") if one_line else text
