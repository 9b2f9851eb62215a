"""What the policy lets through of a plan, and what it does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution_orchestrator.agents.policy import (
    AgentsPolicy,
    ClientPolicy,
    Judgement,
    PolicyError,
    judge,
)
from execution_orchestrator.agents.rates import RateLimit

ROOT = Path(__file__).parents[3]
KNOWN = {
    "navigate_to": ["target", "targets"],
    "spin": [],
    "speak": [],
    "pick_up_object": [],
}
PLACES = {
    "kitchen": {"pose": {"x": 4.0, "y": 2.0, "yaw": 0.0}, "put_down": [{"x": 4.6, "y": 2.0}]},
    "lab": {"pose": {"x": -1.0, "y": 0.5}},
}


def asked(*actions: dict, **policy: object) -> Judgement:
    return judge(
        {"version": 1, "actions": list(actions)},
        ClientPolicy.model_validate({"confirm": [], **policy}),
        capabilities=KNOWN,
        places=PLACES,
    )


def action(kind: str, **parameters: object) -> dict:
    return {"id": "a", "action_type": kind, "parameters": parameters}


@pytest.mark.parametrize(
    "wrap",
    [
        lambda one: one,
        lambda one: {"action_type": "sequence", "actions": [one]},
        lambda one: {"action_type": "conditional", "if": "true", "then": [], "else": [one]},
        lambda one: {"action_type": "router", "cases": [{"when": "x", "actions": [one]}]},
        lambda one: {"action_type": "try", "actions": [], "catch": [{"actions": [one]}]},
        lambda one: {"action_type": "try", "actions": [], "finally": [one]},
        lambda one: {"action_type": "subplan", "plan": {"actions": [one]}},
        lambda one: {**action("speak", text="x"), "fallback_action": one},
        lambda one: {**action("speak", text="x"), "compensation": one},
        lambda one: {**action("speak", text="x"), "compensation_of_partial": one},
        lambda one: {**action("speak", text="x"), "recovery_plan": [one]},
    ],
)
def test_what_is_not_allowed_is_refused_wherever_it_is_nested(wrap) -> None:
    turn = action("spin", angle=1.0)
    assert not asked(wrap(turn)).refusals
    assert asked(wrap(turn), without=["spin"]).refusals == ("a: spin is not allowed",)
    assert asked(wrap(turn), capabilities=["navigate_*", "speak"]).refusals
    assert asked(wrap(turn), confirm=["sp?n"]).confirm == ("spin",)


@pytest.mark.parametrize(
    ("value", "fine"),
    [(0.5, True), (0, True), (-0.4, True), (0.6, False), (-0.6, False), (1e9, False),
     ("{{ input.speed }}", False), ("0.1", False), (True, False), (None, False)],
)  # fmt: skip
def test_a_limited_parameter_is_a_number_within_the_limit(value: object, fine: bool) -> None:
    found = asked(action("navigate_to", target="kitchen", speed=value), limits={"speed": 0.5})
    assert (found.refusals == ()) is fine
    nested = asked(
        action("navigate_to", options={"deep": [{"speed": value}]}), limits={"speed": 0.5}
    )
    assert (nested.refusals == ()) is fine


@pytest.mark.parametrize(
    ("target", "fine"),
    [("kitchen", True), ("lab", False), ("red_cup", False), (["kitchen", "lab"], False), (["kitchen"], True),
     ({"x": 4.0, "y": 2.0, "yaw": 0.0}, True), ({"x": 4.6, "y": 2.0}, True), ({"x": 4.0, "y": 2.0, "frame": "base_link"}, False),
     ({"x": -1.0, "y": 0.5}, False), (["{{ input.place }}"], False), ("{{ input.place }}", False), ({"x": 1, "y": 2}, False),
     ([{"x": 1.0, "y": 2.0, "yaw": 0.0}], False), ({"pose": {"x": 1, "y": 2}}, False)],
)  # fmt: skip
def test_only_some_places(target: object, fine: bool) -> None:
    assert (asked(action("navigate_to", target=target), places=["kit*"]).refusals == ()) is fine
    assert asked(action("navigate_to", target=target)).refusals == ()


def test_only_some_robots() -> None:
    one = {**action("speak", text="x"), "robots": ["r1", "r2"]}
    assert asked(one).refusals == ()
    assert asked(one, robots=["r1"]).refusals
    assert asked({**one, "robots": ["r1"]}, robots=["r?"]).refusals == ()


def test_nobody_may_do_anything_where_no_default_is_written() -> None:
    nobody = AgentsPolicy().of("somebody")
    assert (nobody.capabilities, nobody.max_running, nobody.executions_per_hour) == ((), 0, 0)


def test_the_shipped_policy_asks_a_person_before_anything_moves() -> None:
    policy = AgentsPolicy.load(ROOT / "config/agents.yaml").of("anybody")
    found = judge(
        {"actions": [action("navigate_to"), action("speak"), action("pick_up_object")]},
        policy,
        capabilities=KNOWN,
        places=PLACES,
    )
    assert found.confirm == ("navigate_to", "pick_up_object")
    assert not policy.may_confirm


@pytest.mark.parametrize(
    ("text", "place"),
    [("clients: {a: {speed: 1}}", "clients.a.speed"), ("clients: 3", "clients"),
     ("clients: {a: {max_running: -1}}", "clients.a.max_running"), ("{", "cannot be read"),
     ("version: 2", "version"), ("clients: {a: {limits: {speed: .nan}}}", "clients.a.limits")],
)  # fmt: skip
def test_a_wrong_policy_names_the_place(tmp_path: Path, text: str, place: str) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(text)
    with pytest.raises(PolicyError, match=place):
        AgentsPolicy.load(file)


@given(
    most=st.integers(0, 20),
    gaps=st.lists(st.floats(0.0, 30.0, allow_nan=False), min_size=1, max_size=80),
)
def test_no_window_has_more_grants_than_the_limit(most: int, gaps: list[float]) -> None:
    now = 0.0
    limit = RateLimit(most, 60.0, lambda: now)
    granted: list[float] = []
    for gap in gaps:
        now += gap
        wait = limit.wait()
        if wait == 0.0:
            granted.append(now)
        else:
            assert 0.0 < wait <= 60.0
    for start in granted:
        assert sum(start <= one < start + 60.0 for one in granted) <= most
