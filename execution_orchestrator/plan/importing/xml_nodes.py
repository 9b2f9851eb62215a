"""Reads XML into nodes with their lines; nothing is fetched, expanded or left unbounded."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.parsers import expat

from execution_orchestrator.plan.importing.imported import NotImportableError

MAX_BYTES = 2_000_000
MAX_DEPTH = 100
MAX_NODES = 20_000
MAX_FILES = 100  # that are included
_BARE = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)")
_VALUE = re.compile(rb"=\s*\"[^\"]*\"")


@dataclass
class XmlNode:
    """An element: its name, attributes, children, and the line it begins in.

    ``file`` is the included file that has it, empty for the one that was given.
    """

    tag: str
    attributes: dict[str, str]
    line: int
    children: list[XmlNode] = field(default_factory=list)
    file: str = ""

    @property
    def name(self) -> str:
        """Name of a tree node: its ID in the long form (<Action ID="X"/>), else its tag."""
        long_form = self.tag in ("Action", "Condition", "Control", "Decorator")
        return self.attributes.get("ID", self.tag) if long_form else self.tag


def with_included(root: XmlNode, read: Callable[[str], bytes]) -> None:
    """Put the trees of included files in place of the elements that include them.

    ``read`` gets paths relative to the folder of the file that was given. An include that it cannot
    read (OSError) is left in place.

    Raises:
        NotImportableError: an included file is no behaviour tree, or there are too many of them.

    """
    seen: set[str] = set()
    waiting = [root]
    while waiting:
        holder = waiting.pop()
        for node in [one for one in holder.children if one.tag == "include"]:
            given = node.attributes.get("path", "")
            path = posixpath.normpath(posixpath.join(posixpath.dirname(holder.file), given))
            if not given or "ros_pkg" in node.attributes:
                continue
            if path not in seen:
                try:
                    found = read_xml(read(path), path)
                except OSError:
                    continue
                seen.add(path)
                if len(seen) > MAX_FILES:
                    raise NotImportableError(f"more than {MAX_FILES} files are included")
                root.children += [one for one in found.children if one.tag != "include"]
                waiting.append(found)
            if node in root.children:
                root.children.remove(node)


def read_xml(data: bytes, file: str = "") -> XmlNode:
    """Return the root element.

    A document type is refused: with one, a file of a few bytes can become gigabytes (entities) or
    read others (external entities).

    Raises:
        NotImportableError: it is no XML, or larger or deeper than the tree of a robot.

    """
    if len(data) > MAX_BYTES:
        raise NotImportableError(f"the file has more than {MAX_BYTES} bytes")
    # Scripts with a bare < or && are no XML, but BehaviorTree.CPP reads them, and they are around.
    data = _BARE.sub(b"&amp;", data)
    data = _VALUE.sub(lambda found: found.group().replace(b"<", b"&lt;"), data)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    above: list[XmlNode] = []
    roots: list[XmlNode] = []
    count = 0
    at = f"{file}: " if file else ""

    def begin(tag: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        line = parser.CurrentLineNumber
        if count > MAX_NODES or len(above) >= MAX_DEPTH:
            raise NotImportableError(
                f"{at}line {line}: more than {MAX_NODES} elements, or more than {MAX_DEPTH} inside "
                "each other"
            )
        node = XmlNode(tag, attributes, line, file=file)
        (above[-1].children if above else roots).append(node)
        above.append(node)

    def refuse(*_: object) -> None:
        raise NotImportableError(
            f"{at}line {parser.CurrentLineNumber}: a document type (<!DOCTYPE ...>) is not read; "
            "remove it"
        )

    parser.StartElementHandler = begin
    parser.EndElementHandler = lambda _: above.pop() and None
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as failure:
        message = expat.ErrorString(failure.code)
        raise NotImportableError(f"{at}line {failure.lineno}: this is no XML: {message}") from None
    return roots[0]
