"""Expressions have to be readable, to fit, and to name only what can have run."""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from execution_orchestrator.plan.contradictions import contradicted, out_of_range
from execution_orchestrator.plan.errors import ErrorType
from execution_orchestrator.plan.expression_check import TYPE_NAMES, check
from execution_orchestrator.plan.expression_types import DYN, Type, map_of, of_value
from execution_orchestrator.plan.expressions import (
    NOW,
    Expression,
    ExpressionError,
    compile_expression,
    is_unclosed,
    pieces,
    reads,
    single_template,
    templates_in,
    texts_in,
)
from execution_orchestrator.plan.issues import Issue, Severity
from execution_orchestrator.plan.model import LOOPS, MAX_SECONDS, Action, every_action
from execution_orchestrator.plan.nearest import Names
from execution_orchestrator.plan.resolve import ROUNDS
from execution_orchestrator.plan.tree import on_failure
from execution_orchestrator.plan.validation.order import Order
from execution_orchestrator.plan.validation.scope import STATUSES, Scopes
from execution_orchestrator.plan.validation.walk import Place, Step

ASSIGNMENT = re.compile(r"(?<![=!<>])=(?!=)")
WANTED = {
    "bool": (("bool",), "a condition is true or false", "Compare it with something."),
    "text": (("string",), "a router goes by a text", "Convert it: string(value)."),
    "list": (("list",), "a loop goes over a list", "Name a list, or write one in [ ]."),
    "seconds": (
        ("int", "double", "number"), "a duration is a number of seconds", "Write 2.5 or 60.",
    ),
}  # fmt: skip

# What it means that a constant condition in one of these fields is false.
NEVER = {
    "condition": "the action is always left out",
    "while": "the action is stopped before it begins",
    "until": "it only ends when something else ends it",
    "success": "the plan always fails",
    "cases": "the case is never taken",
    "if": "what it decides about is never done",
}
_NO_MACRO = frozenset({"EXPRESSION_FUNCTION_UNKNOWN", "EXPRESSION_ARGUMENTS"})
BRANCHING = frozenset({"conditional", "router"})


# How other languages write it, and how it is written here.
_OF_OTHERS = tuple(
    (re.compile(form), words)
    for form, words in (
        (r"\bis\s+(not\s+)?(None|null)\b", "Write == null, or != null."),
        (r"[\u201c\u201d\u2018\u2019]", "Write straight quotes: ' or \"."),
        (r"[\uff01-\uff5e]", "Write the sign as on an English keyboard."),
        (r"\S\s+if\s.+\selse\b", "Write condition ? one : other."),
        (r"^\s*if\b", "Write the condition itself, without if."),
        (r"\sfor\s+\w+\s+in\s", "Write list.map(item, ...), or list.filter(item, ...)."),
        (r"\b([aA][nN][dD]|[oO][rR]|[nN][oO][tT])\b", "Write && for and, || for or, ! for not."),
        (r"<>", "Write != for: is not."),
        (r"[=!]==", "Write == or !=: there is no third sign."),
        (r"\d,\d", "Write a number with a point: 0.5."),
        (r";\s*$", "Take the semicolon away."),
        (r"\$", "Names have no $, and no braces: robot.battery."),
        (r"^\s*\{\s*[\w.]+\s*\}", "Names have no braces: robot.battery."),
        (r"(^|\s)#", "Take the comment away, or begin it with //."),
        (r"\d{19}|[eE]\d{3}", "The number is too large: whole ones have 64 bits."),
        (r"(&&|\|\||[-+*/<>=!?:,(\[.])\s*$", "Something is missing at its end."),
        (r"(?<!\|)\|(?!\|)", "There are no filters; || is or, and string(value) gives a text."),
        (r"\d\s*%", "There is no percent: 20 % is 0.2."),
        (r"\?[.\[]", "Ask whether it is there: has(input.x) ? input.x : 0."),
        (r"\bf['\"]", "Join texts: 'text ' + string(value)."),
        (r"\bhas\(\s*\w+\s*\)", "has() asks for a part of something: has(input.place)."),
        (r"\bactions\s*\.\s*(in|true|false|null)\b", "Behind a dot it is a word of the language: "
         "write actions['in'], or call the action otherwise."),
    )
)  # fmt: skip
_NAMES_OF_OTHERS = {
    **dict.fromkeys(("None", "nil", "Null", "NULL", "undefined"), "null"),
    **dict.fromkeys(("steps", "tasks", "nodes", "states", "jobs"), "actions"),
    **dict.fromkeys(
        ("vars", "variables", "params", "context", "blackboard", "env", "goal", "parameters"),
        "input",
    ),
    **dict.fromkeys(("True", "TRUE"), "true"),
    **dict.fromkeys(("False", "FALSE"), "false"),
}
_TEXTS = frozenset({*STATUSES, *ErrorType})  # that a status or a type of errors is compared with
_OF_AN_ACTION = {
    "output": "output", "outputs": "output", "result": "output", "results": "output",
    "response": "output", "status": "status", "outcome": "outcome", "duration": "duration",
}  # fmt: skip
_KNOWN_INSIDE = {
    **dict.fromkeys(("item", "index", "iteration"), "It is known inside of a loop only."),
    "error": "It is known in a catch, a finally, a fallback, a recovery and a compensation only.",
    "feedback": "It is known in a compensation_of_partial only.",
    "data": "It is known in the expressions of tools only.",
}

