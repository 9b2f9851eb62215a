"""The command `validate` says what would run, in which order, and what is missing here."""

from execution_orchestrator.cli import validate

PLAN = """
version: 1
actions:
  - {id: a, action_type: speak, parameters: {text: hi}}
  - id: p
    action_type: conditional
    if: "true"
    then:
      - {id: b, action_type: speak, parameters: {text: hi}}
      - {id: c, action_type: speak, parameters: {text: hi}, depends_on: [b]}
      - {id: d, action_type: speak, parameters: {text: hi}}
"""
FLYING = """
version: 1
capabilities:
  fly:
    description: Fly
    interface: {kind: action, type: drone_msgs/action/Fly, name: fly}
"""


def run(tmp_path, capsys, text, *arguments):
    plan = tmp_path / "plan.yaml"
    plan.write_text(text, encoding="utf-8")
    status = validate.main([str(plan), *arguments])
    said = capsys.readouterr()
    return status, " ".join((said.out + said.err).split())


def test_the_order_of_every_list_is_written_out(tmp_path, capsys):
    status, said = run(tmp_path, capsys, PLAN, "--explain")
    assert status == 0
    assert "order of the plan: one after the other" in said
    assert "order of p/then: as depends_on says" in said
    assert "b, d start at once, side by side" in said


def test_a_missing_interface_package_is_told(tmp_path, capsys):
    own = tmp_path / "own.yaml"
    own.write_text(FLYING, encoding="utf-8")
    text = "actions: [{id: f, action_type: fly}]"
    status, said = run(tmp_path, capsys, text, "--capabilities", str(own))
    assert status == 1
    assert "note: fly cannot be used here" in said
    assert "drone_msgs/action/Fly is not installed; install or source drone_msgs" in said
    assert "ACTION_TYPE_UNAVAILABLE" in said


def test_a_plan_that_can_run_is_shown_with_what_is_inside_of_it(tmp_path, capsys):
    status, said = run(tmp_path, capsys, PLAN)
    assert status == 0
    assert "a: speak, text: hi" in said
    assert "b: speak, text: hi" in said
    _, said = run(tmp_path, capsys, PLAN, "--quiet")
    assert "proceed: 5 actions" in said
    assert "text: hi" not in said


def test_a_long_plan_is_not_written_out(tmp_path, capsys):
    action = "{id: w%d, action_type: delay, duration: 1.0}"
    many = ", ".join(action % number for number in range(validate.MOST_OUTLINED + 1))
    status, said = run(tmp_path, capsys, f"{{version: 1, actions: [{many}]}}")
    assert status == 0
    assert "w7" not in said
