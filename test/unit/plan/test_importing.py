"""Behaviour trees and PDDL plans as plan documents: what they become, and what is told."""

from pathlib import Path

import pytest
import yaml

from execution_orchestrator.capabilities.loading import load_robot
from execution_orchestrator.cli.import_plan import main
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.status import ExecutionStatus
from execution_orchestrator.plan.importing import NotImportableError, import_plan
from execution_orchestrator.plan.importing.table import Table
from execution_orchestrator.plan.issues import Severity
from execution_orchestrator.runtime.intake import Intake
from test.unit.engine.driving import Rig

CONFIG = Path(__file__).parents[3] / "config"
PLANS = Path(__file__).parents[3] / "plans"
TABLE = Table.model_validate(
    {
        "actions": {
            "Fetch": {
                "action_type": "detect_objects",
                "parameters": {},
                "outputs": {"found": "objects"},
            },
            "Grab": {"action_type": "pick_up_object", "parameters": {"object_id": "{what}"}},
            "paint": {
                "action_type": "speak",
                "arguments": ["robot", "wall"],
                "parameters": {"text": "{wall}"},
            },
        },
        "conditions": {"BatteryOk": "robot.battery > {least}", "DoorOpen": "input.open"},
    }
)


@pytest.fixture(scope="module")
def intake():
    return Intake(load_robot([CONFIG / "capabilities.yaml"]).model)


def tree(body, attributes='BTCPP_format="4"', others=""):
    text = (
        f'<root {attributes}>\n<BehaviorTree ID="Main">\n{body}\n</BehaviorTree>\n{others}</root>'
    )
    return import_plan(text.encode(), TABLE)


def valid(intake, imported):
    """Return the actions of a plan that has no error."""
    prepared = intake.prepare("", yaml.safe_dump(imported.plan), "{open: true, goal: kitchen}")
    errors = [one for one in prepared.issues if one.severity is Severity.ERROR]
    assert errors == []
    return imported.plan["actions"]


def spin(angle=1.0):
    return f'<Spin spin_dist="{angle}"/>'


SPIN = {"action_type": "spin", "parameters": {"angle": 1.0}}
ONCE = {**SPIN, "retry": {"max_attempts": 1}}  # what follows its failure is said by the tree


def bare(value):
    """Leave the ids out."""
    if isinstance(value, list):
        return [bare(one) for one in value]
    if isinstance(value, dict):
        return {key: bare(one) for key, one in value.items() if key != "id"}
    return value


