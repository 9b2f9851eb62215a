"""What is prepared early never changes what happens."""

from hypothesis import given, settings
from hypothesis import strategies as st

from execution_orchestrator.engine import effects as fx
from execution_orchestrator.engine import events as e
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.machine import Machine
from execution_orchestrator.engine.prestaging import Upcoming

values = st.sampled_from([0, 0.0, -0.0, 1, 1.0, True, False, "1", None, [1], {"a": 1}])
texts = st.sampled_from(
    [
        "actions.a0.output.v",
        "actions.a1.output.v == actions.a0.output.v",
        "actions.a1.status",
        "robot.battery",
        "robot",
        "robot.battery == input.v",
        "objects.exists(o, o.id == 'cup')",
        "actions.map(k, k)",
        "actions.a0.output.missing",
        "input.v",
        "type(robot.battery) == double",
    ]
)


@st.composite
def plans(draw):
    actions = []
    for index in range(draw(st.integers(2, 6))):
        action = {"id": f"a{index}", "action_type": "work", "depends_on": []}
        if index:
            before = draw(st.lists(st.integers(0, index - 1), min_size=1, max_size=2, unique=True))
            action["depends_on"] = [f"a{other}" for other in before]
        action["parameters"] = {
            "whole": "{{ " + draw(texts) + " }}",
            "part": draw(st.booleans()) and "x {{ " + draw(texts) + " }}",
        }
        action["as_text"] = draw(st.sampled_from([[], ["whole"], ["whole", "part"]]))
        if draw(st.integers(0, 2)) == 0:
            action["condition"] = draw(texts) + " != 7"
        if draw(st.integers(0, 3)) == 0:
            action["preconditions"] = ["robot.battery != 3"]
        action["on_failure"] = draw(st.sampled_from(["continue", "abort"]))
        actions.append(action)
    return {"version": 1, "actions": actions}


@settings(max_examples=150, deadline=None)
@given(plans(), values, st.data())
def test_prepared_or_not_the_same_happens(plan, given_value, data):
    """One machine prepares after every step, in a world that may have changed by the next one."""
    plain, early = Machine(), Machine()
    world = {"robot": {"battery": 0.5}, "objects": []}
    goals = []
    incoming = s.Submit(execution_id="e", plan=plan, input={"v": given_value})
    for step in range(60):
        one = plain.handle(incoming, now=float(step), world=world)
        other = early.handle(incoming, now=float(step), world=world)
        assert repr(one.events) == repr(other.events)  # 1 and 1.0 are equal, but not the same
        assert repr(one.effects) == repr(other.effects)
        goals += [x.goal_id for x in one.effects if isinstance(x, fx.Dispatch)]
        started = [(x.execution_id, x.key) for x in one.events if isinstance(x, e.TaskStarted)]
        for upcoming in early.prestage(started, world=world):
            assert isinstance(upcoming, Upcoming)
        if not goals:
            break
        if data.draw(st.booleans()):
            seen = [{"id": "cup"}] if data.draw(st.booleans()) else []
            world = {"robot": {"battery": data.draw(values)}, "objects": seen}
        goal = goals.pop(data.draw(st.integers(0, len(goals) - 1)))
        incoming = s.GoalSucceeded(goal_id=goal, output={"v": data.draw(values)})
    else:
        raise AssertionError("it never ended")


def test_what_a_dispatch_carries_is_what_was_prepared():
    plan = {
        "version": 1,
        "actions": [
            {"id": "look", "action_type": "look", "depends_on": []},
            {"id": "drive", "action_type": "drive", "depends_on": ["look"]},
            {
                "id": "pick",
                "action_type": "pick",
                "depends_on": ["drive"],
                "condition": "actions.look.output.cup.x > 0.0",
                "parameters": {
                    "pose": "{{ actions.look.output.cup }}",
                    "label": "{{ actions.look.output.cup.x }}",
                },
                "as_text": ["label"],
            },
        ],
    }
    machine = Machine()
    world = {"robot": {}, "objects": []}

    def feed(incoming):
        step = machine.handle(incoming, now=1.0, world=world)
        return next(x for x in step.effects if isinstance(x, fx.Dispatch))

    look = feed(s.Submit(execution_id="e", plan=plan))
    (drive_next,) = machine.prestage([("e", "look")], world=world)
    assert drive_next.parameters == {}
    drive = feed(s.GoalSucceeded(goal_id=look.goal_id, output={"cup": {"x": 1.0}}))
    assert drive.parameters is drive_next.parameters
    (pick_next,) = machine.prestage([("e", "drive")], world=world)
    assert pick_next.parameters == {"pose": {"x": 1.0}, "label": "1.0"}
    assert set(machine.state.executions["e"].actions["pick"].staged) == {
        "",
        "actions.look.output.cup.x > 0.0",
    }
    pick = feed(s.GoalSucceeded(goal_id=drive.goal_id, output={}))
    assert pick.parameters is pick_next.parameters


def test_nothing_is_prepared_that_still_waits_for_something_else():
    plan = {
        "version": 1,
        "actions": [
            {"id": "a", "action_type": "x", "depends_on": []},
            {"id": "b", "action_type": "x", "depends_on": []},
            {"id": "c", "action_type": "x", "depends_on": ["a", "b"]},
            {
                "id": "d",
                "action_type": "x",
                "depends_on": ["a"],
                "parameters": {"v": "{{ actions.a.output.v }}"},
            },
        ],
    }
    machine = Machine()
    machine.handle(s.Submit(execution_id="e", plan=plan), now=1.0)
    (upcoming,) = machine.prestage([("e", "a"), ("nobody", "a"), ("e", "nothing")])
    assert (upcoming.key, upcoming.parameters) == ("d", None)
