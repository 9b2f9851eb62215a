"""All runs of the journal on the page: found, compared, counted, tried again."""

import re
import time

import httpx
import pytest

from execution_orchestrator.engine import inputs as st
from execution_orchestrator.plan.timetable import Timetable
from test.unit.monitoring.running import ERRAND, TIMEOUT, Running
from test.unit.monitoring.web.floors import FlatFloor
from test.unit.monitoring.web.test_page import (
    NARROW,
    accessible,
    browser,
    opened,
    page,
    playwright,
    pytestmark,
)

__all__ = ["browser", "page", "pytestmark"]
HELLO = """\
version: 1
command: say hello
actions:
  - {id: say, action_type: speak, parameters: {text: hello}}
"""


LETTERED = """\
version: 1
command: drive about
actions:
  - {id: a, action_type: navigate_to, parameters: {target_location: {x: 1, y: 1}}, critical: false}
  - {id: b, action_type: navigate_to, parameters: {target_location: {x: 2, y: 1}}, critical: false}
"""


@pytest.fixture
def running(tmp_path):
    started = Running(tmp_path, floor=FlatFloor())
    yield started
    started.stop()


def over(running, execution_id):
    """Wait until an execution has ended."""
    until = time.monotonic() + TIMEOUT
    while not ((record := running.observation.record(execution_id)) and record.ended):
        assert time.monotonic() < until, f"{execution_id} did not end"


def three_runs(running):
    """A greeting, an errand that recovered once, and one that could not go at all."""
    running.submit(HELLO, "hello")
    running.servers.succeed("say")
    over(running, "hello")
    running.submit(ERRAND, "errand")
    running.servers.fail("go")
    for key in ("announce", "arm_ready", "go", "look", "pick", "back"):
        running.servers.succeed(key)
    over(running, "errand")
    running.submit(ERRAND, "stuck")
    for key in ("announce", "arm_ready"):
        running.servers.succeed(key)
    running.servers.fail("go")
    running.servers.fail("go")
    over(running, "stuck")


def rows(page, number):
    playwright.expect(page.locator("#runs tbody tr")).to_have_count(number)


def test_what_goes_on_is_found_by_capability_error_and_robot(server, running):
    three_runs(running)
    running.submit(ERRAND, "now")
    running.servers.fail("go")
    running.servers.wait_for("go")

    def found(**query):
        answer = httpx.get(f"{server.url}api/runs", params=query).json()
        return {run["execution_id"]: run["errors"] for run in answer["runs"]}, answer

    runs, answer = found(capability="navigate_to")
    assert {"now", "errand"} <= set(runs)
    assert runs["now"]
    (code,) = runs["now"]
    assert code in answer["errors"]
    assert "now" in found(error=code)[0]
    assert "now" not in found(error="NO_SUCH_CODE")[0]
    assert "now" not in found(capability="navigate_to", error="NO_SUCH_CODE")[0]
    assert found(capability="no_such_thing", status="OPEN")[0] == {}


def test_runs_are_searched_and_filtered_and_the_filter_is_an_address(page, running):
    three_runs(running)
    page.click("#show-runs")
    rows(page, 3)
    accessible(page)
    playwright.expect(page.locator("#runs th:text-is('robot')")).to_be_hidden()
    page.select_option("#runs-filter [name=status]", "FAILED")
    rows(page, 1)
    page.wait_for_selector("#runs td:has-text('NO_VALID_PATH')")
    page.select_option("#runs-filter [name=status]", "")
    page.select_option("#runs-filter [name=capability]", "navigate_to")
    rows(page, 2)
    page.fill("#runs-filter [name=words]", "red cup")
    page.wait_for_function("() => location.hash.includes('words=red')")
    address = page.evaluate("location.hash")
    page.click("#runs-clear")
    rows(page, 3)
    page.evaluate("(at) => { location.hash = at; }", address)
    rows(page, 2)
    assert page.input_value("#runs-filter [name=words]") == "red cup"
    page.fill("#runs-filter [name=words]", "nothing like that")
    page.wait_for_selector("#runs-none:has-text('Clear')")
    page.click("#show-executions")
    page.wait_for_selector("#executions-view:visible")


def test_what_was_said_stays_with_the_view_that_said_it(page, running):
    running.servers.at_once = True
    page.fill("#say-words", HELLO)
    page.click("#say-form button")
    page.click("#say-run")
    page.wait_for_selector("#message:has-text('runs as')")
    page.click("#show-edit")
    page.wait_for_selector("#edit-view:visible")
    playwright.expect(page.locator("#message")).to_have_text("")