@pytest.mark.parametrize(
    ("body", "becomes"),
    [
        (f"<Sequence>{spin()}{spin()}</Sequence>", {"action_type": "sequence", "actions": [SPIN, SPIN]}),
        (f"<Fallback>{spin()}{spin()}</Fallback>",
         {"action_type": "try", "actions": [ONCE], "catch": [{"errors": [], "actions": [ONCE]}]}),
        (f"<TryCatch>{spin()}{spin()}</TryCatch>",
         {"action_type": "try", "actions": [ONCE],
          "catch": [{"errors": [], "actions": [SPIN], "rethrow": True}]}),
        ('<LoopDouble queue="1;2.5" value="{v}"><Spin spin_dist="{v}"/></LoopDouble>',
         {"action_type": "foreach", "items": [1.0, 2.5],
          "actions": [{**SPIN, "parameters": {"angle": "{{ item }}"}}]}),
        ('<LoopDouble queue="{q}" value="{v}"><Spin spin_dist="{v}"/></LoopDouble>',
         {"action_type": "foreach", "items": "input.q",
          "actions": [{**SPIN, "parameters": {"angle": "{{ item }}"}}]}),
        ('<RetryUntilSuccessful num_attempts="2"><Sleep msec="500"/></RetryUntilSuccessful>',
         {"action_type": "sequence", "actions": [{"action_type": "delay", "duration": 0.5}],
          "retry": {"max_attempts": 2, "initial_delay": 0.0}}),
        (f'<Parallel success_count="1">{spin()}{spin()}</Parallel>',
         {"action_type": "parallel", "actions": [SPIN, SPIN], "race": True}),
        (f'<Parallel success_count="1" failure_count="2">{spin()}{spin()}</Parallel>',
         {"action_type": "parallel", "actions": [SPIN, SPIN], "success": 1}),
        (f'<Parallel success_threshold="1">{spin()}<KeepRunningUntilFailure><DoorOpen/>'
         '</KeepRunningUntilFailure></Parallel>',
         {"action_type": "parallel", "race": True, "actions": [SPIN, {
             "action_type": "sequence", "actions": [
                 {"action_type": "wait_for", "until": "!(input.open)"},
                 {"action_type": "delay", "duration": 0.0, "preconditions": ["false"]}]}]}),
        (f'<Parallel failure_count="2">{spin()}{spin()}</Parallel>',
         {"action_type": "parallel", "actions": [SPIN, SPIN], "on_first_failure": "finish"}),
        (f'<RetryUntilSuccessful num_attempts="3">{spin()}</RetryUntilSuccessful>',
         {**SPIN, "retry": {"max_attempts": 3, "initial_delay": 0.0}}),
        (f'<Repeat num_cycles="3">{spin()}</Repeat>',
         {"action_type": "repeat", "max_iterations": 3, "actions": [SPIN]}),
        (f'<Timeout msec="2500">{spin()}</Timeout>', {**SPIN, "timeout": 2.5}),
        (f"<ForceSuccess>{spin()}</ForceSuccess>",
         {**ONCE, "critical": False, "on_failure": "continue"}),
        (f'<ReactiveSequence><BatteryOk least="0.2"/>{spin()}</ReactiveSequence>',
         {**SPIN, "while": "robot.battery > 0.2", "on_guard_failed": "fail"}),
        (f'<ReactiveSequence><Inverter><Condition ID="DoorOpen"/></Inverter>{spin()}</ReactiveSequence>',
         {**SPIN, "while": "!(input.open)", "on_guard_failed": "fail"}),
        (f"<ReactiveFallback><DoorOpen/>{spin()}</ReactiveFallback>",
         {**SPIN, "while": "!(input.open)", "on_guard_failed": "skip"}),
        ('<Sequence><Script code="n := 3; m := n * 2"/><Spin spin_dist="1" _skipIf="m > 5 && !open"/></Sequence>',
         {**SPIN, "condition": "!((3 * 2) > 5 && !input.open)"}),
        ('<Spin spin_dist="1" _while="open"/>',
         {**SPIN, "while": "input.open", "on_guard_failed": "skip"}),
        # What Nav2 takes for a port that is left out, and what its first releases called things.
        ("<BackUp/>",
         {"action_type": "back_up", "parameters": {"distance": 0.15, "speed": 0.025}}),
        # The sign of a speed says nothing here, and that of a distance backwards nothing to Nav2.
        ('<BackUp backup_dist="-0.3" backup_speed="-0.1"/>',
         {"action_type": "back_up", "parameters": {"distance": 0.3, "speed": 0.1}}),
        ('<DriveOnHeading dist_to_travel="-0.3" speed="-0.1"/>',
         {"action_type": "drive_on_heading", "parameters": {"distance": -0.3, "speed": 0.1}}),
        ("<Wait/>", {"action_type": "wait", "parameters": {"duration": 1.0}}),
        ("<Spin/>", {"action_type": "spin", "parameters": {"angle": 1.57}}),
        ('<NavigateToPose goal="${goal}"/>',
         {"action_type": "navigate_to", "parameters": {"target_location": "{{ input.goal }}"}}),
        (f'<ParallelNode threshold="1">{spin()}{spin()}</ParallelNode>',
         {"action_type": "parallel", "actions": [SPIN, SPIN], "success": 1}),
        (f"<IfThenElse><DoorOpen/>{spin()}{spin()}</IfThenElse>",
         {"action_type": "conditional", "if": "input.open", "then": [SPIN], "else": [SPIN]}),
    ],
)  # fmt: skip
def test_a_node_has_its_equivalent(intake, body, becomes):
    imported = tree(body)
    assert bare(valid(intake, imported)) == [becomes]
    assert imported.notes == ()


def test_a_branch_over_an_action_goes_by_whether_it_succeeded(intake):
    body = f"<IfThenElse>{spin()}{spin(2.0)}{spin(3.0)}</IfThenElse>"
    work, branch = valid(intake, tree(body))
    assert work["on_failure"] == "continue"
    assert branch["if"] == f"actions.{work['id']}.status == 'SUCCEEDED'"
    assert [branch[way][0]["parameters"]["angle"] for way in ("then", "else")] == [2.0, 3.0]


