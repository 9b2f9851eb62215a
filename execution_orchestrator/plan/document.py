"""Reads a text as plain data, bounded, with the place of every value: JSON, else YAML 1.2.

What nests too deeply or repeats itself by aliases is left at the first sign of it: the parser's
events are taken one by one, so that no text can cost more than its own length.
"""

from __future__ import annotations

import json
import math
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import yaml

from execution_orchestrator.plan.issues import MOST_ISSUES, Issue
from execution_orchestrator.plan.yaml_reader import Reader

SourceMap = Mapping[str, tuple[int, int]]
# A value, the sign after which another one comes, or a key with the colon behind it.
_JSON_TOKEN = re.compile(r'("(?:[^"\\]|\\.)*")\s*:|"(?:[^"\\]|\\.)*"|[{}\[\],]|[^\s{}\[\],"]+')
_LARGEST = 2**63
_DIGITS = "Whole numbers have 64 bits; put a longer one in quotes."


@dataclass(frozen=True)
class Limits:
    """How large a document may be, with the files of its subplans put in."""

    max_bytes: int = 1024 * 1024
    max_depth: int = 64
    max_nodes: int = 500_000


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True)
class Read:
    """Plain data and the line and column of every value in it by its JSON pointer.

    ``issues`` are the values that cannot be taken. ``complete`` is False where reading ended before
    the document did; nothing reliable can be said of the data then.
    """

    data: Any = None
    issues: tuple[Issue, ...] = ()
    places: SourceMap = field(default_factory=dict)
    complete: bool = True


def read_document(text: str, limits: Limits) -> Read:
    """Read a document; its content never raises an exception."""
    if not text.strip():
        return _refused(Issue("PLAN_EMPTY", "the plan is empty", hint="Send a plan or a command."))
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > limits.max_bytes:
        return _refused(
            Issue(
                "PLAN_TOO_LARGE",
                f"the document has {size} bytes, at most {limits.max_bytes} are allowed",
                hint="Split the plan, or raise max_document_bytes.",
            )
        )
    made = _json(text, limits)
    return _yaml(text, limits) if made is None else made


def pointed(pointer: str, key: object) -> str:
    """Return the RFC 6901 pointer of the value at a key or index."""
    return f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"


def parts_of(pointer: str) -> list[str]:
    """Return the keys and indices that an RFC 6901 pointer names, from outside in."""
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def value_at(document: Any, pointer: str) -> Any:
    """Return the value at a pointer, None if there is none."""
    for part in parts_of(pointer):
        if isinstance(document, Mapping):
            document = document.get(part)
        elif isinstance(document, list) and part.isdigit() and int(part) < len(document):
            document = document[int(part)]
        else:
            return None
    return document


def place_of(pointer: str, places: SourceMap) -> tuple[int, int]:
    """Return line and column of a pointer, or of the nearest thing around it."""
    while pointer and pointer not in places:
        pointer = pointer.rpartition("/")[0]
    return places.get(pointer, (0, 0))


class _Stop(Exception):
    """Reading has to stop; the issue is noted."""