_DASHED = re.compile(r"\bactions\.(\w+(?:-\w+)+)")


@dataclass(frozen=True)
class Text:
    """An expression, its place in the action, and the type it must have (see `WANTED`).

    ``own``: it is read when the action has ended, and may name it.
    """

    pointer: str
    text: str
    wanted: str = ""
    own: bool = False


def reference_issues(places: Sequence[Place], scopes: Scopes) -> Iterator[Issue]:
    """Check every expression and template of every action."""
    runs = _Runs(places)
    for place in places:
        sound = []
        for text in texts_of(place.action):
            issues = list(_expression(text, place, scopes, runs))
            yield from issues
            if all(issue.severity is not Severity.ERROR for issue in issues):
                sound.append(text)
        yield from _contradictions(place, sound)
        for pointer, found in _unclosed(place.action):
            yield Issue(
                "EXPRESSION_SYNTAX",
                f"{found[:80]!r} opens a template that nothing closes",
                f"{place.pointer}{pointer}",
                "Close it with }}, or write one brace where no template is meant.",
            )
        yield from _data_expressions(place, scopes)
        if place.action.plan is not None:
            yield from _outputs(place, scopes)


def _expression(text: Text, place: Place, scopes: Scopes, runs: _Runs) -> Iterator[Issue]:
    at = f"{place.pointer}{text.pointer}"
    try:
        expression = compile_expression(text.text)
    except ExpressionError as failure:
        yield _no_expression(text.text, failure, at)
        return
    known = scopes.ids(place)
    dashed = _dashed(text.text, known, at)
    if dashed is not None:
        yield dashed
        return
    references = (
        _reference(name, place, scopes, runs, text, at) for name in sorted(expression.actions)
    )
    found = [issue for issue in references if issue is not None]
    names = scopes.names(place)
    kind = None if found else scopes.kind_of(expression, place, text.wanted)
    if found:
        own = place.action.id
        missing = [name for name in expression.actions if name == own or name not in known]
        names = _supposing(names, missing)
    if kind is None or kind not in scopes.sound:
        found += _judged(text, expression, names, at)
        if kind is not None and not found:
            scopes.sound.add(kind)
    yield from found
    if any(issue.severity is Severity.ERROR for issue in found):
        return
    if expression.actions:
        yield from _in_branches(text, expression, place, runs, at)
    if text.wanted == "bool":
        yield from _out_of_range(text, names, at)
        yield from _unchanging(text, expression, place, runs, at)


def _out_of_range(text: Text, names: Mapping[str, Type], at: str) -> Iterator[Issue]:
    """Warn of a comparison with a number that a value never comes to, as a percentage is."""
    if "robot." not in text.text:
        return
    found = out_of_range(text.text, names)
    if found is not None and found[1].bounds is not None:
        value, (low, high) = found[0], found[1].bounds
        yield Issue(
            "CONDITION_OUT_OF_RANGE",
            f"{text.text!r} compares {value} with a number that it never comes to: that is always "
            f"{'true' if found[2] else 'false'}",
            at,
            f"{value} is from {low:g} to {high:g}"
            + ("; 20 % are 0.2." if (low, high) == (0.0, 1.0) else "."),
            Severity.WARNING,
        )


