from html.parser import HTMLParser

from execution_orchestrator.engine.events import PictureTaken, RobotTravelled
from execution_orchestrator.monitoring.kept_map import KeptMap
from execution_orchestrator.monitoring.metrics.figures import compute_figures
from execution_orchestrator.monitoring.report.html import ReportEvent, render_html
from execution_orchestrator.monitoring.report.run_map import run_map
from execution_orchestrator.monitoring.report.timeline import Scale
from execution_orchestrator.monitoring.suggestions import suggest
from execution_orchestrator.monitoring.web.floor import Grid
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
        if tag not in ("meta", "br", "img"):
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


def test_the_label_of_a_tick_at_the_end_is_before_it():
    *others, last = Scale(0.0, 12.0).ticks()
    assert last.at_the_end
    assert not any(tick.at_the_end for tick in others)


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


def travelled():
    record = errand()
    path = ((100.0, 0.0, 0.0, 0.0), (102.5, 1.0, 0.0, 0.0), (110.0, 4.0, 2.0, 1.0))
    record.travelled = [
        RobotTravelled(time=120.0, execution_id="e1", key="go", attempt=3, path=path)
    ]
    return record


def test_the_map_has_the_way_its_end_and_where_something_failed():
    drawn = run_map(travelled())
    assert drawn.ways[0].points == "0.0,0.0 1.0,0.0 4.0,-2.0"
    (mark,) = drawn.marks
    assert (mark.x, mark.y, mark.numbers, mark.words) == (4.0, -2.0, "1", ("go (succeeded)",))
    assert [(one.x, one.title) for one in drawn.failures] == [
        (1.0, "go, attempt 1: NO_VALID_PATH"),
        (1.0, "go, attempt 2: NO_VALID_PATH"),
    ]
    assert (drawn.left, drawn.top, drawn.width, drawn.height) == (-1.0, -3.0, 6.0, 4.0)
    assert drawn.walls == ""
    assert run_map(errand()) is None


def test_what_is_occupied_is_drawn_under_the_way():
    cells = bytes([0, 100, 100, 0, 255, 0, 0, 65])  # two rows; 255 is -1: unknown
    grid = Grid("map", 0.5, 4, 2, -1.0, -1.0, 0.0, cells)
    assert run_map(travelled(), grid).walls == "M-0.5 0.5h1.0v0.5h-1.0zM0.5 0.0h0.5v0.5h-0.5z"


def test_a_large_map_is_drawn_coarser():
    cells = bytearray(1500 * 1000)
    cells[0] = 100
    grid = Grid("map", 0.05, 1500, 1000, 0.0, 0.0, 0.0, bytes(cells))
    assert run_map(travelled(), grid).walls == "M0.0 -0.2h0.2v0.2h-0.2z"


def test_the_page_has_the_map_and_the_newest_pictures_it_has_room_for(monkeypatch):
    record = travelled()
    for number, (key, attempt) in enumerate((("look", 1), ("go", 1), ("go", 2), ("go", 3))):
        record.actions[key].pictures.append(
            PictureTaken(time=101.0 + number, key=key, attempt=attempt, picture=f"{number}.jpg")
        )
    kept = {"0.jpg": b"x" * 60, "2.jpg": b"x" * 50, "3.jpg": b"<b>"}
    monkeypatch.setattr("execution_orchestrator.monitoring.report.html.PICTURE_BYTES", 100)
    page = Page()
    page.feed(render_html(record, [], picture=kept.get))
    assert page.tags.count("img") == 2  # one is gone, and the oldest has no room
    text = " ".join(page.text)
    assert "Where it went" in text
    assert "go, attempt 2 · 3.0 s" in text


def test_a_map_is_kept_for_reports(tmp_path):
    grid = Grid("map", 0.5, 4, 2, -1.0, -1.0, 0.0, bytes(8), 3)
    kept = KeptMap(tmp_path / "state")
    assert kept.read() is None
    kept.keep(grid)
    assert kept.read() == grid
    (tmp_path / "state" / "map.msgpack.gz").write_bytes(b"no map")
    assert kept.read() is None


def test_an_attempt_that_hung_is_seen():
    hung = AttemptRecord(
        1, 100.5, 100.5, 114.5, "timed_out", "TIMEOUT", "GOAL_TIMEOUT", "no answer"
    )
    hung.server = "/detect_objects"
    good = AttemptRecord(2, 115.0, 115.0, 116.0, "succeeded")
    look = ActionRecord(
        "look", "detect_objects", estimated_duration=2.0, status="SUCCEEDED", attempts=[hung, good]
    )
    record = ExecutionRecord(
        "e", status="COMPLETED", accepted=100.0, ended=128.0, actions={"look": look}
    )
    (one,) = [s for s in suggest(record, compute_figures(record)) if s.rule == "attempt_hung"]
    assert one.subject == "look"
    assert (
        one.evidence
        == "attempt 1 took 14.0 of 28.0 s until it failed (GOAL_TIMEOUT); it took 1.0 s"
    )
    hung.ended = 102.0
    assert not [s for s in suggest(record, compute_figures(record)) if s.rule == "attempt_hung"]


def test_a_run_that_failed_is_not_said_to_have_nothing_in_the_way():
    good = ExecutionRecord("e1", status="COMPLETED", accepted=100.0, ended=101.0)
    failed = ExecutionRecord("e1", status="FAILED", accepted=100.0, ended=101.0)
    assert "nothing was slow, flaky or in the way" in " ".join(render_html(good, []).split())
    told = " ".join(render_html(failed, []).split())
    assert "nothing was slow" not in told
    assert "Why it ended like this is said at the top" in told