class _Notes:
    """Collects issues of values, up to a limit."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._count = 0
        self.issues: list[Issue] = []
        self.places: dict[str, tuple[int, int]] = {}

    def add(self, code: str, message: str, pointer: str, hint: str) -> None:
        line, column = place_of(pointer, self.places)
        self.issues.append(Issue(code, message, pointer, hint, line=line, column=column))
        if len(self.issues) >= MOST_ISSUES:
            raise _Stop

    def enter(self, pointer: str, depth: int) -> None:
        """Count one more value.

        Raises:
            _Stop: there are too many of them.

        """
        self._count += 1
        if depth > self._limits.max_depth or self._count > self._limits.max_nodes:
            self.add(
                "PLAN_TOO_DEEP",
                "the document is nested too deeply or too long",
                pointer,
                f"At most {self._limits.max_depth} levels and {self._limits.max_nodes} values are "
                "allowed; move a part into a plan file of its own.",
            )
            raise _Stop

    def scalar(self, value: Any, pointer: str) -> Any:
        """Return a value that a plan may hold; nothing in place of one it may not."""
        if isinstance(value, float) and not math.isfinite(value):
            hint = "Give a finite number, or leave the field away where it is optional."
            self.add("PLAN_NUMBER_NOT_FINITE", f"{value} is not a finite number", pointer, hint)
            return None
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= _LARGEST:
            shown = f"{value:.3e}" if abs(value) < 10**300 else "the number"
            self.add("PLAN_NUMBER_TOO_LARGE", f"{shown} is too large", pointer, _DIGITS)
            return None
        if isinstance(value, str) and not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError:
                hint = "A surrogate without its other half is not Unicode; write the character."
                self.add("PLAN_SYNTAX", "the text holds half a character", pointer, hint)
                return None
        return value


def _refused(*issues: Issue) -> Read:
    return Read(None, issues, complete=False)


# --- JSON ---------------------------------------------------------------------------------------


def _json(text: str, limits: Limits) -> Read | None:
    """Read JSON; None if it is none."""
    doubled = False

    def pairs(given: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal doubled
        made = dict(given)
        doubled = doubled or len(made) < len(given)
        return made

    try:
        data = json.loads(text, object_pairs_hook=pairs)
    except (ValueError, RecursionError):
        return None
    places = _JsonPlaces(text)
    notes = _Notes(limits)
    try:
        if doubled:
            for pointer in places.doubled():
                notes.add(
                    "PLAN_DUPLICATE_KEY",
                    f"{pointer.rpartition('/')[2]!r} stands twice here",
                    pointer,
                    "Keep one of them.",
                )
        data = _taken(data, "", 0, notes)
    except _Stop:
        return Read(None, tuple(_placed(notes.issues, places)), places, complete=False)
    return Read(data, tuple(_placed(notes.issues, places)), places)


def _taken(value: Any, pointer: str, depth: int, notes: _Notes) -> Any:
    notes.enter(pointer, depth)
    if isinstance(value, dict):
        return {key: _taken(v, pointed(pointer, key), depth + 1, notes) for key, v in value.items()}
    if isinstance(value, list):
        return [_taken(v, f"{pointer}/{i}", depth + 1, notes) for i, v in enumerate(value)]
    return notes.scalar(value, pointer)


def _placed(issues: list[Issue], places: SourceMap) -> Iterator[Issue]:
    for issue in issues:
        line, column = place_of(issue.pointer, places)
        yield Issue(issue.code, issue.message, issue.pointer, issue.hint, line=line, column=column)


class _JsonPlaces(Mapping[str, tuple[int, int]]):
    """The position of each value in a valid JSON text, worked out when it is first needed.

    Few of them are: of a container that is looked into, the decoder goes over what is inside.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._twice: list[str] = []
        self._inside: dict[str, dict[str, int]] = {}  # where each part of a container begins
        self._every: dict[str, int] | None = None  # where each value begins

    def __getitem__(self, pointer: str) -> tuple[int, int]:
        try:
            at = self._begin(pointer) if self._every is None else self._every[pointer]
        except RecursionError:  # the decoder's, in what is nested that deeply
            at = self._found()[pointer]
        line = bisect_right(self._lines, at)
        return line, at - self._lines[line - 1] + 1

    def __iter__(self) -> Iterator[str]:
        return iter(self._found())

    def __len__(self) -> int:
        return len(self._found())

    @cached_property
    def _lines(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self._text))]

    def _begin(self, pointer: str) -> int:
        if not pointer:
            return _after_space(self._text, 0)
        around, slash, name = pointer.rpartition("/")
        if not slash:
            raise KeyError(pointer)
        if around not in self._inside:
            self._inside[around] = _parts(self._text, self._begin(around))
        return self._inside[around][name]

    def _found(self) -> dict[str, int]:
        if self._every is not None:
            return self._every
        found: dict[str, int] = {}
        open_: list[tuple[str, bool]] = []  # pointer of each container around, and if it is a list
        keys: list[Any] = []  # the key or index of the next value of each
        for match in _JSON_TOKEN.finditer(self._text):
            token, key = match.group(0, 1)
            if key is not None:
                keys[-1] = json.loads(key) if "\\" in key else key[1:-1]
            elif token == ",":
                if open_[-1][1]:
                    keys[-1] += 1
            elif token in "}]":
                open_.pop()
                keys.pop()
            else:
                pointer = pointed(open_[-1][0], keys[-1]) if open_ else ""
                if pointer in found:
                    self._twice.append(pointer)
                found[pointer] = match.start()
                if token in "{[":
                    open_.append((pointer, token == "["))
                    keys.append(0 if token == "[" else None)
        self._every = found
        return found

    def doubled(self) -> list[str]:
        """Return the pointers of what has the key of something before it."""
        return self._twice if self._found() else []


_decode = json.JSONDecoder().raw_decode
_SPACE = re.compile(r"[ \t\n\r]*")


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return at if found is None else found.end()


