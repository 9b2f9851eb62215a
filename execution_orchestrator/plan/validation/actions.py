"""One action by itself: its type, resources, times and the fields of its kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from keyword import iskeyword
from typing import Any

from execution_orchestrator.plan.capability import (
    CapabilitySpec,
    ResourceDemand,
    ResourceSpec,
    RobotModel,
)
from execution_orchestrator.plan.errors import ErrorType
from execution_orchestrator.plan.expressions import (
    NOW,
    ExpressionError,
    compile_expression,
)
from execution_orchestrator.plan.issues import Issue, Severity
from execution_orchestrator.plan.model import (
    CONTROL_FLOW,
    DEADLINE_CLOCKS,
    NEEDED,
    OWN_FIELDS,
    Action,
)
from execution_orchestrator.plan.nearest import Names
from execution_orchestrator.plan.nearest import nearest as closest
from execution_orchestrator.plan.structure_errors import as_field
from execution_orchestrator.plan.units import number_cure
from execution_orchestrator.plan.validation.parameters import parameter_issues
from execution_orchestrator.plan.validation.walk import Place

_ERROR_TYPES = tuple(ErrorType)
_TOLERANCE = 1e-9  # of sums of amounts


def action_issues(
    place: Place, robot: RobotModel, unavailable: Mapping[str, str]
) -> Iterator[Issue]:
    """Check one action."""
    action = place.action
    yield from _guard(place)
    yield from _undone_twice(place)
    yield from _retry_delays(place)
    if action.action_type == "return" or action.terminate_if is not None:
        yield from _return(place)
    if action.action_type in CONTROL_FLOW:
        yield from _kind_issues(place)
        return
    spec = robot.capabilities.get(action.action_type)
    if spec is None:
        yield _unknown(place, robot, unavailable)
        return
    yield from _stray_fields(place, spec.parameters)
    yield from parameter_issues(place, spec)
    yield from _resources(place, spec, robot)
    yield from _times(place, spec)
    yield from _confirmation(place)
    yield from _recovery(place, spec)


# Kinds of control flow by the names that they have elsewhere, in small letters with underscores.
_OTHERS_CALL_IT = {
    "if": "conditional", "if_else": "conditional", "branch": "conditional", "switch": "router",
    "choice": "router", "case": "router", "match": "router", "for": "foreach",
    "for_each": "foreach", "map": "foreach", "loop": "repeat", "do_while": "repeat",
    "wait": "delay", "sleep": "delay", "pause": "delay", "fork": "parallel",
    "concurrent": "parallel", "selector": "try", "fallback": "try", "block": "sequence",
    "group": "sequence", "call": "subplan", "wait_until": "wait_for", "event": "wait_for_signal",
    "signal": "wait_for_signal", "receive": "wait_for_signal",
    "state_machine": "sequence", "pipeline_sequence": "sequence",
    "sequence_with_memory": "sequence",
    "reactive_sequence": "sequence, with while for what has to hold",
    "reactive_fallback": "sequence, with while and on_guard_failed: skip",
    "concurrence": "parallel", "concurrency": "parallel", "parallel_all": "parallel",
    "race": "parallel, with race: true", "round_robin": "try",
    "recovery_node": "retry at the action itself, or try", "retry": "retry at the action itself",
    "retry_until_successful": "retry at the action itself",
    "timeout": "timeout at the action itself", "parallel_node": "parallel",
    "inverter": "! in the expression", "behavior_tree": "sequence", "subtree": "subplan",
    "sub_tree": "subplan", "child_workflow": "subplan", "workflow": "subplan",
    "sub_state_machine": "subplan", "iterator": "foreach",
    "switch2": "router", "switch3": "router", "if_then_else": "conditional",
    "while_do_else": "conditional", "keep_running_until_failure": "while",
    "compute_path_to_pose": "navigate_to", "follow_path": "navigate_to",
}  # fmt: skip


def _unknown(place: Place, robot: RobotModel, unavailable: Mapping[str, str]) -> Issue:
    kind = place.action.action_type
    if kind in unavailable:
        return Issue(
            "ACTION_TYPE_UNAVAILABLE",
            f"{kind} cannot be used on this robot: {unavailable[kind]}",
            f"{place.pointer}/action_type",
            "Install what is missing, or use another action.",
        )
    there = Names([*robot.capabilities, *CONTROL_FLOW])
    meant = _OTHERS_CALL_IT.get(as_field(kind))
    known = there.hint(kind, "There are")
    if meant is not None and (meant != "navigate_to" or meant in there):
        known = f"Did you mean {meant}?"
    return Issue(
        "ACTION_TYPE_UNKNOWN", f"nothing is called {kind!r}", f"{place.pointer}/action_type", known
    )


def _guard(place: Place) -> Iterator[Issue]:
    """Check that the fields of a guard are used together."""
    action = place.action
    if action.while_ is None:
        if action.on_guard_failed is not None:
            yield Issue(
                "ACTION_FIELD_OUT_OF_PLACE",
                "on_guard_failed says what a guard means, and there is none",
                f"{place.pointer}/on_guard_failed",
                "Add while, or take it away.",
            )
        return
    if action.action_type == "return":
        yield Issue(
            "ACTION_FIELD_OUT_OF_PLACE",
            "while means nothing to return, which takes no time",
            f"{place.pointer}/while",
            "Say condition: it is looked at when the action begins.",
        )
    with suppress(ExpressionError):  # reported where expressions are checked
        if NOW in compile_expression(action.while_).names:
            yield Issue(
                "GUARD_OVER_TIME",
                "a guard is looked at when the world changes, and the clock is no part of it",
                f"{place.pointer}/while",
                "Say timeout for how long it may take, or condition for when it may begin.",
            )


def _undone_twice(place: Place) -> Iterator[Issue]:
    """Tell of what is to undo an action that undoes one itself: nothing ever does that."""
    if place.pointer.rpartition("/")[2] not in COMPENSATIONS:
        return
    for name in COMPENSATIONS:
        if getattr(place.action, name) is not None:
            yield Issue(
                "ACTION_FIELD_OUT_OF_PLACE",
                f"{name} means nothing here: what undoes an action is not undone itself",
                f"{place.pointer}/{name}",
                "Take it away, or undo more in a sequence: it may be the compensation.",
            )


# What is done in any case, and to its end.
COMPENSATIONS = ("compensation", "compensation_of_partial")
_TO_THE_END = ("finally", *COMPENSATIONS)


def _return(place: Place) -> Iterator[Issue]:
    """Check that what ends the plan early is not in what is done in any case."""
    inside = place.pointer.rpartition("/plan/actions/")[2].split("/")
    around = next((field for field in _TO_THE_END if field in inside), "")
    if around:
        what = "return" if place.action.action_type == "return" else "terminate_if"
        yield Issue(
            "RETURN_IN_FINALLY",
            f"what stands in {around} is done to its end, and cannot end the plan",
            place.pointer if what == "return" else f"{place.pointer}/terminate_if",
            f"Put the return after it, with a condition, or take {what} away.",
        )


def _kind_issues(place: Place) -> Iterator[Issue]:
    action = place.action
    values: dict[str, Any] = {
        "actions": action.actions, "if": action.if_, "cases": action.cases, "items": action.items,
        "plan": action.plan, "duration": action.duration, "until": action.until,
        "signal": action.signal,
    }  # fmt: skip
    lacks = [field for field in NEEDED[action.action_type] if values[field] in (None, ())]
    inside = [field for field in lacks if field in action.parameters]
    if inside:
        yield Issue(
            "CONTROL_FLOW_PARAMETERS",
            f"{action.action_type} has no parameters",
            f"{place.pointer}/parameters",
            f"Write {' and '.join(f'{field}: ...' for field in inside)} beside action_type.",
        )
        lacks = []
    strays = list(_stray_fields(place))
    if lacks and strays:
        # It is one mistake: the kind of control flow is another one than was meant.
        needed = " and ".join(lacks)
        owner = _OWNERS[strays[0].pointer.rpartition("/")[2]][0]
        cure = f"Make it a {owner}, or write {needed}, which {action.action_type} needs."
        strays[0] = replace(strays[0], hint=cure)
    elif lacks:
        needed = " and ".join("plan or file" if field == "plan" else field for field in lacks)
        yield Issue(
            "CONTROL_FLOW_FIELD_MISSING",
            f"{action.action_type} needs {needed}",
            place.pointer,
            (_meant_as_if(action) if "if" in lacks else "") or f"Add {needed}.",
        )
    branches = action.then or action.else_ or action.actions
    if action.action_type == "conditional" and not branches:
        yield Issue(
            "CONTROL_FLOW_FIELD_MISSING",
            "conditional needs then or else: whatever the condition gives, nothing is done",
            place.pointer,
            "Add then.",
        )
    yield from strays
    if action.action_type == "parallel":
        yield from _parallel_issues(place)
    yield from _confirmation(place)
    yield from _subplan_times(place)
    yield from _catches(place)
    yield from _duration(place)
    yield from _loop_issues(place)
    yield from _ignored(place)
    if action.parameters and not inside:
        yield Issue(
            "CONTROL_FLOW_PARAMETERS",
            f"{action.action_type} has no parameters",
            f"{place.pointer}/parameters",
            "What its plan gets is inputs, beside action_type."
            if action.action_type == "subplan"
            else "Its fields stand beside action_type.",
        )


def _meant_as_if(action: Action) -> str:
    """Return the cure where another field says what `if` was to say."""
    if action.action_type == "while" and action.while_ is not None:
        return f"Write if: {action.while_}; while beside it is a guard, which stops a round."
    if action.condition is not None:
        return f"Write if: {action.condition}; condition says whether the block begins at all."
    return ""


def _duration(place: Place) -> Iterator[Issue]:
    duration = place.action.duration
    if isinstance(duration, str) and "{{" not in duration:
        yield Issue(
            "PLAN_FIELD_INVALID",
            f"duration is {duration!r}; it has to be a number of seconds or a template",
            f"{place.pointer}/duration",
            f"{number_cure(duration, 'seconds')} An expression stands in braces: "
            '"{{ input.seconds }}".',
        )


def _subplan_times(place: Place) -> Iterator[Issue]:
    """Tell of what a plan says of its own start and end, and that means nothing inside another."""
    plan = place.action.plan
    if plan is None:
        return
    given = [name for name in ("start_at", "not_before", "schedule") if getattr(plan, name)]
    if plan.deadline not in DEADLINE_CLOCKS:
        given.append("deadline")
    if given:
        in_file = place.action.file is not None
        yield Issue(
            "SUBPLAN_TIMES_IGNORED",
            f"{' and '.join(given)} of a subplan means nothing: it runs when its turn comes",
            f"{place.pointer}/file" if in_file else f"{place.pointer}/plan/{given[0]}",
            "Say it in the plan that is sent, or wait inside: wait_for with until.",
            Severity.WARNING,
        )


def _catches(place: Place) -> Iterator[Issue]:
    """Look for names of errors that are no types, and for catches that no error comes to."""
    whole = ""
    for index, catch in enumerate(place.action.catch):
        at = f"{place.pointer}/catch/{index}"
        if whole:
            yield Issue(
                "CATCH_UNREACHABLE",
                f"no error comes here: {whole} catches all of them",
                at,
                "Put it before that one.",
                Severity.WARNING,
            )
        elif not catch.errors:
            whole = at
        for number, name in enumerate(catch.errors):
            # Anything else is the code of an error, which servers may name as they like.
            near = [] if name in _ERROR_TYPES else closest(name.upper(), _ERROR_TYPES)
            if near:
                yield Issue(
                    "ERROR_TYPE_UNKNOWN",
                    f"no type of errors is called {name!r}, so it catches only a code of that name",
                    f"{at}/errors/{number}",
                    f"Did you mean {' or '.join(near)}?",
                    Severity.WARNING,
                )


def _parallel_issues(place: Place) -> Iterator[Issue]:
    action = place.action
    given = [
        name
        for name in ("success", "race", "on_first_failure")
        if getattr(action, name) not in (None, False)
    ]
    if len(given) > 1:
        yield Issue(
            "PARALLEL_POLICIES",
            f"{' and '.join(given)} say two things about when the parallel ends",
            f"{place.pointer}/{given[1]}",
            "Keep one of them.",
        )
    if isinstance(action.success, int) and action.success > len(action.actions):
        yield Issue(
            "PARALLEL_POLICIES",
            f"{action.success} have to succeed, and there are {len(action.actions)}",
            f"{place.pointer}/success",
            "Ask for fewer, or say all.",
        )


def _retry_delays(place: Place) -> Iterator[Issue]:
    """Tell of a first wait that is longer than the longest."""
    retry = place.action.retry
    if retry is not None and retry.initial_delay > retry.max_delay:
        yield Issue(
            "RETRY_DELAY_CUT",
            f"initial_delay is {retry.initial_delay:g} s, and no wait is longer than max_delay, "
            f"{retry.max_delay:g} s",
            f"{place.pointer}/retry/initial_delay",
            "Raise max_delay, or wait less at first.",
            Severity.WARNING,
        )


def _loop_issues(place: Place) -> Iterator[Issue]:
    action = place.action
    endless = action.until is None and action.max_iterations is None
    if action.action_type == "repeat" and action.actions and endless:
        yield Issue(
            "CONTROL_FLOW_FIELD_MISSING",
            "repeat needs until or max_iterations",
            place.pointer,
            "Say when it is over, or how often it is done.",
        )
    if action.action_type == "foreach" and action.max_parallel and action.mode == "sequential":
        yield Issue(
            "ACTION_FIELD_OUT_OF_PLACE",
            "max_parallel means nothing to a foreach that takes one item after the other",
            f"{place.pointer}/max_parallel",
            "Add mode: parallel, or take it away.",
        )


# Fields of a capability that mean nothing to a block, or to what only steers.
NO_BLOCK = ("resources", "adaptive_timeout", "cost", "postconditions")
NOT_OF_ALL = {"retry": frozenset({"return", "delay"}), "timeout": frozenset({"return"})}


def _ignored(place: Place) -> Iterator[Issue]:
    action = place.action
    names = [name for name in NO_BLOCK if getattr(action, name) not in (None, ())]
    names += [
        name
        for name, kinds in NOT_OF_ALL.items()
        if action.action_type in kinds and getattr(action, name) is not None
    ]
    for name in names:
        yield Issue(
            "ACTION_FIELD_OUT_OF_PLACE",
            f"{name} means nothing to {action.action_type}",
            f"{place.pointer}/{name}",
            "Give it to the actions inside." if action.nests else "Take it away.",
        )


_OF_CONFIRMATION = frozenset({"confirmation_timeout", "confirmation_default"})
_OWNERS = {
    field: [kind for kind, fields in OWN_FIELDS.items() if field in fields]
    for fields in OWN_FIELDS.values()
    for field in fields
}
# The names that these fields have in the model.
_OWNED = {f"{field}_" if iskeyword(field) else field: field for field in _OWNERS}
_FIXED = {"sequence": "sequence", "parallel": "dependencies"}  # orderings that cannot be chosen


def _stray_fields(place: Place, schema: Mapping[str, Any] | None = None) -> Iterator[Issue]:
    """Tell of fields of other kinds, which mean nothing here; ``schema`` is of the parameters."""
    action = place.action
    parameters = schema or {}
    kind = action.action_type
    own = OWN_FIELDS.get(kind, ())
    for name in action.model_fields_set & _OWNED.keys():
        field, value = _OWNED[name], getattr(action, name)
        # What a shown plan has filled in says nothing.
        if field in own or value == Action.model_fields[name].get_default(
            call_default_factory=True
        ):
            continue
        if field == "ordering" and value == _FIXED.get(kind):
            continue
        if field in parameters.get("required", ()) and field not in action.parameters:
            continue  # reported as a missing parameter
        parameter = field in parameters.get("properties", {})
        yield Issue(
            "ACTION_FIELD_OUT_OF_PLACE",
            f"{field} belongs to {' or '.join(_OWNERS[field])}, not to {kind}",
            f"{place.pointer}/{field}",
            f"It is a parameter: write parameters: {{{field}: ...}}."
            if parameter
            else _instead(kind, field),
        )


def _instead(kind: str, field: str) -> str:
    if field == "ordering" and kind in _FIXED:
        how = "one after the other" if kind == "sequence" else "side by side"
        return f"Take it away: the actions of a {kind} always come {how}."
    if kind == "router" and field == "else":
        return "Write default: what is done if no case is taken."
    if kind == "conditional" and field == "actions":
        return "Write then: what is done if the expression holds."
    if kind in OWN_FIELDS:
        return f"Take it away, or put a {_OWNERS[field][0]} around this {kind} or into it."
    return f"Take it away, or put the action into a {_OWNERS[field][0]}."


def _resources(place: Place, spec: CapabilitySpec, robot: RobotModel) -> Iterator[Issue]:
    given = place.action.resources
    demands = [
        ResourceDemand(resource=demand) if isinstance(demand, str) else demand
        for demand in (given if given is not None else spec.resources)
    ]
    taken: dict[str, float] = {}
    for index, demand in enumerate(demands):
        pointer = f"{place.pointer}/resources/{index}" if given is not None else place.pointer
        fitting = instances(robot, demand)
        if not fitting:
            yield _none_fits(robot, demand, pointer)
            continue
        # As the engine does it: the first of those that fit which has room for it.
        for resource in fitting:
            if taken.get(resource.name, 0.0) + demand.amount <= resource.capacity + _TOLERANCE:
                taken[resource.name] = taken.get(resource.name, 0.0) + demand.amount
                break
        else:
            yield _too_much(robot, demands, demand, pointer)
            return  # of this action it is all that matters


def instances(robot: RobotModel, demand: ResourceDemand) -> list[ResourceSpec]:
    """Return the resources that can serve a demand: the one of that name, or those of the type."""
    named = robot.resources.get(demand.resource)
    among = (
        [named]
        if named is not None
        else [one for one in robot.resources.values() if one.type == demand.resource]
    )
    return [
        one
        for one in among
        if all(one.properties.get(key) == value for key, value in demand.constraints.items())
    ]


def _none_fits(robot: RobotModel, demand: ResourceDemand, pointer: str) -> Issue:
    free = ResourceDemand(resource=demand.resource)
    if demand.constraints and (there := instances(robot, free)):
        wanted = ", ".join(f"{key}: {value}" for key, value in demand.constraints.items())
        have = "; ".join(f"{one.name}: {dict(one.properties) or 'nothing'}" for one in there[:8])
        return Issue(
            "RESOURCE_DEMAND_IMPOSSIBLE",
            f"no {demand.resource} has {wanted}",
            pointer,
            f"There is: {have}.",
        )
    names = Names([*robot.resources, *(one.type for one in robot.resources.values())])
    return Issue(
        "RESOURCE_UNKNOWN",
        f"there is no resource {demand.resource!r}",
        pointer,
        names.hint(demand.resource, "There are"),
    )


def _too_much(
    robot: RobotModel, demands: Sequence[ResourceDemand], demand: ResourceDemand, pointer: str
) -> Issue:
    amount = sum(one.amount for one in demands if one.resource == demand.resource)
    there = sum(one.capacity for one in instances(robot, demand))
    return Issue(
        "RESOURCE_DEMAND_IMPOSSIBLE",
        f"{amount:g} of {demand.resource} are wanted at once, and there "
        f"{'is' if there == 1 else 'are'} {there:g}",
        pointer,
        "Ask for less, or the action will never start.",
    )


def _confirmation(place: Place) -> Iterator[Issue]:
    """Tell of what is said about a question that is not asked."""
    action = place.action
    if action.require_confirmation or not _OF_CONFIRMATION & action.model_fields_set:
        return
    name = min(_OF_CONFIRMATION & action.model_fields_set)
    yield Issue(
        "CONFIRMATION_NOT_ASKED",
        f"{name} says how a question is answered, and nobody is asked",
        f"{place.pointer}/{name}",
        "Add require_confirmation: true, or take it away.",
        Severity.WARNING,
    )


def _times(place: Place, spec: CapabilitySpec) -> Iterator[Issue]:
    action: Action = place.action
    estimate = action.estimated_duration
    estimate = spec.estimated_duration if estimate is None else estimate
    if action.timeout is not None and estimate > action.timeout:
        yield Issue(
            "TIMEOUT_BELOW_ESTIMATE",
            f"{action.id or action.action_type} may take {action.timeout:g} s but is estimated at "
            f"{estimate:g} s",
            f"{place.pointer}/timeout",
            "Raise timeout or correct estimated_duration.",
            Severity.WARNING,
        )


def _recovery(place: Place, spec: CapabilitySpec) -> Iterator[Issue]:
    """Warn of critical actions that have no retry, fallback or recovery."""
    action = place.action
    other = action.fallback_action
    if other is not None and (other.action_type, other.parameters, other.robot) == (
        action.action_type,
        action.parameters,
        action.robot,
    ):
        yield Issue(
            "RECOVERY_SAME_AGAIN",
            f"the fallback of {action.id or action.action_type} is the same action again",
            f"{place.pointer}/fallback_action",
            "Do it in another way, or raise retry.max_attempts instead.",
            Severity.WARNING,
        )
    if "critical" not in action.model_fields_set or not action.critical:
        return
    attempts = (action.retry or spec.retry).max_attempts
    caught = any(step.action.action_type == "try" for step in place.way[:-1])
    if (
        attempts == 1
        and other is None
        and not action.recovery_plan
        and not spec.recovery
        and not caught
    ):
        yield Issue(
            "CRITICAL_WITHOUT_RECOVERY",
            f"{action.id or action.action_type} is critical, and nothing is tried when it fails",
            place.pointer,
            "Give it retry, a fallback_action or a recovery_plan, or put it into a try.",
            Severity.WARNING,
        )
