from rich.console import Console

from execution_orchestrator.cli.view.issues import issue_list
from execution_orchestrator.plan.issues import Issue, Severity


def drawn(issues, width=80):
    console = Console(width=width, record=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    console.print(issue_list(issues, "fetch.yaml"))
    return console.export_text()


def test_every_issue_has_its_place_its_words_and_its_cure():
    text = drawn(
        [
            Issue(
                "PLAN_FIELD_INVALID", "timeout is -3", "/timeout", "Correct it.", line=6, column=2
            ),
            Issue("ACTION_ID_MISSING", "no id", "/actions/0", severity=Severity.INFO),
        ]
    )
    assert text.splitlines() == [
        "fetch.yaml:6:2: error PLAN_FIELD_INVALID /timeout",
        "    timeout is -3",
        "    Correct it.",
        "fetch.yaml: info ACTION_ID_MISSING /actions/0",
        "    no id",
        "1 error, 1 info",
    ]


def test_a_long_pointer_is_folded_and_not_cut():
    pointer = "/actions/0" * 20
    assert pointer in drawn([Issue("X", "y", pointer)], 40).replace("\n", "")


def test_words_of_a_plan_are_no_markup():
    assert "[red]boo[/red]" in drawn([Issue("X", "[red]boo[/red]", "/a")])