def _parts(text: str, at: int) -> dict[str, int]:
    """Return where each part of a container of valid JSON begins; none of what is no container."""
    found: dict[str, int] = {}
    if text[at] not in "[{":
        return found
    listed = text[at] == "["
    at = _after_space(text, at + 1)
    while text[at] not in "]}":
        if listed:
            name = str(len(found))
        else:
            key, at = _decode(text, at)
            name = pointed("", key)[1:]
            at = _after_space(text, _after_space(text, at) + 1)
        found[name] = at
        _, at = _decode(text, at)
        at = _after_space(text, at)
        if text[at] == ",":
            at = _after_space(text, at + 1)
    return found


# --- YAML ---------------------------------------------------------------------------------------


def _yaml(text: str, limits: Limits) -> Read:
    builder = _YamlBuilder(text, limits)
    try:
        data = builder.document()
    except _Stop:
        return Read(None, tuple(builder.notes.issues), builder.notes.places, complete=False)
    except yaml.MarkedYAMLError as failure:
        mark = failure.problem_mark
        place = (mark.line + 1, mark.column + 1) if mark is not None else (0, 0)
        return _refused(_syntax(str(failure.problem or failure), *place, text=text))
    except (yaml.YAMLError, ValueError) as failure:
        before = text[: getattr(failure, "position", 0)]
        place = (before.count("\n") + 1, len(before) - before.rfind("\n"))
        message = str(failure).splitlines()[0] if str(failure) else "not readable"
        return _refused(_syntax(message, *place))
    return Read(data, tuple(builder.notes.issues), builder.notes.places)