# Names whose values change while something waits or runs.
_CHANGING = frozenset({"robot", "robot_history", "objects", "signals", NOW})
_OF_ROUNDS = frozenset({"index", "iteration", "item"})


def _unchanging(
    text: Text, expression: Expression, place: Place, runs: _Runs, at: str
) -> Iterator[Issue]:
    """Warn of what is looked at again and again, and stays what it is."""
    action = place.action
    field = text.pointer.removeprefix("/")
    loops = action.action_type in LOOPS and field in ("until", "if")
    if not (field == "while" or loops or (field == "until" and action.action_type == "wait_for")):
        return
    if loops and not expression.actions and not _is_left_otherwise(place):
        yield from _never_ends(text, expression, action, at)
    if expression.names & _CHANGING or (loops and expression.names & _OF_ROUNDS):
        return
    inside = [name for name in expression.actions if runs.is_inside(name, place)]
    if inside or not (expression.names or (field == "if" and text.text.strip() == "true")):
        return
    if loops and _is_left_otherwise(place):
        return
    meant = {
        "while": "as a guard it does no more than a condition",
        "if": "the loop does not begin, or ends by its max_iterations, which fails",
        "until": "the loop ends after its first round, or by its max_iterations, which fails"
        if loops
        else "it is over at once, or never",
    }[field]
    yield Issue(
        "CONDITION_UNCHANGING",
        f"nothing changes {text.text!r} meanwhile: {meant}",
        at,
        "Say condition, which is looked at once."
        if field == "while"
        else "Ask for what changes: robot, objects, signals"
        + (", or an action inside of the loop." if loops else "."),
        Severity.WARNING,
    )


def _never_ends(text: Text, expression: Expression, action: Action, at: str) -> Iterator[Issue]:
    """Warn of a loop that only counts its rounds, and has fewer of them than it waits for."""
    counted = {"index", "iteration"}
    if not expression.names or not expression.names <= counted:
        return
    most, goes_on = action.max_iterations or ROUNDS, action.action_type == "while"
    try:
        for index in range(most + goes_on):
            if bool(expression.evaluate({"index": index, "iteration": index + 1})) != goes_on:
                return
    except ExpressionError:
        return
    yield Issue(
        "CONDITION_NEVER_ENDS",
        f"{text.text!r} {'holds in all' if goes_on else 'holds in none of'} the {most} rounds that "
        f"{action.id or action.action_type} may take: the loop fails by its max_iterations",
        at,
        "Raise max_iterations, or correct the number that is counted to.",
        Severity.WARNING,
    )


def _is_left_otherwise(place: Place) -> bool:
    """Whether a loop may end by a return, a guard, or by others that are quicker."""
    around = [step.action for step in place.way]
    if any(one.while_ is not None or one.race or one.success for one in around):
        return True
    return any(
        one.action_type == "return" or one.terminate_if is not None
        for one in every_action(place.action.actions)
    )


def _in_branches(
    text: Text, expression: Expression, place: Place, runs: _Runs, at: str
) -> Iterator[Issue]:
    """Warn of the output of an action in a branch that need not be taken, read without a check."""
    if "has(" in text.text or "null" in text.text:
        return
    for name in sorted(expression.actions):
        block = runs.block_around(name, place, BRANCHING)
        without = (
            f"where {block.id or block.action_type} takes another branch"
            if block is not None
            else runs.may_be_without_output(name, place)
        )
        if not without or not reads(text.text, name, "output"):
            continue
        asked = [one for step in place.way for one in (step.action.condition, step.action.if_)]
        before = [one for one in asked if one and one != text.text]
        if reads(text.text, name, "status") or any(reads(one, name) for one in before):
            continue
        yield Issue(
            "REFERENCE_IN_BRANCH",
            f"{name} has no output {without}",
            at,
            f"Ask before: actions.{name}.status == 'SUCCEEDED'"
            + (", or put it into the same branch." if block is not None else "."),
            Severity.WARNING,
        )


def _supposing(names: Mapping[str, Type], missing: Sequence[str]) -> Mapping[str, Type]:
    """Return the names with missing actions added: they already have an issue of their own."""
    if not missing:
        return names
    # A plan has thousands of actions, and may be wrong as often: they are not copied each time.
    there = ChainMap(dict.fromkeys(missing, DYN), names["actions"].fields or {})  # type: ignore[arg-type]
    return {**names, "actions": map_of(there)}


