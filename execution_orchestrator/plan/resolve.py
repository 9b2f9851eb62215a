"""Fills in every default, so that a journalled plan never depends on the configuration again.

The result is plain JSON data::

    {"version": 1, "id": hash, "command": ..., "timeout": seconds or None,
     "deadline": running or wall, "actions": [action ...],
     "success": CEL, if the plan says what it is for}

Every action has ``id, action_type, depends_on, condition, critical, on_failure, priority,
estimated_duration`` and what its kind needs. A capability action has ``timeout, retry, resources
[{resource, amount, shared}], pausable, preemptible, idempotent, recovery, server, rate_limit,
cost_rate, preconditions, postconditions, parameters``; control flow nests resolved actions under
the same keys as in the document. ``ordering`` says how each list of several actions was read, for
people: what it means stands in ``depends_on``.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from execution_orchestrator.plan.capability import (
    AdaptiveTimeout,
    CapabilitySpec,
    MissedSpec,
    ResourceDemand,
    ResumeSpec,
    RobotModel,
)
from execution_orchestrator.plan.model import (
    DEADLINE_CLOCKS,
    Action,
    Case,
    Ordering,
    Plan,
    every_action,
)
from execution_orchestrator.plan.ordering import ordering_inside, ordering_of, waits_for
from execution_orchestrator.plan.robots import able, demands_on_robot, duties, name_on, role_of
from execution_orchestrator.plan.signals import declared_signals
from execution_orchestrator.plan.tree import on_failure

ResolvedPlan = dict[str, Any]
ResolvedAction = dict[str, Any]
ROUNDS = 100  # of a loop that says no max_iterations
MIN_TIMEOUT_MARGIN = 2.0  # a default timeout is never less than so many estimates


def resolve(
    plan: Plan, robot: RobotModel, *, within: Mapping[str, set[str]] | None = None
) -> ResolvedPlan:
    """Return the plan as it will run; the plan has to be valid.

    ``within``: what the roles of the plan it is a part of need to be able to do.
    """
    names = _Names(plan, duties(plan) if within is None else within)
    actions = _resolve_list(plan.actions, robot, names, ordering=plan.ordering)
    resolved: ResolvedPlan = {
        "version": plan.version,
        "command": plan.command,
        "description": plan.description,
        "confidence": plan.confidence,
        "timeout": plan.timeout,
        "deadline": plan.deadline if plan.deadline in DEADLINE_CLOCKS else "running",
        "ordering": ordering_of(plan.actions, plan.ordering),
        "actions": actions,
    }
    if within is None and (signals := declared_signals(plan)):
        resolved["signals"] = signals
    if plan.success is not None:
        resolved["success"] = plan.success
    resolved["id"] = plan.id
    if not plan.id:
        text = msgspec.json.encode(resolved, enc_hook=str, order="sorted")
        resolved["id"] = hashlib.sha256(text).hexdigest()[:16]
    return resolved


class _Names:
    """Gives ids to the actions that have none, and knows what each role is needed for."""

    def __init__(self, plan: Plan, duties: Mapping[str, set[str]]) -> None:
        self.duties = duties
        self._taken: set[str] = set()
        self._numbers: Counter[str] = Counter()
        self._collect(plan.actions)

    def _collect(self, actions: Sequence[Action]) -> None:
        for action in actions:
            if action.id:
                self._taken.add(action.id)
            for place, nested in action.nested():
                if place != "plan/actions":  # a subplan has ids of its own
                    self._collect(nested)

    def of(self, action: Action) -> str:
        if action.id:
            return action.id
        name = ""
        while not name or name in self._taken:
            self._numbers[action.action_type] += 1
            name = f"{action.action_type}_{self._numbers[action.action_type]}"
        return name


def _resolve_list(
    actions: Sequence[Action], robot: RobotModel, names: _Names, *, ordering: Ordering | None
) -> list[ResolvedAction]:
    resolved = [_resolve(action, robot, names) for action in actions]
    for made, waits in zip(resolved, waits_for(actions, ordering), strict=True):
        made["depends_on"] = [resolved[index]["id"] for index in waits]
    return resolved


def _resolve(action: Action, robot: RobotModel, names: _Names) -> ResolvedAction:
    made: ResolvedAction = {
        "id": names.of(action),
        "action_type": action.action_type,
        "description": action.description,
        "condition": action.condition,
        "critical": action.critical,
        "when_skipped": action.when_skipped,
        "on_failure": on_failure(action.on_failure, critical=action.critical),
        "priority": action.priority or 0,
        "require_confirmation": action.require_confirmation,
        "confirmation_timeout": action.confirmation_timeout,
        "confirmation_default": action.confirmation_default,
        "terminate_if": action.terminate_if,
        "estimated_duration": action.estimated_duration or 0.0,
        "timeout": _timeout_of(action),
        "depends_on": [],
    }
    if action.is_control_flow:
        made.update(_control_flow(action, robot, names))
        made["ordering"] = {
            place: ordering_of(nested, ordering_inside(action))
            for place, nested in action.branches()
            if len(nested) > 1
        }
        made["preconditions"] = list(action.preconditions)
        if action.retry is not None:
            made["retry"] = action.retry.over(robot.retry).model_dump()
    else:
        made.update(_capability(action, robot))
        if action.robot:
            made.update(_on_robot(action, robot, names, made))
    if action.while_ is not None:
        made["guard"] = action.while_
        made["on_guard_failed"] = action.on_guard_failed or "fail"
    for field, one in action.singles().items():
        made[field] = _resolve(one, robot, names)
    if action.recovery_plan:
        made["recovery_plan"] = _resolve_list(action.recovery_plan, robot, names, ordering=None)
    return made


def _timeout_of(action: Action) -> float | None:
    """Return the seconds that an action may take; a subplan's plan says it where it does not."""
    if action.timeout is None and action.plan is not None:
        return action.plan.timeout
    return action.timeout


