"""The messages to the model. What people, sensors and servers said goes in as data, fenced.

A fence is a tag around one line of JSON in which no angle bracket is left, so that nothing inside
can close the fence or open another one. instructions.txt says once what such data is, and is not.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from typing import Any

from execution_orchestrator.plan.capability import CapabilitySpec
from execution_orchestrator.plan.issues import Issue
from execution_orchestrator.planning.ports import (
    EarlierCommand,
    PlanningRequest,
    ReplanningRequest,
)
from execution_orchestrator.planning.vocabulary import Vocabulary

MAX_TEXT = 500  # characters of one text from outside
MAX_ITEMS = 50  # of one list or mapping from outside
MAX_DATA = 24_000  # characters of one fence
MAX_ISSUES = 20  # of one repair
MAX_NESTING = 8
MAX_EARLIER = 6  # commands of the conversation
MAX_DONE = 12  # actions of each


def _text(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8").strip()


def system_message(capabilities: Iterable[CapabilitySpec], vocabulary: Vocabulary | None) -> str:
    """Return what is the same for every request to this robot."""
    parts = [
        _text("instructions.txt"),
        "",
        "Actions of this robot, with their parameters and outputs:",
    ]
    parts += [_described(spec) for spec in capabilities]
    if vocabulary is not None:
        parts += ["", "Places and objects of this site:", _site(vocabulary)]
    return "\n".join(parts)


def request_message(request: PlanningRequest) -> str:
    """Return one request with what is known at this moment."""
    return "\n".join(
        [
            *_conversation(request.earlier, request.running),
            fence("request", request.command, limit=MAX_DATA),
            *_known(request.world, request.context),
        ]
    )


def replan_message(request: ReplanningRequest) -> str:
    """Return the question for another plan."""
    done = {
        key: {"action_type": one.get("action_type"), "output": one.get("output")}
        for key, one in request.history.items()
        if one.get("status") == "SUCCEEDED"
    }
    others = {
        key: {"action_type": one.get("action_type"), "status": one.get("status"),
              "error": one.get("error"), **({"left": one["left"]} if "left" in one else {})}
        for key, one in request.history.items()
        if one.get("status") != "SUCCEEDED"
    }  # fmt: skip
    return "\n".join(
        [
            _text("replanning.txt"),
            fence("request", request.command or "see the old plan", limit=MAX_DATA),
            fence("old_plan", essence(request.plan)),
            fence("done", done),
            fence("not_done", others),
            fence("failures", list(request.failures)),
            *_known(request.world, request.context),
        ]
    )


def repair_message(issues: Sequence[Issue]) -> str:
    """Return what is wrong with an answer."""
    lines = [
        {"code": one.code, "at": one.pointer, "message": one.message, "hint": one.hint}
        for one in issues[:MAX_ISSUES]
    ]
    return (
        "That answer cannot be used. Answer again with the whole corrected JSON object.\n"
        + fence("issues", lines)
    )


def fence(name: str, value: Any, *, limit: int = MAX_TEXT) -> str:
    """Return data between tags, bounded, in JSON that cannot close its tag."""
    text = json.dumps(bounded(value, limit), ensure_ascii=False, default=str)
    if len(text) > MAX_DATA:
        text = json.dumps(text[:MAX_DATA] + " ... (cut off)", ensure_ascii=False)
    # Line separators that JSON leaves as they are end a line for some readers.
    for character in "<>\u2028\u2029\u0085":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return f"<{name}>\n{text}\n</{name}>"


def bounded(value: Any, limit: int = MAX_TEXT, depth: int = 0) -> Any:
    """Return data with long texts, long lists and deep nesting cut off."""
    if isinstance(value, str):
        return value if len(value) <= limit else value[:limit] + " ... (cut off)"
    if depth > MAX_NESTING:
        return "... (cut off)"
    if isinstance(value, Mapping):
        items = list(value.items())[:MAX_ITEMS]
        return {str(key)[:MAX_TEXT]: bounded(item, limit, depth + 1) for key, item in items}
    if isinstance(value, list | tuple):
        return [bounded(item, limit, depth + 1) for item in value[:MAX_ITEMS]]
    if isinstance(value, float):
        return round(value, 4)
    return value


_ESSENCE = frozenset(
    {"id", "action_type", "parameters", "depends_on", "condition", "actions", "if", "then", "else",
     "cases", "when", "default", "items", "catch", "errors", "finally", "plan", "duration", "until",
     "value", "fallback_action", "compensation", "compensation_of_partial", "postconditions",
     "guard", "on_guard_failed", "by", "is", "rethrow", "race", "success", "max_iterations",
     "delay", "signal", "signals", "mode"}
)  # fmt: skip


_WRITTEN = {"guard": "while"}  # fields that are written otherwise than they are resolved


def essence(plan: Any) -> Any:
    """Return a resolved plan without its defaults, as a model would have written it."""
    if isinstance(plan, list | tuple):
        return [essence(item) for item in plan]
    if isinstance(plan, Mapping):
        return {
            _WRITTEN.get(key, key): (
                value if key in ("parameters", "value", "items", "signals") else essence(value)
            )
            for key, value in plan.items()
            if key in _ESSENCE and value not in (None, [], {})
        }
    return plan


def _conversation(
    earlier: Sequence[EarlierCommand], running: Sequence[EarlierCommand]
) -> list[str]:
    """Return what was said before and what came of it, the newest last."""
    parts = []
    if earlier:
        lines = [
            {
                "request": one.command,
                "outcome": one.status,
                "told": one.message,
                "seconds_ago": round(one.age),
                "done": [dict(action) for action in one.actions[-MAX_DONE:]],
            }
            for one in earlier[-MAX_EARLIER:]
        ]
        parts.append(fence("earlier", lines))
    if running:
        parts.append(fence("running", [one.command or one.execution_id for one in running]))
    return parts


def _known(world: Mapping[str, Any], context: Mapping[str, Any]) -> list[str]:
    objects = [
        {key: one.get(key) for key in ("id", "class", "pose", "confidence", "age") if key in one}
        for one in world.get("objects", ())
        if isinstance(one, Mapping)
    ]
    parts = [fence("robot_state", world.get("robot", {})), fence("objects", objects)]
    if world.get("held"):
        parts.append(fence("held", world["held"]))
    if context:
        parts.append(fence("input", context))
    return parts


def _described(spec: CapabilitySpec) -> str:
    needed = set(spec.parameters.get("required", ()))
    parameters = "; ".join(
        f"{name}{'' if name in needed else '?'}: {_type(schema)}"
        for name, schema in spec.parameters.get("properties", {}).items()
    )
    outputs = ", ".join(spec.output.get("properties", {}))
    text = f" -> {outputs}" if outputs else ""
    text += f", outcomes {', '.join(spec.outcomes)}" if spec.outcomes else ""
    return f"- {spec.name}({parameters}){text}: {spec.description}"


def _type(schema: Any) -> str:
    if not isinstance(schema, Mapping):
        return "any"
    if schema.get("description"):
        return str(schema["description"])
    kind = schema.get("type", "any")
    low, high = schema.get("minimum"), schema.get("maximum")
    span = f" {low} to {high}" if low is not None and high is not None else ""
    return f"{kind}{span}"


def _site(vocabulary: Vocabulary) -> str:
    places = {name: place.described() for name, place in vocabulary.places.items()}
    objects = {
        name: {"also_called": list(item.aliases), "usually_at": item.usually_at}
        for name, item in vocabulary.objects.items()
    }
    return "\n".join(
        [
            fence("places", places),
            fence("objects_of_the_site", objects),
            f"The person who asks is at {vocabulary.user}; the robot's home is {vocabulary.home}.",
        ]
    )
