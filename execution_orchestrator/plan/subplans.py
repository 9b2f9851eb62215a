"""Inserts subplans that are files of their own into the document that names them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from execution_orchestrator.plan.document import Read
from execution_orchestrator.plan.issues import Issue

MAX_FILES = 100  # that one document may lead to
MAX_DEPTH = 64  # of the document with everything put in
FLATTEN = "Put the actions of one of them where they are needed."
HINT = "Name a file in the folder of the parameter plans_directory."


class PlanLibrary(Protocol):
    """Where plans lie that others name."""

    def read(self, name: str) -> str:
        """Return the text of a plan.

        Raises:
            OSError: there is none of that name, or it may not be read; says why.

        """


Parse = Callable[[str], Read]
_HOLDS = (dict, list)  # what plain data nests in


class Subplans:
    """Replaces ``file`` by the plan in it, again and again, never in a circle.

    All that is put in together has at most ``max_bytes``, as often as it is put in.
    """

    def __init__(self, library: PlanLibrary | None, parse: Parse, max_bytes: int) -> None:
        self._library = library
        self._parse = parse
        self._read = 0
        self._bytes_left = max_bytes
        self.issues: list[Issue] = []

    def embed(self, value: Any, pointer: str = "", opened: tuple[str, ...] = ()) -> Any:
        """Return plain data with the plans of its subplans' files in place."""
        if pointer.count("/") > MAX_DEPTH:
            self._issue(
                "PLAN_TOO_DEEP", "the files of subplans are nested too deeply", pointer, FLATTEN
            )
            return None
        if isinstance(value, list):
            return [
                self.embed(item, f"{pointer}/{index}", opened) if isinstance(item, _HOLDS) else item
                for index, item in enumerate(value)
            ]
        if not isinstance(value, dict):
            return value
        if value.get("action_type") == "subplan" and isinstance(value.get("file"), str):
            return self._with_plan(value, pointer, opened)
        return {
            key: self.embed(item, f"{pointer}/{key}", opened) if isinstance(item, _HOLDS) else item
            for key, item in value.items()
        }

    def _with_plan(
        self, action: Mapping[str, Any], pointer: str, opened: tuple[str, ...]
    ) -> dict[str, Any]:
        name = action["file"]
        at = f"{pointer}/file"
        rest = {key: item for key, item in action.items() if key != "file"}
        if action.get("plan") is not None:
            self._issue(
                "SUBPLAN_AMBIGUOUS",
                "a subplan has a plan or a file, not both",
                at,
                "Keep one of them.",
            )
            return rest
        if name in opened:
            way = " -> ".join([*opened[opened.index(name) :], name])
            self._issue("SUBPLAN_CYCLE", f"these plans contain each other: {way}", at, FLATTEN)
            return rest
        self._read += 1
        if self._library is None:
            self._issue("SUBPLAN_FILE_UNREADABLE", "there is no folder of plans here", at, HINT)
            return rest
        if self._read > MAX_FILES:
            self._issue("SUBPLAN_TOO_MANY", f"more than {MAX_FILES} files are named", at, FLATTEN)
            return rest
        try:
            text = self._library.read(name)
        except OSError as failure:
            self._issue("SUBPLAN_FILE_UNREADABLE", str(failure), at, HINT)
            return rest
        self._bytes_left -= len(text)
        if self._bytes_left < 0:
            self._issue(
                "PLAN_TOO_LARGE",
                "the files of the subplans are together larger than a document may be",
                at,
                "Split the plan, or raise max_document_bytes.",
            )
            return rest
        read = self._parse(text)
        self.issues += [
            Issue(
                issue.code,
                f"{name}, line {issue.line}: {issue.message}",
                at,
                issue.hint,
            )
            for issue in read.issues
        ]
        if not read.issues:
            rest["plan"] = self.embed(read.data, f"{pointer}/plan", (*opened, name))
        return rest

    def _issue(self, code: str, message: str, pointer: str, hint: str) -> None:
        self.issues.append(Issue(code, message, pointer, hint))