def _judged(
    text: Text, expression: Expression, names: Mapping[str, Type], at: str
) -> Iterator[Issue]:
    """Check the names of an expression, and what its parts are and give."""
    found = list(_types(text, expression, names, at))
    if not any(issue.code in _NO_MACRO for issue in found):
        # A macro that is misspelt, or names nothing, leaves the names that it would have made
        # without meaning.
        yield from _unknown_names(expression.text, expression.names, names, at)
    yield from found


def _types(
    text: Text, expression: Expression, names: Mapping[str, Type], at: str
) -> Iterator[Issue]:
    gives, problems = check(text.text, names)
    fails = [problem for problem in problems if not problem.may_work]
    for problem in fails or problems:
        severity = Severity.ERROR if fails else Severity.WARNING
        yield Issue(problem.code, problem.message, at, problem.hint, severity)
    if fails:
        return
    if text.wanted:
        allowed, what, cure = WANTED[text.wanted]
        if gives.name not in (*allowed, "dyn"):
            yield Issue("EXPRESSION_TYPE", f"{text.text!r} gives {gives}; {what}", at, cure)
            return
    if not expression.names:
        yield from _constant(text, expression, at)


def _constant(text: Text, expression: Expression, at: str) -> Iterator[Issue]:
    """Check an expression that names nothing: what it gives is known before anything moves."""
    try:
        value = expression.evaluate({})
    except ExpressionError as failure:
        cure = "Correct it: it fails whenever it is looked at."
        yield Issue("EXPRESSION_TYPE", str(failure), at, cure)
        return
    number = isinstance(value, int | float)
    if text.wanted == "seconds" and number and not 0.0 <= value <= MAX_SECONDS:
        yield Issue(
            "PLAN_FIELD_INVALID",
            f"duration is {value}; it has to be from 0 to {MAX_SECONDS:g} seconds",
            at,
            "Correct the value.",
        )
    field = text.pointer.split("/")[1] if text.pointer else at.removeprefix("/")
    if value is False and field in NEVER:
        cure = "Say when it holds, or take away what it stands at."
        message = f"{text.text!r} never holds: {NEVER[field]}"
        yield Issue("CONDITION_NEVER", message, at, cure, Severity.WARNING)


def _contradictions(place: Place, texts: Sequence[Text]) -> Iterator[Issue]:
    """Warn of conditions that exclude each other: in one text, or a condition and its guard."""
    action = place.action
    cure = "Ask for one of them, or join them by ||."
    alone = [text for text in texts if text.wanted == "bool"]
    if not alone:
        return
    found = False
    for text in alone:
        value = contradicted([text.text])
        if value:
            found = True
            words = f"{text.text!r} never holds: it asks two things of {value}"
            at = f"{place.pointer}{text.pointer}"
            yield Issue("CONDITION_NEVER", words, at, cure, Severity.WARNING)
    if found or action.condition is None or action.while_ is None:
        return
    value = contradicted([action.condition, action.while_])
    if value:
        words = f"the condition and the guard never hold together: they ask two things of {value}"
        yield Issue("CONDITION_NEVER", words, f"{place.pointer}/while", cure, Severity.WARNING)


def success_issues(text: str, places: Sequence[Place], scopes: Scopes) -> Iterator[Issue]:
    """Check what the plan says that it is for; it sees the actions outside of loops."""
    at = "/success"
    try:
        expression = compile_expression(text)
    except ExpressionError as failure:
        yield _no_expression(text, failure, at)
        return
    outer = [place for place in places if place.scope == 0]
    names = scopes.names(outer[0])
    declared = Names(place.action.id for place in outer)
    loops = {place.action.id: place for place in reversed(outer) if place.loop}
    dashed = _dashed(text, declared, at)
    if dashed is not None:
        yield dashed
        return
    missing = sorted(name for name in expression.actions if name not in declared)
    for name in missing:
        hint = declared.hint(name, "Actions here")
        yield Issue("REFERENCE_UNKNOWN", f"there is no action {name!r}", at, hint)
    for name in sorted(expression.actions & loops.keys()):
        around = (step.action for step in loops[name].way)
        yield _in_loop(name, next(one for one in around if one.action_type in LOOPS), at)
    yield from _judged(Text("", text, "bool"), expression, _supposing(names, missing), at)


