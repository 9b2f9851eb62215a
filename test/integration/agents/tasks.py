"""The scripted agent's tasks: what it calls, and how each call depends on the answers before.

A task is a generator: it yields calls and is sent their answers. What it does with them is what a
model would do: mend a plan by its issues, follow what it began, ask why something failed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Any

from test.integration.agents.clients import plan, rest, to


@dataclass(frozen=True)
class Call:
    """A tool, resource (``robot://...``) or prompt (``prompt:...``), and its arguments."""

    what: str
    arguments: Mapping[str, Any]


Answer = Mapping[str, Any]
Task = Generator[Call, Answer, None]
TASKS: dict[str, Callable[[], Task]] = {}
LONG: dict[str, Callable[[], Task]] = {}  # not in every run: they take minutes
SEE = {"id": "see", "action_type": "detect_objects", "parameters": {"classes": ["book"]}}
SPEAK = {"id": "say", "action_type": "speak", "parameters": {"text": "good morning"}}


def task(make: Callable[[], Task]) -> Callable[[], Task]:
    TASKS[make.__name__] = make
    return make


def long_task(make: Callable[[], Task]) -> Callable[[], Task]:
    LONG[make.__name__] = make
    return make


def call(what: str, **arguments: Any) -> Call:
    return Call(what, arguments)


def run(text: str, **more: Any) -> Generator[Call, Answer, Answer]:
    """Execute a plan and wait for its end; returns how it ended."""
    begun = yield call("execute_plan", plan=text, **more)
    if "execution_id" not in begun:
        return begun
    return (yield call("wait_for_execution", execution_id=begun["execution_id"], timeout=120.0))


# ---------------------------------------------------------------------------- looking


@task
def find_out_what_the_robot_can_do() -> Task:
    able = yield call("list_capabilities")
    assert {"navigate_to", "speak"} <= {one["name"] for one in able["capabilities"]}
    assert not next(one for one in able["capabilities"] if one["name"] == "spin")["allowed"]


@task
def look_around_without_moving() -> Task:
    world = yield call("describe_world")
    assert "kitchen" in world["places"]
    assert "data" in world["note"]


@task
def read_how_plans_are_written() -> Task:
    schema = yield call("robot://plan-schema")
    assert "actions" in json.dumps(schema)
    reference = yield call("robot://plan-reference")
    assert "action_type" in reference["text"]


@task
def read_places_and_objects() -> Task:
    assert "kitchen" in (yield call("robot://places"))
    assert "objects" in (yield call("robot://objects"))


@task
def take_the_prompts() -> Task:
    prompt = yield call("prompt:make_a_plan", task="fetch the book")
    assert "fetch the book" in prompt["text"]
    assert "abc" in (yield call("prompt:explain_a_run", execution_id="abc"))["text"]


# ---------------------------------------------------------------------------- planning


@task
def plan_a_drive_in_words() -> Task:
    report = yield call("plan_command", command="go to the kitchen")
    assert report["may_run"]
    assert report["analysis"]["makespan"] > 1.0


@task
def plan_an_errand_in_words() -> Task:
    report = yield call("plan_command", command="bring me the red cup")
    assert report["may_run"]
    assert len(report["analysis"]["groups"]) > 2


@task
def say_what_nobody_understands() -> Task:
    report = yield call("plan_command", command="quickly fnord the gloopy zorp")
    assert not report["valid"]
    assert report["issues"]


@task
def mend_a_place_that_is_not_there() -> Task:
    wrong = yield call("validate_plan", plan=plan(to("kichen")))
    hint = next(one["hint"] for one in wrong["issues"] if one["severity"] == "error")
    assert "kitchen" in json.dumps(wrong["issues"]), hint
    assert (yield call("validate_plan", plan=plan(to("kitchen"))))["may_run"]


@task
def mend_an_action_that_is_not_there() -> Task:
    wrong = yield call("validate_plan", plan=plan({**SPEAK, "action_type": "speek"}))
    assert "speak" in json.dumps(wrong["issues"])
    assert (yield call("validate_plan", plan=plan(SPEAK)))["may_run"]


@task
def mend_a_parameter_that_is_missing() -> Task:
    wrong = yield call("validate_plan", plan=plan({**SPEAK, "parameters": {}}))
    assert "text" in json.dumps(wrong["issues"])
    assert (yield call("validate_plan", plan=plan(SPEAK)))["may_run"]


@task
def mend_a_circle() -> Task:
    one, two = {**SPEAK, "depends_on": ["rest"]}, {**rest(0.1), "depends_on": ["say"]}
    wrong = yield call("validate_plan", plan=plan(one, two))
    assert not wrong["valid"]
    assert (yield call("validate_plan", plan=plan(SPEAK, two)))["may_run"]


@task
def mend_what_is_no_yaml() -> Task:
    wrong = yield call("validate_plan", plan="version: 1\nactions: [{id: a")
    assert wrong["issues"][0]["line"] >= 1


@task
def give_an_input() -> Task:
    text = plan({**SPEAK, "parameters": {"text": "{{ input.words }}"}})
    assert (yield call("validate_plan", plan=text, inputs='{"words": "hello"}'))["may_run"]
    over = yield from run(text, inputs='{"words": "hello"}')
    assert over["status"] == "COMPLETED"


# ---------------------------------------------------------------------------- rehearsing


@task
def rehearse_a_drive() -> Task:
    # Wherever an earlier try has left the robot, one of the two is a way.
    back = {**to("home"), "id": "back", "depends_on": ["go"]}
    seen = yield call("rehearse_plan", plan=plan(to("kitchen"), back))
    assert seen["would_succeed"]
    assert len(seen["trajectories"][""]) > 5


@task
def rehearse_what_is_out_of_reach_and_mend_it() -> Task:
    far = yield call(
        "rehearse_plan", plan=plan({**to({"x": 90.0, "y": 0.0}), "retry": {"max_attempts": 1}})
    )
    assert far["out_of_reach"] == ["go"]
    assert (yield call("rehearse_plan", plan=plan(to("home"))))["would_succeed"]


@task
def rehearse_a_command() -> Task:
    seen = yield call("rehearse_plan", command="say hello")
    assert seen["would_succeed"]


# ---------------------------------------------------------------------------- doing


@task
def say_good_morning() -> Task:
    over = yield from run(plan(SPEAK))
    assert over["status"] == "COMPLETED"
    report = yield call(f"robot://reports/{over['execution_id']}")
    assert "| say | speak | SUCCEEDED |" in report["text"]


@task
def do_two_things_at_once() -> Task:
    over = yield from run(plan({**SPEAK, "depends_on": []}, {**rest(0.5), "depends_on": []}))
    assert [one["status"] for one in over["actions"]] == ["SUCCEEDED", "SUCCEEDED"]


@task
def drive_to_the_kitchen() -> Task:
    begun = yield call("execute_command", command="go to the kitchen")
    over = yield call("wait_for_execution", execution_id=begun["execution_id"], timeout=120.0)
    assert over["status"] == "COMPLETED"


@task
def look_for_a_book_that_is_not_there_and_explain_it() -> Task:
    asked = {
        **SEE,
        "postconditions": ["actions.see.output.count > 100"],
        "retry": {"max_attempts": 1},
    }
    over = yield from run(plan(asked))
    assert over["status"] == "FAILED"
    why = yield call("explain_failure", execution_id=over["execution_id"])
    assert why["failed_actions"][0]["action_id"] == "see"
    # What it learned: another plan that does not insist.
    again = yield from run(plan(SEE))
    assert again["status"] == "COMPLETED"


@task
def take_a_picture() -> Task:
    picture = yield call("take_picture")
    assert picture["images"] == ["image/png"]
    assert (yield call("robot://camera/last"))["images"] == ["image/png"]


@task
def think_better_of_it() -> Task:
    begun = yield call("execute_plan", plan=plan(rest(9.0)))
    yield call("cancel", execution_id=begun["execution_id"], reason="not needed any more")
    over = yield call("wait_for_execution", execution_id=begun["execution_id"], timeout=60.0)
    assert over["status"] == "CANCELLED"


@task
def let_somebody_pass() -> Task:
    begun = yield call("execute_plan", plan=plan(rest(1.0), rest(0.2, "after")))
    yield call("pause", execution_id=begun["execution_id"], reason="somebody passes")
    seen = yield call("get_execution", execution_id=begun["execution_id"])
    assert seen["status"] == "PAUSED"
    yield call("resume", execution_id=begun["execution_id"])
    over = yield call("wait_for_execution", execution_id=begun["execution_id"], timeout=60.0)
    assert over["status"] == "COMPLETED"


@task
def tell_it_that_the_door_is_open() -> Task:
    waits = {"id": "door", "action_type": "wait_for_signal", "signal": "door", "timeout": 60.0}
    begun = yield call("execute_plan", plan=plan(waits, signals={"door": {"type": "string"}}))
    name = begun["execution_id"]
    wrong = yield call("send_signal", execution_id=name, name="dor", value='"open"')
    assert "door" in wrong["refused"]
    yield call("send_signal", execution_id=name, name="door", value='"open"')
    over = yield call("wait_for_execution", execution_id=name, timeout=60.0)
    assert over["status"] == "COMPLETED"


# ---------------------------------------------------------------------------- being refused


@task
def want_what_is_not_allowed() -> Task:
    turn = {"id": "turn", "action_type": "spin", "parameters": {"angle": 1.0}}
    report = yield call("validate_plan", plan=plan(turn))
    assert (report["valid"], report["may_run"]) == (True, False)
    text = (yield call("execute_plan", plan=plan(turn)))["refused"]
    assert "spin is not allowed" in text


@task
def want_too_much() -> Task:
    assert "at most 10" in (yield call("execute_plan", plan=plan(rest(11.0))))["refused"]
    begun = yield call("execute_plan", plan=plan(rest(9.0)))
    text = (yield call("execute_plan", plan=plan(rest(1.0))))["refused"]
    assert "run already" in text
    yield call("cancel", execution_id=begun["execution_id"])
    yield call("wait_for_execution", execution_id=begun["execution_id"], timeout=60.0)


@task
def want_to_come_back_every_hour() -> Task:
    text = plan(SPEAK, schedule={"cron": "0 * * * *"})
    assert "only people set schedules" in (yield call("execute_plan", plan=text))["refused"]


@task
def want_to_answer_for_a_person() -> Task:
    begun = yield call("execute_plan", plan=plan({**SPEAK, "require_confirmation": True}))
    name = begun["execution_id"]
    seen = yield call("wait_for_execution", execution_id=name, timeout=5.0)
    assert seen["questions"]
    text = (yield call("confirm", execution_id=name, action_id="say", approve=True))["refused"]
    assert "a person has to answer" in text
    yield call("cancel", execution_id=name)
    over = yield call("wait_for_execution", execution_id=name, timeout=60.0)
    assert over["status"] == "CANCELLED"


@task
def ask_for_what_was_never_there() -> Task:
    assert "no execution" in (yield call("get_execution", execution_id="never"))["refused"]
    assert "no execution" in (yield call("explain_failure", execution_id="never"))["refused"]
    assert (yield call("list_executions", limit=3))["total"] >= 1


# ---------------------------------------------------------------------------- whole errands


@long_task
def bring_the_red_cup() -> Task:
    seen = yield call("rehearse_plan", command="bring me the red cup")
    assert seen["would_succeed"]
    begun = yield call("execute_command", command="bring me the red cup")
    over = yield call("wait_for_execution", execution_id=begun["execution_id"], timeout=300.0)
    assert over["status"] == "COMPLETED"


@long_task
def make_a_round_and_come_home() -> Task:
    world = yield call("describe_world")
    names = [name for name in world["places"] if "{" not in name][:4]
    steps = [{**to(name), "id": f"go_{number}"} for number, name in enumerate(names)]
    seen = yield call("rehearse_plan", plan=plan(*steps))
    assert seen["would_succeed"]
    over = yield from run(plan(*steps))
    assert over["status"] == "COMPLETED"


@long_task
def tidy_up_and_put_it_back() -> Task:
    for words in ("bring me the red cup", "put it on the kitchen table"):
        begun = yield call("execute_command", command=words)
        if "refused" in begun:
            continue
        over = yield call("wait_for_execution", execution_id=begun["execution_id"], timeout=300.0)
        assert over["final"]
