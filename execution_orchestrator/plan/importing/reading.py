"""Detects the format of a file, and imports it."""

from __future__ import annotations

from collections.abc import Callable

from execution_orchestrator.plan.importing.behavior_tree import import_tree
from execution_orchestrator.plan.importing.imported import Imported, NotImportableError
from execution_orchestrator.plan.importing.pddl import import_pddl
from execution_orchestrator.plan.importing.table import Table
from execution_orchestrator.plan.importing.xml_nodes import MAX_BYTES, read_xml, with_included


def import_plan(
    data: bytes, table: Table, *, tree: str = "", read: Callable[[str], bytes] | None = None
) -> Imported:
    """Return the plan of a behaviour tree's XML or of a PDDL plan; ``tree`` names one of several.

    ``read`` reads the files that it includes, by their paths relative to its own folder.

    Raises:
        NotImportableError: it is neither, or larger than it may be; the message names the line.

    """
    if len(data) > MAX_BYTES:
        raise NotImportableError(f"the file has more than {MAX_BYTES} bytes")
    start = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith((b"<", b"\xff\xfe", b"\xfe\xff")):
        root = read_xml(data)
        if read is not None:
            with_included(root, read)
        return import_tree(root, table, tree)
    try:
        return import_pddl(data.decode("utf-8"), table)
    except UnicodeDecodeError as failure:
        raise NotImportableError(f"byte {failure.start}: the file is no UTF-8 text") from None