def test_included_files_are_read_beside_the_one_that_names_them(tmp_path, capsys):
    def made(name, body, attributes=""):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f'<root BTCPP_format="4" {attributes}>{body}</root>')
        return tmp_path / name

    calls = '<BehaviorTree ID="Main"><Sequence><SubTree ID="A"/><SubTree ID="B"/></Sequence></BehaviorTree>'
    main_file = made(
        "main.xml", f'<include path="sub/a.xml"/>{calls}', 'main_tree_to_execute="Main"'
    )
    made("sub/a.xml", f'<include path="../b.xml"/><BehaviorTree ID="A">{spin()}</BehaviorTree>')
    made(
        "b.xml",
        f'<include path="sub/a.xml"/>\n<BehaviorTree ID="B"><Juggle/>{spin(2.0)}</BehaviorTree>',
    )
    assert main([str(main_file)]) == 1
    told = capsys.readouterr()
    (block,) = yaml.safe_load(told.out)["actions"]
    assert [one["action_type"] for one in block["actions"]] == ["spin", "juggle", "spin"]
    assert "b.xml:2: Juggle: no action" in told.err
    (tmp_path / "b.xml").write_text("<root>")
    assert main([str(main_file)]) == 2
    assert "b.xml: line 1: this is no XML" in capsys.readouterr().err.replace("\n", "")
    (tmp_path / "b.xml").unlink()
    assert main([str(main_file)]) == 1
    # Who includes it last is still told of it.
    assert "there is no tree 'B' in the file" in capsys.readouterr().err.replace("\n", "")


def test_an_inverted_action_fails_when_the_action_does_not(intake):
    work, check = valid(intake, tree(f"<Inverter>{spin()}</Inverter>"))
    assert work["on_failure"] == "continue"
    assert check["preconditions"] == [f"!(actions.{work['id']}.status == 'SUCCEEDED')"]


def test_the_blackboard_becomes_outputs_inputs_and_constants(intake):
    body = """<Sequence>
      <Fetch found="{things}"/>
      <SetBlackboard value="1.5;2.0;0.5" output_key="goal"/>
      <SubTree ID="Go" target="{goal}" seen="{things}"/>
      <NavigateToPose goal="{there}"/>
    </Sequence>"""
    sub = """<BehaviorTree ID="Go"><Sequence><NavigateToPose goal="{target}"/>
      <Grab what="{seen}"/></Sequence></BehaviorTree>"""
    imported = tree(body, 'BTCPP_format="4" main_tree_to_execute="Main"', sub)
    (block,) = imported.plan["actions"]
    look, inside, last = block["actions"]
    go, grab = inside["actions"]
    assert look["action_type"] == "detect_objects"
    assert go["parameters"] == {"target_location": {"x": 1.5, "y": 2.0, "yaw": 0.5}}
    assert grab["parameters"] == {"object_id": "{{ actions.fetch.output.objects }}"}
    assert last["parameters"] == {"target_location": "{{ input.there }}"}


def test_where_ways_meet_a_value_is_that_of_the_way_that_was_taken():
    body = """<Sequence>
      <Fallback>
        <Sequence><Spin/><Script code="said := 'turned'"/></Sequence>
        <ForceFailure><Script code="said := 'stuck'"/></ForceFailure>
      </Fallback>
      <SaySomething message="{said}"/>
      <Fallback><Fetch name="near" found="{things}"/><Fetch name="far" found="{things}"/></Fallback>
      <Grab what="{things}"/>
      <IfThenElse><DoorOpen/><Script code="door := 'open'"/><Script code="door := 'shut'"/></IfThenElse>
      <SaySomething message="{door}"/>
    </Sequence>"""
    imported = tree(body)
    (block,) = imported.plan["actions"]
    _, turned, _, grab, door = block["actions"]
    assert turned["parameters"] == {"text": "turned"}
    assert grab["parameters"]["object_id"] == (
        "{{ (actions.near.status == 'SUCCEEDED' ? actions.near.output.objects : "
        "actions.far.output.objects) }}"
    )
    assert door["parameters"] == {"text": "{{ input.door }}"}
    assert [note.what for note in imported.notes] == ["IfThenElse"]
    assert "depends on the way that was taken" in imported.notes[0].text


def test_what_was_set_before_anything_could_fail_is_known_to_the_next_way(intake):
    body = """<Fallback>
      <Sequence><Script code="a := 1"/><Spin/><Script code="b := 2"/></Sequence>
      <Sequence><SaySomething message="{a}"/><SaySomething message="{b}"/></Sequence>
    </Fallback>"""
    (made,) = valid(intake, tree(body))
    (way,) = made["catch"][0]["actions"]
    assert [one["parameters"]["text"] for one in way["actions"]] == ["1", "{{ input.b }}"]