def _dashed(text: str, known: Names, at: str) -> Issue | None:
    """Return the issue of an id that is written with a dash and has an underscore.

    Read as a difference it would be two mistakes, and neither of them the one that was made.
    """
    for name in _DASHED.findall(text):
        meant = name.replace("-", "_")
        if meant in known:
            words = f"there is no action {name!r}: - is a minus here"
            return Issue("REFERENCE_UNKNOWN", words, at, f"Write actions.{meant}.")
    return None


def _no_expression(text: str, failure: ExpressionError, at: str) -> Issue:
    said = str(failure) if text.strip() else "the expression is empty"
    return Issue("EXPRESSION_SYNTAX", said, at, syntax_cure(text, at))


def syntax_cure(text: str, at: str) -> str:
    """Return what to write in place of a text that is no expression; ``at`` is its pointer."""
    bare = re.fullmatch(r"\s*\w+(?:\s*,\s*\w+)+\s*", text)
    if not text.strip():
        return "Write one, or take the field away."
    if at.endswith("/items") and bare:
        return f"Write a list: [{', '.join(part.strip() for part in text.split(','))}]."
    if strange := re.search(r"\bactions\.(\w*[^\x00-\x7f]\w*)", text):
        return f"Write actions['{strange[1]}']: behind a dot a name has letters of English only."
    if is_unclosed(text):
        return "Close the template with }}."
    if "{{" in text:
        return "It is an expression already: leave the braces away."
    blank = re.sub(r"'[^']*'|\"[^\"]*\"", "''", text)
    if "=>" in blank:
        return "Write >= for: as large or larger."
    if ASSIGNMENT.search(text):
        return "To compare, write == instead of =."
    for opens, closes in ("()", "[]", "{}"):
        missing = blank.count(opens) - blank.count(closes)
        if missing and "{" not in blank.strip()[:1]:
            return f"Close {opens} with {closes}." if missing > 0 else f"One {closes} is too many."
    unknown = "The plan reference says what an expression may be (CEL)."
    return next((words for form, words in _OF_OTHERS if form.search(text)), unknown)


def _unknown_names(
    text: str, used: frozenset[str], names: Mapping[str, Type], at: str
) -> Iterator[Issue]:
    for name in sorted(used - set(names) - TYPE_NAMES):
        yield Issue(
            "EXPRESSION_NAME_UNKNOWN",
            f"{text!r} uses {name}, which has no meaning here",
            at,
            _meant_name(name, names, at),
        )


def _meant_name(name: str, names: Mapping[str, Type], at: str) -> str:
    actions = names["actions"].fields if "actions" in names else None
    if actions and name in actions:
        return f"Write actions.{name}."
    if name in _NAMES_OF_OTHERS and _NAMES_OF_OTHERS[name] in {*names, "null", "true", "false"}:
        return f"Write {_NAMES_OF_OTHERS[name]}."
    if name.upper() in _TEXTS:
        return f"A text stands in quotes: '{name.upper()}'."
    if at.endswith("/items"):
        return f"Write a list, with texts in quotes where it is an expression: ['{name}']."
    if name in _OF_AN_ACTION and actions is not None:
        return f"Say of which action: actions.ID.{_OF_AN_ACTION[name]}."
    return _KNOWN_INSIDE.get(name) or Names(names).hint(name, "Names here")


def _outputs(place: Place, scopes: Scopes) -> Iterator[Issue]:
    """Check the outputs of a subplan, which see what is inside of it."""
    names = scopes.inside(place.action)
    inside = Names(scopes.ids_inside(place.action))
    for name, value in place.action.outputs.items():
        texts = list(templates_in(value))
        if isinstance(value, str) and not texts:
            texts = [("", value)]
        for pointer, text in texts:
            at = f"{place.pointer}/outputs/{name}{pointer}"
            try:
                expression = compile_expression(text)
            except ExpressionError as failure:
                yield _no_expression(text, failure, at)
                continue
            dashed = _dashed(text, inside, at)
            if dashed is not None:
                yield dashed
                continue
            missing = [one for one in sorted(expression.actions) if one not in inside]
            for one in missing:
                yield Issue(
                    "REFERENCE_UNKNOWN",
                    f"there is no action {one!r} in the subplan",
                    at,
                    inside.hint(one, "Actions there"),
                )
            yield from _judged(Text("", text), expression, _supposing(names, missing), at)