def _capability(action: Action, robot: RobotModel) -> ResolvedAction:
    spec = robot.capabilities[action.action_type]
    estimate = action.estimated_duration
    estimate = spec.estimated_duration if estimate is None else estimate
    timeout = action.timeout
    if timeout is None:
        timeout = max(spec.timeout, MIN_TIMEOUT_MARGIN * estimate)
    demands = action.resources if action.resources is not None else spec.resources
    return {
        "parameters": action.parameters,
        "as_text": _texts_of(spec, action.parameters),
        "timeout": timeout,
        "timeout_explicit": action.timeout is not None,
        "adaptive_timeout": _adaptive(action, spec, timeout),
        "estimated_duration": estimate,
        "estimate_explicit": action.estimated_duration is not None,
        "retry": (action.retry or spec.retry).over(spec.retry).model_dump(),
        "resources": [_demand(demand) for demand in demands],
        "pausable": spec.pausable,
        "preemptible": spec.preemptible,
        "idempotent": spec.idempotent,
        "resume": spec.resume and _resume(spec.resume, spec.result.missed),
        "targets": list(spec.targets),
        "recovery": spec.recovery,
        "server": spec.server or spec.interface.name,
        "rate_limit": spec.rate_limit or None,
        "when_taken": action.when_taken or spec.when_taken,
        "patience": spec.patience if action.patience is None else action.patience,
        "cost_rate": spec.cost_rate if action.cost is None else action.cost,
        "preconditions": list(dict.fromkeys([*spec.preconditions, *action.preconditions])),
        "postconditions": list(dict.fromkeys([*spec.postconditions, *action.postconditions])),
        **({"outcomes": spec.outcomes} if spec.outcomes else {}),
    }


def _on_robot(
    action: Action, robot: RobotModel, names: _Names, made: ResolvedAction
) -> ResolvedAction:
    wanted = names.duties.get(action.robot, {action.action_type})
    spec = robot.capabilities[action.action_type]
    demands = action.resources if action.resources is not None else spec.resources
    whole = [ResourceDemand(resource=d) if isinstance(d, str) else d for d in demands]
    robots = able(robot, action.robot, wanted)
    named = robot.robots.get(action.robot)
    return {
        "robots": robots,
        "robot_role": role_of(action.robot),
        "resources": demands_on_robot(whole),
        # Robots fail one by one: each has a circuit breaker of its own for each server.
        "servers": {name: name_on(robot.robots[name].namespace, made["server"]) for name in robots},
        "server": name_on(named.namespace, made["server"]) if named is not None else "",
    }


def _texts_of(spec: CapabilitySpec, parameters: Mapping[str, Any]) -> list[str]:
    """Return the parameters that have to be texts and whose templates may give something else."""
    known = spec.parameters.get("properties", {})
    return [
        name
        for name, value in parameters.items()
        if isinstance(value, str) and "{{" in value and known.get(name, {}).get("type") == "string"
    ]


def _adaptive(action: Action, spec: CapabilitySpec, timeout: float) -> Mapping[str, Any] | None:
    """Return how the timeout is learned; None if it is set in the plan or must not be learned."""
    wanted = spec.adaptive_timeout is not None
    if action.adaptive_timeout is not None:
        wanted = action.adaptive_timeout
    if not wanted or action.timeout is not None:
        return None
    settings = spec.adaptive_timeout or AdaptiveTimeout()
    maximum = timeout if settings.maximum is None else settings.maximum
    return {**settings.model_dump(), "maximum": maximum}


