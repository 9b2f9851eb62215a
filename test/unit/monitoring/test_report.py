from html.parser import HTMLParser

from execution_orchestrator.monitoring.metrics.figures import compute_figures
from execution_orchestrator.monitoring.report.html import ReportEvent, render_html
from execution_orchestrator.monitoring.report.timeline import Scale
from execution_orchestrator.monitoring.suggestions import suggest
from execution_orchestrator.observation import (
    ActionRecord,
    AttemptRecord,
    ExecutionRecord,
    LeaseRecord,
    RecoveryRecord,
    Replanning,
)


def errand():
    failed = AttemptRecord(
        1, 101, 101, 103, "failed", "NAVIGATION", "NO_VALID_PATH", "blocked <door>"
    )
    failed.server = "/navigate_to_pose"
    failed.said = ("controller_server: <no> valid trajectory", "bt_navigator: Goal failed")
    again = AttemptRecord(2, 105, 105, 107, "failed", "NAVIGATION", "NO_VALID_PATH", "blocked")
    again.server = "/navigate_to_pose"
    good = AttemptRecord(3, 108, 108, 120, "succeeded")
    good.server = "/navigate_to_pose"
    look = AttemptRecord(1, 120, 120, 121, "succeeded")
    return ExecutionRecord(
        "e1",
        command="bring <b>me</b> the cup",
        plan={"version": 1},
        status="COMPLETED",
        accepted=100.0,
        ended=122.0,
        actions={
            "go": ActionRecord(
                "go",
                "navigate_to",
                estimated_duration=3.0,
                status="SUCCEEDED",
                ready=100.5,
                attempts=[failed, again, good],
            ),
            "look": ActionRecord(
                "look", "detect_objects", depends_on=("go",), status="SUCCEEDED", ready=110.0,
                attempts=[look],
            ),
        },
        leases={
            "l1": LeaseRecord("l1", "base", "go", 1.0, 101.0, 120.0),
            "l2": LeaseRecord("l2", "camera", "look", 1.0, 120.0, 121.0, wanted=110.0),
        },
        recoveries=[
            RecoveryRecord("go", "spin", 103, 105, "NAVIGATION", "NO_VALID_PATH", "NEXT", "", False, False),
            RecoveryRecord("go", "spin", 107, 108, "NAVIGATION", "NO_VALID_PATH", "NEXT", "", False, False),
        ],
        pauses=[(109.0, 110.0)],
    )  # fmt: skip


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.tags, self.text, self.styles = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.styles += [value for name, value in attrs if name == "style"]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def parsed(record):
    page = Page()
    page.feed(render_html(record, [ReportEvent(101.0, "TASK_FAILED", "go", "no <path>")]))
    assert page.open == []
    return page


def test_the_page_is_one_well_formed_file_that_fetches_nothing():
    page = parsed(errand())
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    text = " ".join(page.text)
    for word in ("bring <b>me</b> the cup", "navigate_to", "NO_VALID_PATH", "spin", "no <path>"):
        assert word in text


def test_what_the_servers_said_has_a_section_of_its_own():
    text = " ".join(parsed(errand()).text)
    assert "What the servers said" in text
    assert "controller_server: <no> valid trajectory" in text
    assert "What the servers said" not in " ".join(parsed(ExecutionRecord("e", last_seen=1.0)).text)


def test_every_bar_lies_within_its_row():
    for style in parsed(errand()).styles:
        if "left" in style and "width" in style:
            left, width = (float(part.split(":")[1].rstrip("%")) for part in style.split(";")[:2])
            assert 0 <= left <= 100
            assert left + width <= 100.01


def test_a_record_with_nothing_in_it_still_makes_a_page():
    parsed(ExecutionRecord("empty", accepted=5.0, last_seen=5.0))


def test_suggestions_have_evidence():
    record = errand()
    found = {s.rule: s for s in suggest(record, compute_figures(record))}
    assert set(found) == {
        "slow_versus_estimate",
        "flaky_server",
        "serialised_on_resource",
        "recovery_never_helps",
    }
    assert found["slow_versus_estimate"].evidence == "took 12.0 s, estimated 3.0 s"
    assert found["flaky_server"].evidence == "2 of 3 attempts failed: NO_VALID_PATH x2"
    assert found["serialised_on_resource"].subject == "camera"


def test_a_good_run_has_no_suggestion():
    record = ExecutionRecord(
        "e",
        accepted=0.0,
        ended=2.0,
        actions={
            "a": ActionRecord(
                "a", "wait", status="SUCCEEDED", attempts=[AttemptRecord(1, 0, 0, 2, "succeeded")]
            )
        },
    )
    assert suggest(record, compute_figures(record)) == ()


def test_ticks_are_round_and_inside():
    for span in (0.01, 1.0, 59.0, 3600.0):
        ticks = Scale(0.0, span).ticks()
        assert 3 <= len(ticks) <= 12
        assert all(0 <= tick.left <= 100 for tick in ticks)


def test_the_outcome_of_a_recovery_and_a_new_plan_are_told_in_words():
    record = errand()
    record.recoveries[1].outcome = "RETRY"
    record.replannings.append(Replanning(108.0, ("turn", "wave"), ()))
    text = " ".join(parsed(record).text)
    assert "did not help" in text
    assert "the action was tried again" in text
    assert "8.00 s turn, wave -" in " ".join(text.split())
