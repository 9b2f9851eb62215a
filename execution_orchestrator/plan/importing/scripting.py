"""The expressions of BehaviorTree.CPP's scripts, and ports, as CEL."""

from __future__ import annotations

import re
from collections.abc import Mapping

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")|(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[@A-Za-z_][\w.@]*)|(?P<sign>:=|\+=|-=|\*=|/=|\.\.|&&|\|\||==|!=|<=|>=|[-+*/<>!?:=()]))"
)
_ASSIGN = re.compile(
    r"^\s*@?(?P<name>[A-Za-z_]\w*)\s*(?P<sign>:=|\+=|-=|\*=|/=|=)\s*(?P<value>.+)$", re.S
)
_PORT = re.compile(r"^\$?\{(?P<name>[^{}]*)\}$")  # with a dollar in version 2
NUMBER = re.compile(r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$")


class ScriptError(ValueError):
    """A script that has no equivalent; the message says what of it."""


def port_of(value: str) -> str | None:
    """Return the name of the blackboard entry that a port is bound to, None if it is a text."""
    found = _PORT.match(value.strip())
    return found["name"].strip() if found is not None else None


def expression(script: str, known: Mapping[str, str], enums: Mapping[str, str]) -> str:
    """Return a script's expression in CEL; names that were not assigned before are ``input.NAME``.

    Raises:
        ScriptError: something in it has no equivalent.

    """
    parts: list[str] = []
    at = 0
    text = script.strip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None or found.end() == at:
            raise ScriptError(f"{text[at : at + 10]!r} of the script {script!r}")
        at = found.end()
        if found["sign"] in (":=", "+=", "-=", "*=", "/=", "=", ".."):
            raise ScriptError(f"{found['sign']!r} inside the script {script!r}")
        if found["name"]:
            parts.append(_name(found["name"], known, enums))
        else:
            parts.append(found.group().strip())
    return " ".join(parts).replace("( ", "(").replace(" )", ")").replace("! ", "!")


def _name(name: str, known: Mapping[str, str], enums: Mapping[str, str]) -> str:
    plain = name.lstrip("@")
    words = {"true": "true", "false": "false", "and": "&&", "or": "||", "not": "!"}
    if plain in words:
        return words[plain]
    if plain in known:
        value = known[plain]
        return value if re.fullmatch(r"[\w.\[\]]+|'[^']*'", value) else f"({value})"
    if plain in enums:
        return enums[plain]
    return f"input.{re.sub(r'[^A-Za-z0-9_]', '_', plain)}"


def assign(script: str, known: dict[str, str], enums: Mapping[str, str]) -> bool:
    """Carry out the assignments of a script; whether it held nothing else.

    Raises:
        ScriptError: something in it has no equivalent.

    """
    only = True
    for part in filter(str.strip, re.split(r";(?=(?:[^']*'[^']*')*[^']*$)", script)):
        found = _ASSIGN.match(part)
        if found is None or (found["sign"] == "=" and found["value"].startswith("=")):
            only = False
            continue
        value = expression(found["value"], known, enums)
        name = found["name"]
        if found["sign"] in ("+=", "-=", "*=", "/="):
            value = f"{_name(name, known, enums)} {found['sign'][0]} {value}"
        known[name] = value
    return only