def test_a_subtree_of_version_3_names_entries_without_braces(intake):
    sub = """<BehaviorTree ID="Go"><Sequence><NavigateToPose goal="{target}"/>
      <SetBlackboard output_key="result" value="there"/></Sequence></BehaviorTree>"""
    body = """<Sequence><SetBlackboard output_key="where" value="1;3;0"/>
      <SubTree ID="Go" target="where" result="told"/><SaySomething message="{told}"/></Sequence>"""
    (block,) = valid(intake, tree(body, 'main_tree_to_execute="Main"', sub))
    go, say = block["actions"]
    assert go["parameters"]["target_location"] == {"x": 1.0, "y": 3.0, "yaw": 0.0}
    assert say["parameters"] == {"text": "there"}


def test_what_nav2_does_itself_is_one_drive_and_told_with_its_lines(intake):
    body = """<RecoveryNode number_of_retries="2" name="All">
    <PipelineSequence>
      <PlannerSelector selected_planner="{p}" default_planner="GridBased"/>
      <RateController hz="1.0">
        <RecoveryNode number_of_retries="1"><ComputePathToPose goal="{goal}" path="{path}"/>
          <ClearEntireCostmap service_name="x"/></RecoveryNode>
      </RateController>
      <FollowPath path="{path}"/>
    </PipelineSequence>
    <RoundRobin><ClearEntireCostmap service_name="y"/><Spin spin_dist="1.57"/><Wait wait_duration="5.0"/></RoundRobin>
    </RecoveryNode>"""
    imported = tree(body)
    (block,) = valid(intake, imported)
    assert bare(block["actions"]) == [
        {"action_type": "navigate_to", "parameters": {"target_location": "{{ input.goal }}"}}
    ]
    assert block["retry"]["max_attempts"] == 3
    assert block["catch"][0]["rethrow"]
    told = {(note.what, note.line) for note in imported.notes}
    assert {("PlannerSelector", 5), ("ComputePathToPose", 7), ("FollowPath", 10)} <= told


def test_a_tree_of_the_first_nav2_is_one_drive(intake):
    imported = tree(
        '<Fallback><goalReached/><Sequence><ComputePathToPose goal="${goal}" path="${path}"/>'
        '<FollowPath path="${path}"/></Sequence></Fallback>'
    )
    (drive,) = valid(intake, imported)
    assert (drive["action_type"], drive["parameters"]) == (
        "navigate_to",
        {"target_location": "{{ input.goal }}"},
    )
    assert {note.what for note in imported.notes} == {
        "goalReached",
        "ComputePathToPose",
        "FollowPath",
    }


def test_rounds_whose_number_is_known_at_run_time_are_a_loop(intake):
    imported = tree(f'<Repeat num_cycles="{{count}}">{spin()}</Repeat>')
    assert bare(valid(intake, imported)) == [
        {
            "action_type": "while",
            "if": "index < int(input.count)",
            "max_iterations": 1000,
            "actions": [SPIN],
        }
    ]
    assert [note.what for note in imported.notes] == ["Repeat"]


def test_where_an_error_is_written_is_told_only_if_something_reads_it(intake):
    wait = '<Wait wait_duration="1" error_code_id="{code}"/>'
    assert tree(f"<Sequence>{wait}{spin()}</Sequence>").notes == ()
    read = tree(f'<Sequence>{wait}<Spin spin_dist="1" _skipIf="code == 3"/></Sequence>')
    assert [note.what for note in read.notes] == ["Wait"]


