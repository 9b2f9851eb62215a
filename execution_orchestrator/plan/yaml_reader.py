"""YAML by the core schema of YAML 1.2, which every JSON document keeps to as well.

PyYAML's parser is good; its table of what a bare word means is that of YAML 1.1, where ``1e-07`` is
a text, ``yes`` a boolean, ``012`` ten and ``12:30`` a number of seconds. The table is replaced.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

_TAG = "tag:yaml.org,2002:"
# YAML 1.2.2, section 10.3.2; the second is every character such a word can begin with.
_CORE_SCHEMA = (
    ("null", "~nN", r"~|null|Null|NULL|"),
    ("bool", "tTfF", r"true|True|TRUE|false|False|FALSE"),
    ("int", "-+0123456789", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"),
    (
        "float",
        "-+.0123456789",
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
        r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
    ),
)
_NOT_FINITE = re.compile(r"^([-+]?)\.(inf|nan)$", re.IGNORECASE)


class Reader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):  # type: ignore[misc]
    """PyYAML's safe loader with the scalars of YAML 1.2."""


def _whole_number(_: Any, node: yaml.ScalarNode) -> int:
    text = str(node.value)
    return int(text, 0) if text[:2] in ("0o", "0x") else int(text)


def _number(_: Any, node: yaml.ScalarNode) -> float:
    return float(_NOT_FINITE.sub(r"\1\2", str(node.value)))


Reader.yaml_implicit_resolvers = {}
for _name, _first, _pattern in _CORE_SCHEMA:
    # The empty text is nothing; PyYAML files it under the empty first character.
    Reader.add_implicit_resolver(
        f"{_TAG}{_name}", re.compile(f"^(?:{_pattern})$"), [*_first, *([""] * (_name == "null"))]
    )
Reader.add_constructor(f"{_TAG}int", _whole_number)
Reader.add_constructor(f"{_TAG}float", _number)


class ConfigurationReader(Reader):
    """For files of the operator's own: with merge keys (``<<: *other``), as in YAML 1.1.

    Plans come from anywhere, and merges of merges grow without bound.
    """


ConfigurationReader.add_implicit_resolver(f"{_TAG}merge", re.compile(r"^<<$"), ["<"])
ConfigurationReader.add_constructor(f"{_TAG}merge", lambda _, node: str(node.value))


def read_yaml(text: str) -> Any:
    """Read a configuration file.

    Raises:
        yaml.YAMLError: it is none.

    """
    return yaml.load(text, Loader=ConfigurationReader)