def _data_expressions(place: Place, scopes: Scopes) -> Iterator[Issue]:
    """Check the parameters that are expressions themselves, as those of the tool ``transform``."""
    for name, wanted in scopes.expression_parameters(place.action):
        value = place.action.parameters.get(name)
        listed = isinstance(value, list)
        for index, text in enumerate(value if isinstance(value, list) else [value]):
            if not isinstance(text, str) or "{{" in text:
                continue
            at = f"{place.pointer}/parameters/{name}{f'/{index}' if listed else ''}"
            data = _type_of_parameter(place.action.parameters.get("data"), place, scopes)
            names = {"data": data}
            try:
                expression = compile_expression(text)
            except ExpressionError as failure:
                yield _no_expression(text, failure, at)
                continue
            yield from _judged(Text("", text, wanted), expression, names, at)


def _type_of_parameter(value: Any, place: Place, scopes: Scopes) -> Type:
    whole = single_template(value) if isinstance(value, str) else None
    return of_value(value) if whole is None else check(whole, scopes.names(place))[0]


def _reference(
    name: str, place: Place, scopes: Scopes, runs: _Runs, text: Text, at: str
) -> Issue | None:
    action = place.action
    if name not in scopes.ids(place):
        return Issue(
            "REFERENCE_UNKNOWN",
            f"there is no action {name!r}",
            at,
            scopes.ids(place).hint(name, "Actions here"),
        )
    if name == action.id:
        if text.own:
            return None
        return Issue(
            "REFERENCE_NOT_YET_RUN",
            f"{name} refers to itself before it has run",
            at,
            "Only postconditions, terminate_if and compensation can do that.",
        )
    if text.pointer == "/while" and runs.is_inside(name, place):
        return Issue(
            "REFERENCE_NOT_YET_RUN",
            f"{name} runs inside of {action.id or action.action_type}, whose guard this is",
            at,
            "Put a condition at the action inside that comes after it.",
        )
    if text.pointer == "/if" and runs.is_inside(name, place) and _fails_at_first(text.text, name):
        return Issue(
            "REFERENCE_NOT_YET_RUN",
            f"{name} has no output before the first round of {action.id or action.action_type}",
            at,
            "Make it a repeat, whose until is looked at after each round, or ask "
            f"before: index == 0 || actions.{name} ...",
        )
    loop = runs.block_around(name, place, LOOPS)
    if loop is not None:
        return _in_loop(name, loop, at)
    if runs.cannot_have(name, place):
        return Issue(
            "REFERENCE_NOT_YET_RUN",
            f"{name} need not have run when {action.id or action.action_type} starts",
            at,
            f"Add {name} to its depends_on, or move it after {name}.",
        )
    return None


_ASKS_BEFORE = re.compile(r"\b(index|iteration|item|has|null|size)\b|\.status\b")


def _fails_at_first(text: str, name: str) -> bool:
    """Whether what a `while` asks of an action inside of it has no value before that has run."""
    return reads(text, name, "output") and not _ASKS_BEFORE.search(text)


def _in_loop(name: str, loop: Action, at: str) -> Issue:
    known = f"actions.{loop.id}.output" if loop.id else "its output, once it has an id,"
    return Issue(
        "REFERENCE_IN_LOOP",
        f"{name} runs again and again inside of {loop.id or loop.action_type}, and has no one "
        "output outside of it",
        at,
        f"{known} is the list of what its rounds gave; or ask inside of the loop.",
    )


def _without_output(action: Action, place: Place) -> str:
    """Return where an action ends without an output though the plan goes on."""
    if action.when_skipped == "run":
        asked = action.condition
        if asked is not None and all(step.action.condition != asked for step in place.way):
            return "where its condition leaves it out"
        if action.on_guard_failed == "skip":
            return "where its guard stops it"
    if on_failure(action.on_failure, critical=action.critical) == "continue":
        return "where it fails, which the plan allows"
    return ""


def _is_provided_for(place: Place) -> bool:
    """Whether the failure of an action, or of a block around it, is handled or allowed."""
    for step in place.way:
        one = step.action
        if one.fallback_action is not None or (
            one.action_type == "try" and one is not place.action
        ):
            return True
        if on_failure(one.on_failure, critical=one.critical) == "continue":
            return True
    return False