def test_nothing_unknown_is_dropped(intake):
    imported = tree('<Sequence><OpenTheDoor speed="0.5"/><IsRaining/></Sequence>')
    (block,) = imported.plan["actions"]
    assert [one["action_type"] for one in block["actions"]] == ["open_the_door", "is_raining"]
    assert [note.line for note in imported.notes] == [3, 3]
    assert any("under conditions" in note.text for note in imported.notes)
    prepared = intake.prepare("", yaml.safe_dump(imported.plan), "")
    assert {one.code for one in prepared.issues} >= {"ACTION_TYPE_UNKNOWN"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("<root><BehaviorTree ID='A'>", "line 1: this is no XML"),
        ("<!DOCTYPE x [<!ENTITY a 'b'>]><root/>", "document type"),
        ("<root BTCPP_format='4'/>", "its trees are: none"),
        ("<robot/>", "not <root>"),
        ("<root>" + "<a>" * 200, "inside"),
        ("hello", "no step of a plan"),
        ("<root><BehaviorTree ID='A'><AlwaysSuccess/></BehaviorTree></root>", "nothing"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(text, told):
    with pytest.raises(NotImportableError, match=told):
        import_plan(text.encode(), TABLE)


def test_a_tree_inside_itself_ends(intake):
    imported = tree('<Sequence><Spin spin_dist="1"/><SubTree ID="Main"/></Sequence>')
    assert any("inside itself" in note.text for note in imported.notes)
    valid(intake, imported)


def test_scripts_with_bare_signs_are_read(intake):
    imported = tree('<Sequence><Spin spin_dist="1" _skipIf="1 < 2 && open"/></Sequence>')
    assert valid(intake, imported)[0]["condition"] == "!(1 < 2 && input.open)"


PDDL = """; Plan found with metric 15.0
; States evaluated so far: 7
0.000: (move r2d2 kitchen bedroom)  [5.000]
0.000: (paint c3po wall)  [10.000]
5.001: (move r2d2 bedroom kitchen)  [5.000]
10.002: (paint c3po door)  [1.000]
number_literals: 4
"""


def test_times_become_what_waits_for_what(intake):
    imported = import_plan(PDDL.encode(), TABLE)
    away, wall, home, door = valid(intake, imported)
    assert away["parameters"] == {"target_location": "bedroom"}
    assert away["estimated_duration"] == 5.0
    assert (away["depends_on"], wall["depends_on"]) == ([], [])
    assert home["depends_on"] == [away["id"]]
    assert door["depends_on"] == [wall["id"], home["id"]]
    assert [note.line for note in imported.notes] == [4, 7]
    assert "2 robots (r2d2, c3po)" in imported.notes[0].text


TALK = b"""Number of literals: 13
b (2.000 | 10.0);;;; Solution Found
; Cost: 9.0
0.000: (move r a shelf) [9.0]
* All goal deadlines now no later than 9.0
;;;; Solution Found
0.000: (move r a kitchen) [5.0]
"""


def test_of_several_plans_of_a_planner_the_last_counts_and_its_talk_is_one_note():
    imported = import_plan(TALK, TABLE)
    assert [one["id"] for one in imported.plan["actions"]] == ["move_r_a_kitchen"]
    assert [(note.line, note.text) for note in imported.notes] == [
        (1, "3 lines are no steps of a plan, and are left out"),
        (6, "the plan before it is left out: this one came later"),
    ]


@pytest.mark.parametrize(
    ("before", "between", "after"),
    [
        ("; Plan found with metric 9.0\n", "; Plan found with metric 5.0\n", ""),
        ("solution found:\nLast plan computed:\n", "solution found:\nLast plan computed:\n",
         "Solution number: 2\nTotal time: 0.01\n"),
        ("plan:\n", "> get plan\nplan:\n", ""),
        ("", "Solution number: 1\n", "Solution number: 2\n"),
    ],
)  # fmt: skip
def test_of_several_plans_the_last_counts_however_the_planner_heads_them(before, between, after):
    worse, better = "0.000: (move r a shelf) [9.0]\n", "0.000: (move r a kitchen) [5.0]\n"
    imported = import_plan(f"{before}{worse}{between}{better}{after}".encode(), TABLE)
    assert [one["id"] for one in imported.plan["actions"]] == ["move_r_a_kitchen"]
    assert "the plan before it is left out: this one came later" in [
        note.text for note in imported.notes
    ]


@pytest.mark.parametrize(
    "text",
    [b"0.0: (MOVE r a kitchen) [D:5.0; C:1.0]\n",
     b"items:\n- {time: 0.0, action: (move r a kitchen), duration: 5.0}\n",
     b"plan: \n0:\t(move r a kitchen)\t[5]\n",
     b"\xef\xbb\xbf0.0: (MOVE R A KITCHEN) [5.0]\n",
     b"TimeTriggeredPlan:\n    0.0: move(r, a, kitchen) [5.0]\n"],
)  # fmt: skip
def test_a_plan_is_read_as_several_tools_write_it(text):
    (action,) = import_plan(text, TABLE).plan["actions"]
    assert (action["id"], action["estimated_duration"]) == ("move_r_a_kitchen", 5.0)


@pytest.mark.parametrize(
    "text",
    [
        b"ff: found legal plan as follows\n\nstep    0: MOVE R A KITCHEN\n        1: MOVE R A SHELF\n",
        b"SequentialPlan:\n    move(r, a, kitchen)\n    move(r, a, shelf)\n",
    ],
)
def test_numbered_and_called_steps_are_one_after_the_other(text):
    one, other = import_plan(text, TABLE).plan["actions"]
    assert one["parameters"] == {"target_location": "kitchen"}
    assert (one["depends_on"], other["depends_on"]) == ([], [one["id"]])


SHOWN_BY_ROS2 = """items:
- time: 0.0
  action: (move r2 hall kitchen)
  duration: 5.0
---
items:
- time: 0.0
  action: (move r2 kitchen hall)
  duration: 5.0
- time: 5.001
  action: (paint r2 wall)
  duration: 3.0
---
"""


def test_of_messages_that_are_shown_the_last_counts():
    imported = import_plan(SHOWN_BY_ROS2.encode(), TABLE)
    assert [one["id"] for one in imported.plan["actions"]] == [
        "move_r2_kitchen_hall", "paint_r2_wall",
    ]  # fmt: skip
    assert any("this one came later" in note.text for note in imported.notes)


def test_steps_of_one_moment_may_stand_in_one_line():
    imported = import_plan(b"0: (paint r2 wall) (paint c3 door)\n1: (paint r2 door)\n", TABLE)
    texts = [one["parameters"]["text"] for one in imported.plan["actions"]]
    assert texts == ["wall", "door", "door"]


def test_a_plan_without_times_is_one_after_the_other(intake):
    imported = import_plan(b"(move r a b)\n(move r b c)\n(unstack a b)\n", TABLE)
    first, second, third = imported.plan["actions"]
    assert second["depends_on"] == [first["id"]]
    assert third["depends_on"] == [second["id"]]
    assert third["parameters"] == {"argument_1": "a", "argument_2": "b"}
    assert "add it to the table" in imported.notes[0].text


def test_the_command_writes_a_plan_and_tells_what_is_missing(tmp_path, capsys):
    source, plan = tmp_path / "plan.pddl", tmp_path / "plan.yaml"
    source.write_text("0.0: (move r a kitchen) [1.0]\n")
    assert main([str(source), "-o", str(plan)]) == 0
    assert yaml.safe_load(plan.read_text())["actions"][0]["action_type"] == "navigate_to"
    source.write_text("0.0: (juggle a) [1.0]\n")
    assert main([str(source)]) == 1
    assert f"{source}:1: juggle: no action" in capsys.readouterr().err.replace("\n", "")
    assert main([str(tmp_path / "none.xml")]) == 2
    table = tmp_path / "table.yaml"
    table.write_text("actions: {juggle: {action: x}}")
    assert main([str(source), "--map", str(table)]) == 2


@pytest.mark.parametrize(
    ("source", "plan"),
    [("fetch_cup.xml", "from_tree.yaml"), ("deliver_cup.pddl", "from_pddl.yaml")],
)
def test_the_shipped_plans_are_what_their_sources_become(capsys, source, plan):
    others = PLANS / "others"
    assert main([str(others / source), "--map", str(others / "table.yaml")]) == 0
    assert (PLANS / plan).read_text().partition("\n")[2] == capsys.readouterr().out


def test_ports_stand_also_inside_what_a_row_says(intake):
    rows = {
        "Say": {"action_type": "speak", "parameters": {"text": "{who}, go to {place}, {x}."}},
        "Go": {
            "action_type": "navigate_to",
            "parameters": {"target_location": {"x": "{x}", "y": "{y}", "yaw": "{yaw}"}},
        },
        "call": {
            "action_type": "speak",
            "arguments": ["robot", "who"],
            "parameters": {"text": "{who}!"},
        },
    }
    table = Table.model_validate({"actions": rows})
    body = '<Sequence><Say who="Eva" place="{goal}"/><Go x="1.5" y="{y}"/></Sequence>'
    text = f'<root BTCPP_format="4"><BehaviorTree ID="Main">{body}</BehaviorTree></root>'
    (block,) = import_plan(text.encode(), table).plan["actions"]
    say, go = block["actions"]
    assert say["parameters"] == {"text": "Eva, go to {{ input.goal }}, {x}."}
    assert go["parameters"] == {"target_location": {"x": 1.5, "y": "{{ input.y }}"}}
    (call,) = import_plan(b"0.0: (call r2 eva)", table).plan["actions"]
    assert call["parameters"] == {"text": "eva!"}


def carried_out(
    intake, imported, fails=(), context="{goal: {x: 1.0, y: 2.0}, battery: 50}", *, recoverable=True
):
    """Run an imported plan; the goals whose keys begin with a name in ``fails`` fail once each."""
    prepared = intake.prepare("", yaml.safe_dump(imported.plan), context)
    assert prepared.plan is not None, prepared.issues
    rig = Rig()
    rig.feed(s.Submit(execution_id="e", plan=prepared.plan, input=prepared.input))
    left = list(fails)
    for done in range(60):
        rig.wait(2.0)
        if rig.execution().is_final or done == len(rig.sent):
            break
        key = rig.sent[done]
        name = next((one for one in left if key.rpartition("/")[2].startswith(one)), None)
        if name is None:
            rig.succeed(key)
        else:
            left.remove(name)
            rig.fail(key, recoverable=recoverable)
    assert rig.execution().is_final
    return rig.execution().status, [key.rpartition("/")[2] for key in rig.sent]


ROUND = """<Repeat num_cycles="2"><Sequence>
  <NavigateToPose goal="1.0;2.0;0.0"/>
  <Fallback><Spin name="look" spin_dist="1.57"/><BackUp name="free" backup_dist="0.3"/></Fallback>
  <IfThenElse><ScriptCondition code="battery > 20"/>
    <Wait name="rest" wait_duration="1"/><NavigateToPose name="home" goal="0;0;0"/></IfThenElse>
</Sequence></Repeat>"""
NAV2 = """<RecoveryNode number_of_retries="3" name="Recovery">
  <PipelineSequence><RateController hz="1.0"><ComputePathToPose goal="{goal}" path="{path}"/>
    </RateController><FollowPath path="{path}"/></PipelineSequence>
  <RoundRobin><ClearEntireCostmap service_name="x"/><Spin spin_dist="1.57"/></RoundRobin>
</RecoveryNode>"""


def test_an_imported_tree_runs_as_it_did_before(intake):
    status, sent = carried_out(intake, tree(ROUND), fails=["look"], recoverable=False)
    assert status is ExecutionStatus.COMPLETED
    once = ["navigate_to_pose", "look", "rest"]
    assert sent == [*once[:2], "free", "rest", *once]


def test_of_a_goal_in_a_fallback_the_tree_alone_says_what_follows_its_failure(intake):
    body = f"<Fallback><NavigateToPose name='far' goal='1;2;0'/>{spin()}</Fallback>"
    status, sent = carried_out(intake, tree(body), fails=["far"])
    assert status is ExecutionStatus.COMPLETED
    assert sent == ["far", "spin"]
    body = "<RetryUntilSuccessful num_attempts='2'><NavigateToPose name='far' goal='1;2;0'/></RetryUntilSuccessful>"
    assert carried_out(intake, tree(body), fails=["far"] * 2)[1] == ["far"] * 2
    # Where the tree says nothing of it, the capability tries again.
    alone = tree("<NavigateToPose name='far' goal='1;2;0'/>")
    assert carried_out(intake, alone, fails=["far"] * 2)[1] == ["far"] * 3


def test_an_imported_navigation_recovers_and_goes_on(intake):
    status, sent = carried_out(intake, tree(NAV2), fails=["follow_path"] * 3)
    assert status is ExecutionStatus.COMPLETED
    # The capability tries again by itself, before the tree recovers.
    assert sent == [*["follow_path"] * 3, "spin", "follow_path"]


def test_an_imported_plan_of_a_planner_runs_in_its_order(intake):
    text = b"0.000: (move r a kitchen) [5.0]\n0.000: (paint r wall) [1.0]\n5.001: (move r b shelf) [5.0]"
    status, sent = carried_out(intake, import_plan(text, TABLE))
    assert status is ExecutionStatus.COMPLETED
    assert sent.index("move_r_a_kitchen") < sent.index("move_r_b_shelf")
    assert "paint_r_wall" in sent


def test_a_robot_does_not_wait_for_a_path_that_has_not_grown(intake):
    imported = tree(
        '<ReactiveSequence><PathLongerOnApproach path="{path}" prox_len="3.0" length_factor="2.0">'
        '<Wait wait_duration="5.0"/></PathLongerOnApproach><FollowPath path="{path}"/>'
        "</ReactiveSequence>"
    )
    assert carried_out(intake, imported)[1] == ["follow_path"]
    assert any("what is done when it grows is left out" in note.text for note in imported.notes)


def test_a_port_that_only_counts_is_not_spoken_of():
    assert tree('<Spin spin_dist="1.57" is_recovery="false"/>').notes == ()


def test_what_fails_in_any_case_is_done_before_the_next_way(intake):
    imported = tree(f"<Fallback><ForceFailure>{spin()}</ForceFailure>{spin(2.0)}</Fallback>")
    assert carried_out(intake, imported)[1] == ["spin", "spin_2"]


@pytest.mark.parametrize(
    ("attribute", "done", "sent"),
    [
        ("_skipIf", "true", ["spin_2"]),
        ("_skipIf", "false", ["spin"]),
        ("_while", "false", ["spin_2"]),
        ("_while", "true", ["spin"]),
        ("_successIf", "true", []),
        ("_failureIf", "true", ["spin_2"]),
    ],
)
def test_a_way_that_is_skipped_is_followed_by_the_next(intake, attribute, done, sent):
    first = f'<Spin spin_dist="1.57" {attribute}="done"/>'
    for name in ("Fallback", "ReactiveFallback"):
        imported = tree(f"<{name}>{first}{spin(2.0)}</{name}>")
        assert carried_out(intake, imported, context=f"{{done: {done}}}")[1] == sent


def test_a_precondition_that_is_waited_for(intake):
    imported = tree(f'<Precondition if="battery > 20" else="RUNNING">{spin()}</Precondition>')
    (block,) = imported.plan["actions"]
    assert block["actions"][0]["until"] == "input.battery > 20"
    assert carried_out(intake, imported)[1] == ["spin"]


def test_a_value_that_counts_rounds_is_told():
    body = '<Sequence><Script code="n:=n+1"/><SaySomething message="{n}"/></Sequence>'
    told = [note.text for note in tree(f'<Repeat num_cycles="3">{body}</Repeat>').notes]
    assert any("a loop counts in iteration" in words for words in told)
    assert not any("iteration" in note.text for note in tree(body).notes)


def test_a_parallel_of_all_that_may_fail_tells_that_it_does_not_wait():
    body = f'<ParallelAll max_failures="1">{spin()}{spin(2.0)}{spin(3.0)}</ParallelAll>'
    assert "does not wait for the others once 2" in tree(body).notes[0].text


@pytest.mark.parametrize(
    ("kind", "items"), [("Int", [1, 2]), ("Double", [1.0, 2.0]), ("String", ["1", "2"])]
)
def test_the_entries_of_a_queue_have_its_type(kind, items):
    body = '<SaySomething message="{v}"/>'
    (loop,) = tree(f'<Loop{kind} queue="1;2" value="{{v}}">{body}</Loop{kind}>').plan["actions"]
    assert list(map(repr, loop["items"])) == list(map(repr, items))


def test_a_decorator_that_nobody_knows_keeps_the_plan_from_running(intake):
    imported = tree(f"<Sequence><inverter>{spin()}</inverter>{spin(2.0)}</Sequence>")
    assert [note.what for note in imported.notes] == ["inverter"]
    prepared = intake.prepare("", yaml.safe_dump(imported.plan), "")
    assert [
        (one.code, one.pointer) for one in prepared.issues if one.severity is Severity.ERROR
    ] == [("ACTION_TYPE_UNKNOWN", "/actions/0/actions/0/action_type")]


def test_for_each_of_moveit_pro_goes_over_a_list_of_the_blackboard(intake):
    imported = tree(
        '<ForEach vector_in="{cups}" out="{cup}" index="{at}" _collapsed="true">'
        '<Sequence><Grab what="{cup}"/><SaySomething message="{at}"/></Sequence></ForEach>'
    )
    (loop,) = valid(intake, imported)
    assert loop["items"] == "input.cups"
    grab, say = loop["actions"][0]["actions"]
    assert grab["parameters"] == {"object_id": "{{ item }}"}
    assert say["parameters"] == {"text": "{{ index }}"}
    assert [note.text for note in imported.notes] == []


def test_a_value_of_an_outer_loop_is_never_taken_for_one_of_the_inner_loop(intake):
    imported = tree(
        '<ForEach vector_in="{rows}" out="{row}"><Sequence>'
        '<LoopString queue="a;b" value="{column}"><Sequence><SaySomething message="{column}"/>'
        '<SaySomething message="{row}"/></Sequence></LoopString>'
        '<SaySomething message="{row}"/></Sequence></ForEach>'
    )
    assert [note.text for note in imported.notes if "row" in note.text] != []
    prepared = intake.prepare("", yaml.safe_dump(imported.plan), "{rows: [x]}")
    (error,) = [one for one in prepared.issues if one.severity is Severity.ERROR]
    assert error.code == "EXPRESSION_NAME_UNKNOWN"  # so that nobody is told the wrong one
    outer = imported.plan["actions"][0]["actions"][0]["actions"]
    assert outer[1]["parameters"] == {"text": "{{ item }}"}
