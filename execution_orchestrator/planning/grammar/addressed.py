"""Commands that name who is to do them: "robot2, bring me the cup", "both robots go home"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from execution_orchestrator.plan.model import CONTROL_FLOW
from execution_orchestrator.plan.robots import ANY
from execution_orchestrator.planning.grammar.meaning.draft import at_place
from execution_orchestrator.planning.grammar.memory import Situation
from execution_orchestrator.planning.ports import PlanningRequest, PlanningResult
from execution_orchestrator.planning.vocabulary import Vocabulary

CARRIER = f"{ANY}:carrier"  # any one of them, and the same for the whole command
_EVERY = (
    r"(?:all|both|every|each|(?:all|both)\s+of)\s+(?:the\s+|your\s+)?robots?"
    r"|(?:all|both)\s+of\s+you|everybody|everyone"
)
_ANY_ONE = r"(?:any|some|whichever)\s+robot|(?:any|either|one)\s+of\s+(?:the\s+)?robots"
_POLITE = r"(?:(?:please|hey|ok|okay|now|can|could|would|will|you)\b[\s,]*)*"
_ASKED = {
    "battery": r"\b(?:battery|charge|charged|power|percent)\b",
    "holding": r"\b(?:hold|holds|holding|carry|carries|carrying|gripper|hand)\b",
    "place": r"\b(?:where|position|location|pose|whereabouts)\b"
    r"|^\W*is\s+(?:already\s+|still\s+|now\s+)?(?:in|at|on|near|by|home)\b",
    "doing": r"\b(?:doing|busy|status|working|up\s+to|running|idle)\b",
}
_QUESTION = re.compile(
    r"^\W*(?:(?:please|hey|ok|and|tell\s+me|can\s+you\s+tell\s+me|do\s+you\s+know|let\s+me\s+know)\b[\s,]*)*"
    r"(?:what|where|how|is|are|does|do|which|battery|status|position|location)\b",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"^(.*?[^\W\d_])[\s_-]*(\d+)$")
_OF_ITSELF = ("tell_place", "tell_held", "tell_doing")  # actions that tell of the node's own robot
_REFERENCE = re.compile(r"\bactions\.(\w+)")


class Addressing:
    """Knows the names of the configured robots."""

    def __init__(self, robots: Sequence[str]) -> None:
        self._robots = tuple(robots)
        one = "|".join(_spoken(name) for name in sorted(robots, key=len, reverse=True))
        who = rf"(?:(?P<one>{one})|(?P<every>{_EVERY})|(?P<any>{_ANY_ONE}))(?![\w])"
        self._one = re.compile(rf"\b(?P<one>{one})(?:'s)?(?!\w)", re.IGNORECASE)
        self._first = re.compile(
            rf"^\W*{_POLITE}(?:(?P<send>send|let)\s+|(?:tell|ask|have|make|get)\s+)?{who}"
            r"[\s,:;!.-]*(?:(?:please|must|should|shall|has\s+to|have\s+to)\b[\s,]*)*(?P<rest>\w.*)$",
            re.IGNORECASE | re.DOTALL,
        )
        self._last = re.compile(
            rf"^(?P<rest>.+?)(?:\s*,\s*|\s+(?:with|using|by)\s+){who}\W*$",
            re.IGNORECASE | re.DOTALL,
        )

    def parted(self, command: str) -> tuple[tuple[str, ...], str]:
        """Return the robots that a command names, and the command without them."""
        found = self._robots and (self._first.match(command) or self._last.match(command))
        if not found or '"' in command[: found.start("rest")]:
            return (), command
        rest = re.sub(r"^to\s+(?!the\b)", "", found["rest"], flags=re.IGNORECASE)
        if "send" in found.groupdict() and (found["send"] or "").lower() == "send":
            rest = f"go {found['rest']}"  # "send robot2 to the kitchen"
        if found["one"]:
            return (self._named(found["one"]),), rest
        return (self._robots if found["every"] else (CARRIER,)), rest

    def asked(self, command: str) -> tuple[str, str] | None:
        """Return the robot whose state a question is about, and what is asked of it.

        That is "battery", "place", "holding" or "doing".
        """
        found = self._one.search(command) if self._robots else None
        if found is None or '"' in command:
            return None
        rest = f"{command[: found.start()]} {command[found.end() :]}".strip(" ,:;!.")
        owned = command[found.start() : found.end()].lower().endswith("'s")
        if not owned and not _QUESTION.match(rest):
            return None
        if re.search(r"\b(?:to|from|send|bring|if|when|then|and)\b", rest, re.IGNORECASE):
            return None
        what = next((w for w, words in _ASKED.items() if re.search(words, rest, re.I)), "")
        return (self._named(found["one"]), what) if what else None

    def _named(self, said: str) -> str:
        return next(
            name for name in self._robots if re.fullmatch(_spoken(name), said, re.IGNORECASE)
        )


def answer_about_robot(
    robot: str, what: str, request: PlanningRequest, vocabulary: Vocabulary
) -> tuple[str, bool]:
    """Return what is told of one of several robots, and whether it is why that is not known."""
    if what == "battery":
        name = f"{robot}_battery"
        if name in request.world.get("robot", {}):
            return (
                f"The battery of {robot} is at {{{{ int(robot.{name} * 100.0) }}}} percent.",
                False,
            )
        words = "is shown by the web page, and known here where its topic is bound as"
        return f"the battery of {robot} {words} {name} in the file of the robot's state", True
    if what == "holding":
        held = " and ".join(
            f"the {one.replace('_', ' ')}" for one in request.held_by.get(robot, ())
        )
        return f"{robot} holds {held or 'nothing'}.", False
    if what == "doing":
        about = re.compile(rf"\b(?:{_spoken(robot)})(?!\w)", re.IGNORECASE)
        does = [one.command for one in request.running if about.search(one.command)]
        words = f"does this: {'; '.join(does)}" if does else "has no command that names it"
        return f"{robot} {words}.", False
    pose = request.world.get("robots", {}).get(robot)
    place = vocabulary.place_near(pose)
    if place is not None:
        return f"{robot} is {at_place(place)}.", False
    if isinstance(pose, Mapping) and {"x", "y"} <= pose.keys():
        return f"{robot} is at x {pose['x']:.1f}, y {pose['y']:.1f} in the map.", False
    return f"where {robot} is is not known: tf does not tell it", True


def of_another(now: Situation, robot: str) -> Situation:
    """Return what is known where another robot is meant: not where it is, nor what it did last."""
    held = now.held_by.get(robot, ())
    return replace(
        now, held=held, here=None, pose=None, before=None, did="", ahead=None, turned=None
    )


def done_by(result: PlanningResult, robot: str, command: str) -> PlanningResult:
    """Return the plan with the robot at each of its actions."""
    if result.plan is None:
        return result
    if _needs_its_state(result.plan):
        words = (
            "a command knows battery, place and gripper only of the orchestrator's own robot; "
            "those of the others are shown by the web page"
        )
        return replace(result, plan=None, confidence=0.0, problems=(words,), final=True)
    actions = [_with(action, robot) for action in result.plan["actions"]]
    return replace(result, plan={**result.plan, "command": command, "actions": actions})


def side_by_side(results: Mapping[str, PlanningResult], command: str) -> PlanningResult:
    """Return one plan in which each robot carries out its own, at the same time."""
    for result in results.values():
        if result.plan is None:
            return result
    plans = {robot: _renamed(one.plan, robot) for robot, one in results.items()}
    first = next(iter(results.values()))
    parts = [
        {"id": f"by_{robot}", "action_type": "sequence", "actions": plan["actions"]}
        for robot, plan in plans.items()
    ]
    together = {"id": "together", "action_type": "parallel", "actions": parts}
    made = {**next(iter(plans.values())), "command": command, "actions": [together]}
    success = [plan["success"] for plan in plans.values() if "success" in plan]
    if success:
        made["success"] = " && ".join(success)
    return replace(first, plan=made)


def _spoken(name: str) -> str:
    """Return a pattern for a name as it is spoken: robot2, "robot 2", "robot number 2"."""
    words = r"[\s_-]*".join(map(re.escape, re.split(r"[_-]", name)))
    numbered = _NUMBERED.match(name)
    if numbered is None:
        return words
    before = r"[\s_-]*".join(map(re.escape, re.split(r"[_-]", numbered[1])))
    return rf"{before}(?:[\s_-]*(?:number|no\.?)?[\s_-]*){numbered[2]}"


def _needs_its_state(planned: Any) -> bool:
    if isinstance(planned, Mapping):
        tells = str(planned.get("id", "")).startswith(_OF_ITSELF)
        return tells or any(map(_needs_its_state, planned.values()))
    if isinstance(planned, list):
        return any(map(_needs_its_state, planned))
    return isinstance(planned, str) and "robot.battery" in planned


def _with(action: Any, robot: str) -> Any:
    """Return an action, and all inside of it, with the robot that does it."""
    if isinstance(action, list):
        return [_with(one, robot) for one in action]
    if not isinstance(action, Mapping):
        return action
    kind = action.get("action_type")
    if kind is not None and kind not in CONTROL_FLOW:
        return {**action, "robot": robot}
    return {key: _with(value, robot) for key, value in action.items()}


def _renamed(planned: Any, robot: str) -> Any:
    """Return a plan with the robot's name behind every id, and in what refers to them."""
    if isinstance(planned, list):
        return [_renamed(one, robot) for one in planned]
    if isinstance(planned, str):
        return _REFERENCE.sub(rf"actions.\1_{robot}", planned)
    if not isinstance(planned, Mapping):
        return planned
    named = {key: _renamed(value, robot) for key, value in planned.items()}
    if "action_type" in planned:
        named["id"] = f"{planned['id']}_{robot}"
    return named
