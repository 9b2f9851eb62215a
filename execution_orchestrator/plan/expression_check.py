"""Type-checks expressions, so that mistakes are found before anything moves.

The CEL library compiles and evaluates; it has no type checker and does not show its syntax tree. So
an expression it could compile is read a second time here, by the grammar of the CEL specification.
Values that are not known yet have an unknown type, which raises no issue.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from execution_orchestrator.plan import expression_types as t
from execution_orchestrator.plan.expression_types import Type
from execution_orchestrator.plan.expressions import (
    ExpressionError,
    as_it_is_written,
    compile_expression,
    shape_of,
)
from execution_orchestrator.plan.nearest import nearest

if TYPE_CHECKING:
    from lark import Lark

GRAMMAR = r"""
?start: conditional
?conditional: or_ | or_ "?" or_ ":" conditional -> choice
?or_: and_ | or_ "||" and_ -> logical
?and_: relation | and_ "&&" relation -> conjunction
?relation: sum | relation COMPARE sum -> compare | relation _IN sum -> within
?sum: product | sum SIGN product -> calculate | sum MINUS product -> calculate
?product: unary | product FACTOR unary -> calculate
?unary: member | "!" unary -> negate | MINUS unary -> minus
?member: primary
    | member "." NAME -> field
    | member "." NAME "(" [arguments] ")" -> method
    | member "[" conditional "]" -> index
?primary: NAME -> name | "." NAME -> name
    | NAME "(" [arguments] ")" -> call
    | "(" conditional ")"
    | "[" [arguments [","]] "]" -> list
    | "{" [entries [","]] "}" -> map
    | BOOL -> bool | NULL -> null | FLOAT -> double | UINT -> uint | INT -> int
    | BYTES -> bytes | STRING -> string