class _Runs:
    """Which actions of a scope have run when another one starts."""

    def __init__(self, places: Sequence[Place]) -> None:
        self._ways: dict[tuple[int, str], tuple[Step, ...]] = {}
        for place in places:
            self._ways.setdefault((place.scope, place.action.id), place.way)
        self._orders: dict[int, Order] = {}

    def is_inside(self, name: str, place: Place) -> bool:
        """Whether an action is nested in another one."""
        way = self._ways[place.scope, name]
        return len(way) > len(place.way) and way[len(place.way) - 1].action is place.action

    def block_around(self, name: str, place: Place, kinds: frozenset[str]) -> Action | None:
        """Return the block of these kinds that an action is inside of and the other one is not."""
        way = self._ways[place.scope, name]
        if len(way) == 1:  # as nearly all of a large plan
            return None
        blocks = [step.action for step in way[:-1] if step.action.action_type in kinds]
        ours = {id(step.action) for step in place.way} if blocks else set()
        return next((block for block in blocks if id(block) not in ours), None)

    def may_be_without_output(self, name: str, place: Place) -> str:
        """Return where an action ends without an output and the other one runs all the same."""
        found = ""
        for step in self._ways[place.scope, name]:
            one = step.action
            without = _without_output(one, place)
            if without and all(one is not ours.action for ours in place.way):
                found = without
                break
        return "" if place.caught or (found and _is_provided_for(place)) else found

    def cannot_have(self, name: str, place: Place) -> bool:
        """Whether an action, or the block that nests it, may end after this one."""
        for theirs, ours in zip(self._ways[place.scope, name], place.way, strict=False):
            if theirs.siblings is not ours.siblings:
                return False  # in two branches of one block
            if theirs.index != ours.index:
                return not self._order(ours).is_before(theirs.index, ours.index)
        return False

    def _order(self, step: Step) -> Order:
        key = id(step.siblings)
        if key not in self._orders:
            self._orders[key] = Order(step.siblings, step.ordering)
        return self._orders[key]


_VALUES = ("parameters", "value", "inputs")  # fields whose texts may have templates
_EXPRESSIONS = frozenset(
    {"condition", "while_", "if_", "until", "terminate_if", "items", "preconditions",
     "postconditions", "cases", "duration", "by"}
)  # fmt: skip


def texts_of(action: Action) -> Iterator[Text]:
    """Yield every expression of one action, those of its templates included."""
    if not action.model_fields_set.isdisjoint(_EXPRESSIONS):
        yield from _expressions_of(action)
    for field in _VALUES:
        if field in action.model_fields_set:
            for pointer, text in templates_in(getattr(action, field)):
                yield Text(f"/{field}{pointer}", text)


def _expressions_of(action: Action) -> Iterator[Text]:
    for field, text in (
        ("condition", action.condition), ("while", action.while_), ("if", action.if_),
        ("until", action.until),
    ):  # fmt: skip
        if text is not None:
            yield Text(f"/{field}", text, "bool")
    if action.terminate_if is not None:
        yield Text("/terminate_if", action.terminate_if, "bool", own=True)
    if action.by is not None:
        yield Text("/by", action.by, "text")
    if isinstance(action.items, str):
        yield Text("/items", single_template(action.items) or action.items.strip(), "list")
    elif action.items is not None:
        for pointer, text in templates_in(action.items):
            yield Text(f"/items{pointer}", text)
    for index, text in enumerate(action.preconditions):
        yield Text(f"/preconditions/{index}", text, "bool")
    for index, text in enumerate(action.postconditions):
        yield Text(f"/postconditions/{index}", text, "bool", own=True)
    for index, case in enumerate(action.cases):
        if case.when is not None:
            yield Text(f"/cases/{index}/when", case.when, "bool")
    if isinstance(action.duration, str):
        whole = single_template(action.duration) is not None
        for _, text in templates_in(action.duration):
            yield Text("/duration", text, "seconds" if whole else "")


def _is_one_template(text: str) -> bool:
    return text.endswith("}}") and text.count("{{") == 1


def _unclosed(action: Action) -> Iterator[tuple[str, str]]:
    for field in (*_VALUES, "duration", "outputs", "items"):
        value = getattr(action, field) if field in action.model_fields_set else None
        if field == "items" and isinstance(value, str):
            continue  # that is an expression
        for pointer, text in texts_in(value):
            if not _is_one_template(text) and is_unclosed(text):
                *_, (rest, _) = pieces(text)
                yield f"/{field}{pointer}", rest[rest.index("{{") :]
