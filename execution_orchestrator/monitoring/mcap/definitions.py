"""Definitions of messages as MCAP wants them: the message, then all those inside it."""

from __future__ import annotations

import re
from pathlib import Path

from ament_index_python.packages import get_package_share_directory

RULE = "=" * 80
FIELD = re.compile(r"^\s*([A-Za-z][\w/]*)(?:<=\d+)?(?:\[[^\]]*\])?\s+[a-z]\w*\s*(?:#.*)?$")
PRIMITIVE = frozenset(
    ["bool", "byte", "char", "float32", "float64", "string", "wstring"]
    + [f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)]
)


def definition_of(name: str) -> str:
    """Return the definition of a message such as ``std_msgs/msg/Header``, with those inside it.

    Raises:
        LookupError: its package is not installed.
        OSError: its file cannot be read.

    """
    texts: dict[str, str] = {}
    waiting = [_short(name)]
    while waiting:
        one = waiting.pop()
        if one not in texts:
            package, kind = one.split("/")
            file = Path(get_package_share_directory(package)) / "msg" / f"{kind}.msg"
            texts[one] = file.read_text(encoding="utf-8")
            waiting += _inside(package, texts[one])
    first, *others = texts
    return texts[first] + "".join(f"\n{RULE}\nMSG: {one}\n{texts[one]}" for one in others)


def _short(name: str) -> str:
    return f"{name.split('/', maxsplit=1)[0]}/{name.rpartition('/')[2]}"


def _inside(package: str, text: str) -> list[str]:
    """Return the messages that are fields of a definition."""
    found = []
    for line in text.splitlines():
        field = FIELD.match(line)
        if field is not None and field[1] not in PRIMITIVE:
            found.append(_short(field[1]) if "/" in field[1] else f"{package}/{field[1]}")
    return found