arguments: conditional ("," conditional)*
entries: entry ("," entry)*
entry: conditional ":" conditional
COMPARE: "<=" | ">=" | "==" | "!=" | "<" | ">"
SIGN: "+"
MINUS: "-"
FACTOR: "*" | "/" | "%"
_IN.3: /in(?![A-Za-z0-9_])/
BOOL.3: /(true|false)(?![A-Za-z0-9_])/
NULL.3: /null(?![A-Za-z0-9_])/
FLOAT.3: /[0-9]+\.[0-9]+([eE][-+]?[0-9]+)?|[0-9]+[eE][-+]?[0-9]+|\.[0-9]+([eE][-+]?[0-9]+)?/
UINT.2: /(0[xX][0-9a-fA-F]+|[0-9]+)[uU]/
INT: /0[xX][0-9a-fA-F]+|[0-9]+/
BYTES.5: /([bB][rR]?|[rR][bB])("([^"\\\n]|\\.)*"|'([^'\\\n]|\\.)*')/
STRING.4: /[rR]?('''(.|\n)*?'''|\"\"\"(.|\n)*?\"\"\"|'([^'\\\n]|\\.)*'|"([^"\\\n]|\\.)*")/
NAME: /[A-Za-z_][A-Za-z0-9_]*/
%ignore /[ \t\r\n\f]+/
%ignore /\/\/[^\n]*/
"""


@dataclass(frozen=True)
class Problem:
    """What is wrong in an expression, and its cure; ``may_work``: only in some cases."""

    code: str
    message: str
    hint: str
    may_work: bool = False


@dataclass(frozen=True)
class _Function:
    """A function of CEL: the types each argument may have, and that of its value."""

    takes: tuple[frozenset[str], ...]
    gives: Type

    @property
    def usage(self) -> str:
        return (
            "no argument"
            if not self.takes
            else f"{len(self.takes)} argument" + ("s" if len(self.takes) > 1 else "")
        )


def _of(*names: str) -> frozenset[str]:
    return frozenset(names)


_ANY: frozenset[str] = frozenset()
_PLAIN = _of("int", "uint", "double", "number", "string")
_TEXT = _of("string")
_SIZED = _of("string", "bytes", "list", "map")
# How many there are, as other languages ask it.
_COUNTS = frozenset({"length", "len", "count", "size"})
_TIMES = _of("timestamp", "duration")
FUNCTIONS: Mapping[str, _Function] = {
    "size": _Function((_SIZED,), t.INT),
    "string": _Function((_PLAIN | _TIMES | _of("bool", "bytes"),), t.STRING),
    "int": _Function((_PLAIN,), t.INT),
    "uint": _Function((_PLAIN,), t.UINT),
    "double": _Function((_PLAIN,), t.DOUBLE),
    "bytes": _Function((_TEXT,), t.BYTES),
    "duration": _Function((_TEXT,), t.DURATION),
    "timestamp": _Function((_TEXT,), t.TIMESTAMP),
    "type": _Function((_ANY,), t.TYPE),
    "dyn": _Function((_ANY,), t.DYN),
}
# The first type is that of the value before the point.
METHODS: Mapping[str, _Function] = {
    "size": _Function((_SIZED,), t.INT),
    **{
        name: _Function((_TEXT, _TEXT), t.BOOL)
        for name in ("contains", "startsWith", "endsWith", "matches")
    },
    **{
        name: _Function((_of("timestamp"),), t.INT)
        for name in ("getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek",
                     "getDayOfYear")
    },
    **{
        name: _Function((_TIMES,), t.INT)
        for name in ("getHours", "getMinutes", "getSeconds", "getMilliseconds")
    },
}  # fmt: skip
MACROS = ("all", "exists", "exists_one", "filter", "map")
OTHERS_HAVE = {
    "contains": "Write it behind a dot: text.contains('part'); in a list: 'part' in list.",
    "max": "Write a > b ? a : b.", "min": "Write a < b ? a : b.",
    "abs": "Write a < 0.0 ? -a : a.", "len": "Write size(list).", "length": "Write size(list).",
    "float": "Write double(value).", "str": "Write string(value).", "bool": "Write text == 'true'.",
    "any": "Write list.exists(item, condition).", "not": "Write !condition.",
}  # fmt: skip
# Functions that do not take every text, and what they take. A constant is tried before it runs.
OF_SOME_TEXTS = {
    "timestamp": "Write a date with time and zone: timestamp('2026-12-01T07:00:00Z').",
    "duration": "Write numbers with their units: duration('90s'), duration('1h30m').",
    "int": "Write a whole number: int('12').", "uint": "Write a whole number: uint('12').",
    "double": "Write a number with a point: double('1.5').",
    "matches": "Correct the regular expression; it can neither look ahead nor back.",
}  # fmt: skip
TYPE_NAMES = frozenset(
    {"int", "uint", "double", "bool", "string", "bytes", "list", "map", "null_type", "type"}
)


def check(text: str, names: Mapping[str, Type]) -> tuple[Type, list[Problem]]:
    """Return the type of an expression's value, and what keeps it from having one.

    ``names`` are the types of known names; other names are checked elsewhere and unknown here.
    """
    shape, left_open = shape_of(text)
    tree = _tree(shape)
    if tree is None:
        return t.DYN, []
    checker = _Checker(text, left_open)
    try:
        found = checker.type_of(tree, names)
    except RecursionError:
        return t.DYN, []
    return found, list(dict.fromkeys(checker.problems))


def syntax_tree(text: str) -> tuple[Any, Sequence[str]]:
    """Return the syntax tree of an expression's shape, and what the shape leaves open.

    The tree is None where the expression has none.
    """
    shape, left_open = shape_of(text)
    return _tree(shape), left_open


@cache
def _parser() -> Lark:
    from lark import Lark  # noqa: PLC0415  # a node loads it for its first plan

    return Lark(GRAMMAR, parser="lalr", maybe_placeholders=False)


@lru_cache(maxsize=2000)
def _tree(text: str) -> Any:
    """Return the syntax tree; None where library and specification differ on what is one."""
    from lark.exceptions import UnexpectedInput  # noqa: PLC0415

    try:
        return _parser().parse(text)
    except UnexpectedInput:
        return None


class _Checker:
    """Works out the type of every part of one expression, and notes what cannot be."""

    def __init__(self, text: str, left_open: Sequence[str]) -> None:
        self._text = text
        self._left_open = left_open
        self.problems: list[Problem] = []

    def type_of(self, node: Any, names: Mapping[str, Type]) -> Type:
        """Return the type of a part."""
        return _RULES[node.data](self, node, names)

    def _problem(self, code: str, message: str, hint: str) -> Type:
        self.problems.append(Problem(code, f"{self._text!r}: {message}", hint))
        return t.DYN

    def _wrong(self, message: str, hint: str) -> Type:
        return self._problem("EXPRESSION_TYPE", message, hint)

    # --- operators

    def _expect_bool(self, node: Any, names: Mapping[str, Type], what: str) -> None:
        found = self.type_of(node, names)
        if found.name not in ("bool", "dyn"):
            self._wrong(f"{what} is {found}, not true or false", "Compare it with something.")

    def _choice(self, node: Any, names: Mapping[str, Type]) -> Type:
        condition, one, other = node.children
        self._expect_bool(condition, names, "what stands before ?")
        return t.common(self.type_of(one, names), self.type_of(other, names))

    def _logical(self, node: Any, names: Mapping[str, Type]) -> Type:
        for side in node.children:
            self._expect_bool(side, names, "a side of && or ||")
        return t.BOOL

    def _negate(self, node: Any, names: Mapping[str, Type]) -> Type:
        self._expect_bool(node.children[0], names, "what stands behind !")
        return t.BOOL

    def _minus(self, node: Any, names: Mapping[str, Type]) -> Type:
        found = self.type_of(node.children[1], names)
        if found.name not in t.NUMERIC | {"dyn"}:
            return self._wrong(f"{found} has no negative", "A minus belongs to a number.")
        return found

    def _compare(self, node: Any, names: Mapping[str, Type]) -> Type:
        one, token, other = node.children
        sign = str(token)  # a token compares itself in Python, which is slow
        left, right = self.type_of(one, names), self.type_of(other, names)
        if sign in ("==", "!="):
            self._possible(one, left, other)
            self._possible(other, right, one)
        if sign not in ("==", "!="):
            self._never_null((one, left), (other, right))
        if "dyn" in (left.name, right.name) or {left.name, right.name} <= t.NUMERIC:
            return t.BOOL
        if sign in ("==", "!="):
            if left.name != right.name and "null" not in (left.name, right.name):
                self._wrong(
                    f"{left} is never equal to {right}",
                    "Compare two values of one type, for example string(number) == '5'.",
                )
        elif left.name != right.name or left.name in ("list", "map", "null", "type"):
            chained = "compare" in (one.data, other.data)
            cure = _CHAIN if chained else _comparable({left.name, right.name})
            self._wrong(f"{left} {sign} {right} has no answer", cure)
        return t.BOOL

    def _never_null(self, *parts: tuple[Any, Type]) -> None:
        """Report values that may be null, where null is not allowed and not tested for."""
        for node, found in parts:
            if found.nullable and "null" not in self._text:
                name = self._source(node)
                message = f"{self._text!r} cannot be decided while {name} is null"
                cure = f"Ask before: {name} != null && ..."
                self.problems.append(
                    Problem("EXPRESSION_MAY_BE_NULL", message, cure, may_work=True)
                )

    def _possible(self, holder: Any, found: Type, other: Any) -> None:
        """Tell of a text that a value is compared with and never has."""
        text = _plain_text(str(other.children[0])) if other.data == "string" else None
        if not found.values or text is None or text in found.values:
            return
        near = nearest(text, found.values) or nearest(text.upper(), found.values)
        hint = f"Did you mean {' or '.join(near)}?" if near else ""
        self._problem(
            "EXPRESSION_VALUE_UNKNOWN",
            f"{self._source(holder)} is never {text!r}",
            hint or f"It is one of {', '.join(found.values)}.",
        )

    def _within(self, node: Any, names: Mapping[str, Type]) -> Type:
        one, other = node.children
        left = self.type_of(one, names)
        found = self.type_of(other, names)
        if other.data == "list":
            for each in _arguments(other.children):
                self._possible(one, left, each)
        if found.name not in ("list", "map", "dyn"):
            self._wrong(f"nothing is in {found}", "For a part of a text: text.contains('part').")
        element = found.element if found.name == "list" else None
        if element is not None and not _may_be_equal(left, element):
            holder = self._source(other)
            self._wrong(
                f"{left} is never in {holder}, a list whose entries are each {element}",
                f"Ask each of them: {holder}.exists(o, o.id == ...)."
                if element.name == "map"
                else "Ask for a value of their type.",
            )
        return t.BOOL

    def _calculate(self, node: Any, names: Mapping[str, Type]) -> Type:
        one, sign, other = node.children
        left, right = self.type_of(one, names), self.type_of(other, names)
        self._never_null((one, left), (other, right))
        pair = {left.name, right.name}
        if "dyn" in pair:
            return self._with_unknown(left if right.name == "dyn" else right, str(sign))
        if pair <= t.NUMERIC:
            if "number" in pair:
                return t.NUMBER if len(pair) > 1 else left
            if (
                sign in ("/", "%")
                and other.data == "int"
                and int(self._word(other.children[0]), 0) == 0
            ):
                self._wrong("nothing is divided by zero", "Divide by something else.")
            if len(pair) == 1 and not (sign == "%" and pair == {"double"}):
                return left
            return self._wrong(
                f"{left} {sign} {right} has no value: types are not converted",
                "Write both with a point (1.0), or convert: double(value), int(value).",
            )
        if pair <= {"timestamp", "duration"}:
            return self._time(left, str(sign), right)
        if sign == "+" and len(pair) == 1 and pair <= {"string", "bytes", "list"}:
            return t.common(left, right)
        return self._wrong(
            f"{left} {sign} {right} has no value",
            "To put a number into a text: 'text' + string(number).",
        )

    @staticmethod
    def _with_unknown(known: Type, sign: str) -> Type:
        """Return the type of a calculation of which one side is known: the other has to fit."""
        if known.name in t.NUMERIC:
            return known
        return Type(known.name) if sign == "+" and known.name in ("string", "list") else t.DYN

    def _time(self, left: Type, sign: str, right: Type) -> Type:
        both = (left.name, sign, right.name)
        if both in (("timestamp", "-", "timestamp"), ("duration", "+", "duration"),
                    ("duration", "-", "duration")):  # fmt: skip
            return t.DURATION
        if both in (("timestamp", "+", "duration"), ("timestamp", "-", "duration"),
                    ("duration", "+", "timestamp")):  # fmt: skip
            return t.TIMESTAMP
        return self._wrong(
            f"{left} {sign} {right} has no value", "Add a duration to a time, or subtract two."
        )

    # --- names and parts

    def _name(self, node: Any, names: Mapping[str, Type]) -> Type:
        name = str(node.children[0])
        return names.get(name, t.TYPE if name in TYPE_NAMES else t.DYN)

    def _field(self, node: Any, names: Mapping[str, Type]) -> Type:
        return self._part(node.children[0], self._word(node.children[1]), names)

    def _word(self, token: Any) -> str:
        """Return a name or number as it is written, where the expression's shape leaves it open."""
        return as_it_is_written(str(token), self._left_open)

    def _part(self, holder: Any, name: str, names: Mapping[str, Type]) -> Type:
        found = self.type_of(holder, names)
        if found.name == "map":
            if found.fields is None:
                return t.DYN
            if name in found.fields:
                return found.fields[name]
            if found.open:
                return t.DYN
            known = sorted(found.fields)
            near = nearest(name, known)
            listed = ", ".join(known[:12]) or "none"
            return self._problem(
                "EXPRESSION_FIELD_UNKNOWN",
                f"{self._source(holder)} has no {name}",
                f"Did you mean {' or '.join(near)}?" if near else f"There is: {listed}.",
            )
        if found.name == "dyn":
            return t.DYN
        hint = "Name the value itself."
        if name in _COUNTS and found.name in ("list", "string"):
            hint = f"Write size({self._source(holder)})."
        elif found.name == "list":
            hint = f"Take one of them: {self._source(holder)}[0].{name}."
        elif found.name == "timestamp" and (asked := _part_of_a_time(name)):
            hint = f"Ask it: {' or '.join(f'.{one}()' for one in asked)}."
        return self._problem(
            "EXPRESSION_FIELD_UNKNOWN",
            f"{self._source(holder)} is {found}, which has no {name}",
            hint,
        )

    def _index(self, node: Any, names: Mapping[str, Type]) -> Type:
        holder, key = node.children
        if key.data == "string" and (name := _plain_text(str(key.children[0]))) is not None:
            found = self.type_of(holder, names)
            if found.name == "map":
                return self._part(holder, name, names)
        found, at = self.type_of(holder, names), self.type_of(key, names)
        if found.name == "list":
            if at.name not in ("int", "uint", "number", "dyn"):
                self._wrong(f"{at} is no place in a list", "Places count from 0: list[0].")
            elif key.data == "minus" and key.children[1].data == "int":
                last = self._source(holder)
                self._wrong(
                    "places in a list count from 0 and are never negative",
                    f"The last one is {last}[size({last}) - 1].",
                )
            return found.element or t.DYN
        if found.name not in ("map", "dyn"):
            return self._wrong(f"{found} has no parts", "Only lists and mappings have [ ].")
        return t.DYN

    def _list(self, node: Any, names: Mapping[str, Type]) -> Type:
        given = [self.type_of(one, names) for one in _arguments(node.children)]
        made = given[0] if given else t.DYN
        for one in given[1:]:
            made = t.common(made, one)
        return t.list_of(made)

    def _map(self, node: Any, names: Mapping[str, Type]) -> Type:
        fields: dict[str, Type] | None = {}
        for entry in node.children[0].children if node.children else ():
            key, value = entry.children
            found = self.type_of(value, names)
            self.type_of(key, names)
            name = _plain_text(str(key.children[0])) if key.data == "string" else None
            if name is None:
                fields = None
            elif fields is not None:
                fields[name] = found
        return t.map_of(fields)

    # --- functions

    def _call(self, node: Any, names: Mapping[str, Type]) -> Type:
        name = str(node.children[0])
        given = _arguments(node.children[1:])
        if name == "has":
            if given and given[0].data == "field":
                # Asking whether something is there is no mistake when it is not.
                self.type_of(given[0].children[0], names)
            return t.BOOL
        if name in names and names[name].name == "function":
            return self._applied(name, _Function((), names[name].element or t.DYN), given, names)
        function = FUNCTIONS.get(name)
        if function is None:
            for one in given:
                self.type_of(one, names)
            return self._no_function(name, behind_a_dot=False)
        return self._applied(name, function, given, names)

    def _method(self, node: Any, names: Mapping[str, Type]) -> Type:
        holder, name = node.children[0], str(node.children[1])
        given = _arguments(node.children[2:])
        if holder.data == "name" and str(holder.children[0]) == "optional":
            return t.DYN
        if name in MACROS:
            return self._macro(holder, name, given, names)
        function = METHODS.get(name)
        if function is None:
            found = self.type_of(holder, names)
            if name in ("value", "hasValue", "or", "orValue") and found.name == "dyn":
                return t.DYN
            return self._no_function(name, behind_a_dot=True)
        return self._applied(name, function, [holder, *given], names, behind_a_dot=True)

    def _no_function(self, name: str, *, behind_a_dot: bool) -> Type:
        known = sorted({*METHODS, *MACROS} if behind_a_dot else {*FUNCTIONS, "has", "now"})
        near = nearest(name, known)
        if behind_a_dot and (name in FUNCTIONS or name in _COUNTS):
            hint = f"Write {name if name in FUNCTIONS else 'size'}(value)."
        elif not behind_a_dot and name in (*METHODS, *MACROS) and name not in OTHERS_HAVE:
            hint = f"Write it behind a dot: value.{name}(...)."
        elif name in OTHERS_HAVE:
            hint = OTHERS_HAVE[name]
        elif near:
            hint = f"Did you mean {' or '.join(near)}?"
        else:
            hint = f"There are: {', '.join(known)}."
        return self._problem("EXPRESSION_FUNCTION_UNKNOWN", f"there is no function {name}()", hint)

    def _applied(
        self,
        name: str,
        function: _Function,
        given: Sequence[Any],
        names: Mapping[str, Type],
        *,
        behind_a_dot: bool = False,
    ) -> Type:
        found = [self.type_of(one, names) for one in given]
        if len(given) != len(function.takes):
            own = _Function(function.takes[1:] if behind_a_dot else function.takes, t.DYN)
            self._problem(
                "EXPRESSION_ARGUMENTS",
                f"{name}() takes {own.usage}, not {len(given) - behind_a_dot}",
                f"Give it {own.usage}.",
            )
            return function.gives
        for one, allowed in zip(found, function.takes, strict=True):
            if allowed and one.name not in allowed | {"dyn"}:
                wanted = ", ".join(str(Type(each)) for each in sorted(allowed))
                self._wrong(f"{name}() cannot take {one}", f"It takes: {wanted}.")
        if name in OF_SOME_TEXTS and given[-1].data == "string":
            self._tried(name, str(given[-1].children[0]), behind_a_dot=behind_a_dot)
        return function.gives

    def _tried(self, name: str, literal: str, *, behind_a_dot: bool) -> None:
        """Tell of a constant that a function does not take."""
        try:
            call = f"''.{name}({literal})" if behind_a_dot else f"{name}({literal})"
            compile_expression(call).evaluate({})
        except ExpressionError:
            self._wrong(f"{name}() cannot read {literal}", OF_SOME_TEXTS[name])

    def _macro(
        self, holder: Any, name: str, given: Sequence[Any], names: Mapping[str, Type]
    ) -> Type:
        found = self.type_of(holder, names)
        if found.name not in ("list", "map", "dyn"):
            self._wrong(f"{name}() goes over a list, not {found}", "Name a list before the dot.")
        if len(given) not in ((2, 3) if name == "map" else (2,)) or given[0].data != "name":
            return self._problem(
                "EXPRESSION_ARGUMENTS",
                f"{name}() takes a name and what is said of it",
                f"For example list.{name}(item, item {'> 1' if name != 'map' else '+ 1'}).",
            )
        element = (found.element or t.DYN) if found.name == "list" else t.DYN
        inner = {**names, str(given[0].children[0]): element}
        if name != "map" or len(given) == 3:
            self._expect_bool(given[1], inner, f"the condition of {name}()")
        if name == "map":
            return t.list_of(self.type_of(given[-1], inner))
        return t.list_of(element) if name == "filter" else t.BOOL

    def _source(self, node: Any) -> str:
        """Return a part as it may have been written."""
        if node.data == "name":
            return str(node.children[0])
        if node.data == "field":
            return f"{self._source(node.children[0])}.{self._word(node.children[1])}"
        if node.data == "index":
            return f"{self._source(node.children[0])}[...]"
        return "this"


_Rule = Callable[[_Checker, Any, Mapping[str, Type]], Type]
_RULES: Mapping[str, _Rule] = {
    "choice": _Checker._choice, "logical": _Checker._logical,
    "conjunction": _Checker._logical, "compare": _Checker._compare,
    "within": _Checker._within, "calculate": _Checker._calculate, "negate": _Checker._negate,
    "minus": _Checker._minus, "field": _Checker._field, "method": _Checker._method,
    "index": _Checker._index, "name": _Checker._name, "call": _Checker._call,
    "list": _Checker._list, "map": _Checker._map, "bool": lambda *_: t.BOOL,
    "null": lambda *_: t.NULL, "double": lambda *_: t.DOUBLE, "uint": lambda *_: t.UINT,
    "int": lambda *_: t.INT, "bytes": lambda *_: t.BYTES, "string": lambda *_: t.STRING,
}  # fmt: skip


_CHAIN = "Compare two at a time: low < value && value < high."


def _comparable(kinds: set[str]) -> str:
    """Return how two types that have no order between them may be compared."""
    if kinds == {"timestamp", "string"}:
        return "A time is written timestamp('2026-12-01T07:00:00Z')."
    if "duration" in kinds and kinds & t.NUMERIC:
        return "A duration is written with its unit: duration('5s')."
    return "Compare two numbers, two texts or two times."


def _part_of_a_time(name: str) -> list[str]:
    """Return the methods that tell a part of a time, by its name in other languages."""
    asked = [one for one in METHODS if one.startswith("get") and name.lower() in one.lower()]
    return asked[:2]


def _may_be_equal(one: Type, other: Type) -> bool:
    names = {one.name, other.name}
    return len(names) == 1 or not names.isdisjoint({"dyn", "null"}) or names <= t.NUMERIC


def _arguments(children: Sequence[Any]) -> list[Any]:
    return list(children[0].children) if children else []


def _plain_text(literal: str) -> str | None:
    """Return the text of a simple literal; None where it is written in another way."""
    if (
        len(literal) >= 2
        and literal[0] in "'\""
        and "\\" not in literal
        and literal[:3] != literal[0] * 3
    ):
        return literal[1:-1]
    return None


def function_type(gives: Type) -> Type:
    """Return the type of a name that is called without arguments, as ``now()`` is."""
    return Type("function", gives)