def _resume(resume: ResumeSpec, missed: MissedSpec | None) -> Mapping[str, Any]:
    found = resume.model_dump(exclude={"source"}, exclude_defaults=True)
    if missed is not None:
        # Its goals can leave parts out, which their results tell; `whole`: none may be left out.
        found["misses"] = missed.what
        if missed.rule == "fail":
            found["whole"] = True
    return found


def _demand(demand: str | ResourceDemand) -> Mapping[str, Any]:
    whole = ResourceDemand(resource=demand) if isinstance(demand, str) else demand
    return whole.model_dump()


def condition_of(case: Case, by: str | None) -> str:
    """Return when a branch of a router is taken, as an expression."""
    if case.is_ is None:
        return case.when or "false"
    values = [case.is_] if isinstance(case.is_, str) else case.is_
    listed = ", ".join(json.dumps(value, ensure_ascii=False) for value in values)
    return f"({by}) in [{listed}]"


def _as_template(output: Any) -> Any:
    """Return an output of a subplan as a template: a bare text is an expression."""
    return f"{{{{ {output} }}}}" if isinstance(output, str) and "{{" not in output else output


def _loop(action: Action, inside: list[ResolvedAction]) -> ResolvedAction:
    """Return a repeat or a while as a foreach over its rounds, of which not all need to be run."""
    if action.delay or action.every:
        taken = {one.id for one in every_action(action.actions)}
        name = f"{inside[0]['id']}_pause"
        while name in taken:
            name += "_"
        pause: ResolvedAction = {
            "id": name,
            "action_type": "delay",
            "description": "pause before the next round",
            "between_rounds": True,
            "duration": f"{{{{ index == 0 ? 0.0 : {float(action.delay or 0.0)!r} }}}}",
            "depends_on": [],
            "estimated_duration": 0.0,
        }
        if action.every:
            pause["every"] = action.every
        for one in inside:
            one["depends_on"] = one["depends_on"] or [pause["id"]]
        inside = [pause, *inside]
    return {
        "action_type": "foreach",
        "loop": action.action_type,
        "items": list(range(action.max_iterations or ROUNDS)),
        "mode": "sequential",
        "until": action.until,
        "while": action.if_ if action.action_type == "while" else None,
        "actions": inside,
    }


def _control_flow(action: Action, robot: RobotModel, names: _Names) -> ResolvedAction:
    def nested(actions: Sequence[Action]) -> list[ResolvedAction]:
        return _resolve_list(actions, robot, names, ordering=ordering_inside(action))

    kind = action.action_type
    if kind == "parallel":
        return {
            "actions": nested(action.actions),
            "max_parallel": action.max_parallel,
            "needed": {"all": 0, "any": 1}.get(str(action.success or "all"), action.success),
            "race": action.race,
            "on_first_failure": action.on_first_failure or "cancel",
        }
    if kind == "conditional":
        return {
            "if": action.if_,
            "then": nested(action.then),
            "else": nested(action.else_),
        }
    if kind == "router":
        cases = [
            {"when": condition_of(case, action.by), "actions": nested(case.actions)}
            for case in action.cases
        ]
        made = {"cases": cases, "default": nested(action.default)}
        return {**made, "by": action.by} if action.by is not None else made
    if kind == "foreach":
        return {
            "items": action.items,
            "mode": action.mode,
            "max_parallel": action.max_parallel,
            "actions": nested(action.actions),
        }
    if kind in ("repeat", "while"):
        return _loop(action, nested(action.actions))
    if kind == "try":
        catches = [
            {
                "errors": list(catch.errors),
                "actions": nested(catch.actions),
                "rethrow": catch.rethrow,
            }
            for catch in action.catch
        ]
        return {
            "actions": nested(action.actions),
            "catch": catches,
            "finally": nested(action.finally_),
            "on_error": action.on_error,
        }
    if kind == "subplan" and action.plan is not None:
        inner = resolve(action.plan, robot, within=names.duties)
        outputs = {name: _as_template(value) for name, value in action.outputs.items()}
        return {"plan": inner, "inputs": action.inputs, "outputs": outputs}
    simple = {"value": action.value, "duration": action.duration, "until": action.until}
    if kind == "wait_for_signal":
        return {"signal": action.signal}
    if kind == "sequence":
        return {"actions": nested(action.actions)}
    return {key: value for key, value in simple.items() if value is not None}