class _YamlBuilder:
    """Turns the parser's events into plain data with the position of each value."""

    def __init__(self, text: str, limits: Limits) -> None:
        self._events: Callable[[], Any] = iter(yaml.parse(text, Loader=Reader)).__next__
        self._constructor = Reader("")
        self._text = text
        self.notes = _Notes(limits)

    def document(self) -> Any:
        event = self._events()
        while not isinstance(event, yaml.DocumentStartEvent):
            if isinstance(event, yaml.StreamEndEvent):
                self.notes.add("PLAN_EMPTY", "the plan holds only comments", "", "Add actions.")
                raise _Stop
            event = self._events()
        data = self._value(self._events(), "", 0)
        self._events()  # the document's end
        event = self._events()
        if not isinstance(event, yaml.StreamEndEvent):
            mark = event.start_mark
            raise yaml.MarkedYAMLError(
                problem="a second document begins here; send one", problem_mark=mark
            )
        return data

    def _value(self, event: Any, pointer: str, depth: int) -> Any:
        mark = event.start_mark
        self.notes.places[pointer] = (mark.line + 1, mark.column + 1)
        self.notes.enter(pointer, depth)
        if isinstance(event, yaml.AliasEvent):
            # Aliases can multiply the size of a document, and a plan does not need them.
            hint = "Write the value out where it is needed."
            self.notes.add("PLAN_ALIAS", "aliases (*name) are not allowed", pointer, hint)
            raise _Stop
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(pointer, depth, flow=bool(event.flow_style))
        if isinstance(event, yaml.SequenceStartEvent):
            made: list[Any] = []
            flow = bool(event.flow_style)
            cut = False  # whether a comma may have ended the last entry too early
            while not isinstance(event := self._events(), yaml.SequenceEndEvent):
                if cut and _is_bare(event):
                    made[-1] = self._put_together(
                        made[-1], event.value, f"{pointer}/{len(made) - 1}"
                    )
                    cut = _is_open(made[-1])
                    continue
                cut = flow and _is_bare(event) and _is_open(event.value)
                made.append(self._value(event, f"{pointer}/{len(made)}", depth + 1))
            return made
        return self._scalar(event, pointer)

    def _mapping(self, pointer: str, depth: int, *, flow: bool) -> dict[str, Any]:
        made: dict[str, Any] = {}
        cut = ""  # the key whose value a comma may have ended too early
        while not isinstance(event := self._events(), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                hint = "Write `name: value`; a list or a mapping cannot be a name."
                if self._text[event.start_mark.index - 1 :].startswith("{{"):
                    hint = 'Put a template in quotes: "{{ ... }}".'
                self.notes.add("PLAN_SYNTAX", "a key has to be a plain word", pointer, hint)
                raise _Stop
            key = str(event.value)
            at = pointed(pointer, key)
            inner = self._events()
            if cut and _is_bare(inner) and not inner.value:
                made[cut] = self._put_together(made[cut], key, pointed(pointer, cut))
                cut = cut if _is_open(made[cut]) else ""
                continue
            cut = key if flow and _is_bare(inner) and _is_open(inner.value) else ""
            value = self._value(inner, at, depth + 1)
            if key in made:
                hint = "Keep one of them."
                self.notes.add("PLAN_DUPLICATE_KEY", f"{key!r} stands twice here", at, hint)
            made[key] = value
        return made

    def _put_together(self, before: str, rest: str, pointer: str) -> str:
        """Return the text that a comma inside of { } or [ ] has cut in two, and tell of it."""
        whole = f"{before}, {rest}"
        if not _is_open(whole):
            message = f"the comma in {whole[:100]} ends the value: it stands inside of {{ }} or [ ]"
            self.notes.add("PLAN_SYNTAX", message, pointer, "Put the whole text in quotes.")
        return whole

    def _scalar(self, event: Any, pointer: str) -> Any:
        tag = event.tag
        if tag is None or tag == "!":
            if not event.implicit[0]:
                return self.notes.scalar(event.value, pointer)
            tag = self._constructor.resolve(yaml.ScalarNode, event.value, event.implicit)
        node = yaml.ScalarNode(tag, event.value, event.start_mark, event.end_mark)
        try:
            value = self._constructor.construct_object(node, deep=True)
        except (yaml.YAMLError, ValueError, OverflowError) as failure:
            if "digits" in str(failure):  # Python refuses to read it
                self.notes.add("PLAN_NUMBER_TOO_LARGE", "the number is too large", pointer, _DIGITS)
                return None
            hint = "A plan holds texts, numbers, true, false, null, lists and mappings."
            if event.tag is not None and event.tag.startswith("!"):
                hint = f'Put a text that begins with ! in quotes: "{event.tag[:100]}".'
            self.notes.add("PLAN_SYNTAX", str(failure).splitlines()[0][:300], pointer, hint)
            return None
        if isinstance(value, str | int | float | bool | None):
            return self.notes.scalar(value, pointer)
        hint = "Put it in quotes to make it a text."
        self.notes.add("PLAN_SYNTAX", f"{tag} is not allowed", pointer, hint)
        return None


def _is_bare(event: Any) -> bool:
    """Whether it is a text without quotes."""
    return isinstance(event, yaml.ScalarEvent) and not event.style


def _is_open(text: Any) -> bool:
    """Whether a text lacks the end of a bracket that begins in it."""
    return isinstance(text, str) and text.count("(") > text.count(")")


def _syntax(message: str, line: int = 0, column: int = 0, text: str = "") -> Issue:
    return Issue(
        "PLAN_SYNTAX",
        f"the document is neither JSON nor YAML: {message}",
        hint=_syntax_cure(message, text, line, column)
        or "Check brackets, quotes and indentation near this place.",
        line=line,
        column=column,
    )


_INDENT = "Indent it as the line that it belongs beside."
_GLUED = re.compile(r"[\s-]*(\w+):([^\s:]+)\s*$")  # a name without a blank behind its colon


def _syntax_cure(message: str, text: str, line: int, column: int) -> str:
    """Say what is probably wrong, by the line in which the parser gave up."""
    lines = text.splitlines()
    written = lines[line - 1] if 0 < line <= len(lines) else ""
    if text.lstrip().startswith("```"):
        return "Take the lines with ``` away."
    if "<document start>" in message:
        return "Take away what stands behind the end of the document."
    if "unexpected end of stream" in message:
        return "Close the quotes of the text that begins here, or before."
    if "second document" in message:
        return "Send each by itself: what follows --- is a document of its own."
    if "\t" in written[: len(written) - len(written.lstrip())]:
        return "Indent by spaces: YAML allows no tabs there."
    if "mapping values are not allowed" in message:
        if ": " in written[: column - 1]:
            return "Put a text with a colon in it in quotes."
        if glued := next(filter(None, map(_GLUED.match, lines[max(line - 2, 0) : line])), None):
            return f"Put a blank behind the colon: {glued[1]}: {glued[2]}"
        return _INDENT
    if message in ("did not find expected key", "did not find expected '-' indicator"):
        return _INDENT
    if "expected node content" in message:
        return "Something is missing between two signs here, or one of them is too many."
    if ": !" in written:
        return "Put a text that begins with ! in quotes."
    if "cannot start any token" in message:
        return "Put a text that begins with @, ` or % in quotes."
    # Where a line ends wrongly is seen at the beginning of the next one.
    around = lines[max(line - 2, 0) : line]
    if text.lstrip().startswith("{") and any("//" in one for one in around):
        return "Take the comment away, or begin it with #."
    if "did not find expected ',' or" in message:
        if written.count("'") % 2:
            return "Write an apostrophe inside of '...' twice, or put the text in double quotes."
        return (
            "Close the bracket; inside of it put a text with brackets, commas or colons in quotes."
        )
    return ""