def test_a_run_opens_and_a_new_one_appears_by_itself(page, running):
    running.servers.at_once = True
    page.click("#show-runs")
    page.wait_for_selector("#runs-none:has-text('Nothing has run yet')")
    running.submit(HELLO, "hello")
    page.click("#runs a:text-is('say hello')")
    playwright.expect(page.locator("#detail-title")).to_have_text("say hello")
    page.go_back()
    page.wait_for_selector("#runs-list:visible")


def test_two_runs_are_compared_side_by_side(page, running):
    three_runs(running)
    page.click("#show-runs")
    page.get_by_label("Compare errand").check()
    page.get_by_label("Compare stuck").check()
    page.click("#runs-compare")
    page.wait_for_selector("#compared-runs li:has-text('go: clear_costmaps against NO_VALID_PATH')")
    assert page.locator("#compared-runs .chip").all_inner_texts() == ["completed", "failed"]
    page.wait_for_selector("#compared-actions tr:has-text('succeeded became failed')")
    figures = page.locator("#compared-figures tr:has-text('success rate') td")
    playwright.expect(figures).to_have_text(["success rate", "100%", "67%", "-33%"])
    lasted = page.locator("#compared-figures tr:has-text('total duration') td").nth(1)
    playwright.expect(lasted).to_have_text(re.compile(r"\d s$"))
    assert page.evaluate("location.hash") == "#/runs/compare/errand/stuck"
    accessible(page)
    page.click("#runs-back")
    rows(page, 3)


@pytest.mark.parametrize("page", [{}, {"scheme": "dark", "size": NARROW}], indirect=True)
def test_many_runs_tell_durations_weeks_and_places(page, running):
    three_runs(running)
    page.click("#show-runs")
    page.click("#statistics-read")
    page.wait_for_selector("#statistics-note:has-text('of 3 runs')")
    page.wait_for_selector(".distribution:has-text('navigate_to'):has-text('5 attempts')")
    page.wait_for_selector("#weeks li:has-text('2 completed, 1 failed'):has-text('67%')")
    page.wait_for_selector("#recoveries-map[data-places='1'] path")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    accessible(page)


def test_what_failed_for_good_is_tried_again_or_forgotten(page, running):
    running.submit(LETTERED, "e1")
    for key in ("a", "a", "b", "b"):  # the first failure of each is recovered
        running.servers.fail(key)
    over(running, "e1")
    page.click("#show-runs")
    letters = page.locator("#letters tbody tr")
    playwright.expect(letters).to_have_count(2)
    told = page.locator("#letters a").all_text_contents()  # many runs fail at one action
    assert sorted(told) == ["a of e1", "b of e1"]
    accessible(page)
    page.set_viewport_size({"width": 1000, "height": 800})
    state = letters.nth(0).locator("td:nth-child(6)")
    playwright.expect(state).to_have_text("waiting", timeout=15_000)
    lines = "cell => { const all = document.createRange(); all.selectNodeContents(cell); return all.getClientRects().length; }"
    assert state.evaluate(lines) == 1  # no word is broken
    again = page.get_by_label("Try a again")
    playwright.expect(again).to_be_enabled(timeout=15_000)
    again.click()
    running.servers.succeed("a")
    playwright.expect(letters).to_have_count(1)
    page.get_by_label("Forget b").click()
    page.get_by_label("Forget b").click()
    page.wait_for_selector("#letters-none:visible")


def test_schedules_are_beside_the_runs(page, running):
    page.click("#show-runs")
    page.wait_for_selector("#schedules-none:visible")
    timetable = Timetable(time_zone="UTC", cron="0 7 * * *")
    running.orchestrator.post(
        st.SetSchedule(
            schedule_id="daily",
            timetable=timetable,
            goal=st.RawGoal(command="look around"),
            command="look around",
        )
    )
    page.wait_for_selector("#all-schedules li:has-text('at 07:00 every day')")


def test_an_execution_that_is_called_runs_has_an_address(browser, server, running):
    running.submit(HELLO, "runs")
    page = opened(browser, server, at="#/%72uns")
    playwright.expect(page.locator("#detail-title")).to_have_text("say hello")
    assert page.wrong == []
    page.context.close()


@pytest.mark.parametrize("asked", [{"status": "BLUE"}, {"least": "long"}, {"words": "w" * 300}])
def test_a_query_that_means_nothing_is_refused_with_a_reason(server, asked):
    answer = httpx.get(f"{server.url}api/runs", params=asked)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_what_is_compared_has_to_be_there(server):
    asked = {"before": "a", "after": "b"}
    assert httpx.get(f"{server.url}api/runs/compare", params=asked).status_code == 404
    assert httpx.get(f"{server.url}api/runs", params={"offset": "x"}).status_code == 400
