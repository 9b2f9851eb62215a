"""The map and the command box in Chromium, against a running engine."""

import gzip
import json
import re

import httpx
import pytest

from execution_orchestrator.engine import inputs as st
from execution_orchestrator.monitoring.web.server import WebServer
from test.unit.monitoring.running import ASKING, Running
from test.unit.monitoring.web.floors import FlatFloor
from test.unit.monitoring.web.test_page import (
    NARROW,
    WIDE,
    accessible,
    browser,
    opened,
    page,
    playwright,
    pytestmark,
    status,
)

__all__ = ["browser", "page", "pytestmark"]


@pytest.fixture
def floor():
    return FlatFloor()


@pytest.fixture
def running(tmp_path, floor):
    started = Running(tmp_path, floor=floor, checkpoint_every=1)
    yield started
    started.stop()


def at(page, robot=""):
    return page.evaluate(f"document.querySelector('#map').dataset['robot{robot}']")


def says(page, words):
    page.fill("#say-words", words)
    page.keyboard.press("Enter")


# ------------------------------------------------------------------ the map


def test_robots_move_on_the_map_as_they_do(page, floor):
    page.wait_for_selector("#map img.floor")
    page.wait_for_function("() => document.querySelector('#map').dataset.robot === '0.00 1.00'")
    for x in (0.5, 1.0, 1.5):
        floor.move((x, 1.2))
        page.wait_for_function(
            f"() => document.querySelector('#map').dataset.robot === '{x:.2f} 1.20'"
        )
    accessible(page)


def test_a_place_an_object_or_a_point_becomes_part_of_the_command(page):
    page.wait_for_selector("#map img.floor")
    page.select_option("#map-place", "kitchen")
    playwright.expect(page.locator("#say-words")).to_have_value("go to kitchen")
    page.fill("#say-words", "")
    page.click("#map", position={"x": 350, "y": 200})
    assert page.input_value("#say-words").startswith("go to (")
    page.keyboard.press("Enter")
    page.wait_for_selector("#say-verdict.ok:has-text('1 action')")


def test_what_is_followed_stays_in_the_middle(page, floor):
    page.wait_for_selector("#map img.floor")
    page.select_option("#map-follow", "robot:")
    page.click(".leaflet-control-zoom-in")
    floor.move((3.5, 2.5))
    page.wait_for_function("() => document.querySelector('#map').dataset.robot === '3.50 2.50'")
    page.wait_for_function(
        """() => {
            const map = document.querySelector('#map').getBoundingClientRect();
            const label = document.querySelector('.robot-label').getBoundingClientRect();
            return Math.abs(label.left + label.width / 2 - map.left - map.width / 2) < 40;
        }"""
    )


WHOLE = """(whole) => {
    const map = document.querySelector('#map').getBoundingClientRect();
    const floor = document.querySelector('#map img.floor').getBoundingClientRect();
    return whole === (floor.left >= map.left && floor.right <= map.right);
}"""


def test_the_whole_map_stays_in_view_in_a_window_of_another_size(page):
    page.wait_for_selector("#map img.floor")
    page.wait_for_function(WHOLE, arg=True)
    page.set_viewport_size(NARROW)
    page.wait_for_function(WHOLE, arg=True)
    for _ in range(4):
        page.click("#map .leaflet-control-zoom-in")
    page.wait_for_function(WHOLE, arg=False)
    page.set_viewport_size({**NARROW, "width": 400})
    page.wait_for_timeout(200)  # whoever looks at a part of it goes on doing so
    page.wait_for_function(WHOLE, arg=False)


def test_a_robot_at_a_place_can_be_told_by_its_name(page, floor):
    floor.move((0.0, 0.0))  # where "home" is
    page.wait_for_function("() => document.querySelector('#map').dataset.robot === '0.00 0.00'")
    lies = "(label) => Number(getComputedStyle(label.parentElement).zIndex)"
    robot = page.locator("#map .robot-label")
    place = page.locator("#map .place-label:text-is('home')")
    assert robot.evaluate(lies) > place.evaluate(lies)


def test_an_object_on_the_map_says_what_it_is_and_grows_older(browser, server):
    context = browser.new_context(viewport=WIDE, reduced_motion="reduce")
    page = context.new_page()
    page.clock.install()
    page.goto(server.url)
    label = page.locator("#map .object-label")
    playwright.expect(label).to_have_text(re.compile(r"red cup \(cup\), 90% sure, seen \d+ s ago"))
    page.clock.fast_forward(30 * 60 * 1000)
    playwright.expect(label).to_have_text(re.compile(r"90% sure, seen 3\d min ago"))
    context.close()


def test_targets_of_the_chosen_execution_are_on_the_map(page, running):
    running.submit()
    status(page, "executing")
    page.wait_for_function("() => document.querySelector('#map').dataset.targets === '2'")
    playwright.expect(page.locator(".failure-mark")).to_have_count(1)


def test_the_costmap_takes_the_place_of_the_map(page):
    page.wait_for_selector("#map img.floor")
    before = page.get_attribute("#map img.floor", "src")
    page.select_option("#map-layer", "global")
    page.wait_for_function(
        "(before) => document.querySelector('#map img.floor').src !== before", arg=before
    )


def test_without_a_map_it_says_so(browser, tmp_path):
    running = Running(tmp_path)
    web = WebServer(running.source)
    web.start()
    page = opened(browser, web)
    page.wait_for_selector("#map-note:has-text('nothing was published on the map topic')")
    assert page.wrong == []
    page.context.close()
    web.stop()
    running.stop()


def test_a_grid_goes_out_packed_with_its_place(server):
    answer = httpx.get(f"{server.url}api/floor/map")
    about = json.loads(answer.headers["x-grid"])
    assert (about["width"], about["height"], about["resolution"]) == (50, 40, 0.1)
    assert len(answer.content) == 2000
    raw = httpx.get(f"{server.url}api/floor/map", headers={"accept-encoding": "identity"})
    assert raw.headers["content-encoding"] == "gzip" or gzip.decompress(raw.content)


# ------------------------------------------------------------------ the command box


def test_words_become_a_plan_that_is_looked_at_before_it_runs(page, running):
    says(page, "go to the kitchen and come back")
    page.wait_for_selector("#say-verdict.ok:has-text('planned by the grammar')")
    assert page.locator("#say-gantt > div").count() >= 2
    assert running.journal.executions() == []
    accessible(page)
    page.click("#say-run")
    status(page, "executing")
    order = running.desk.orders[0]
    assert order.command == "go to the kitchen and come back"
    assert "navigate_to" in order.plan
    assert order.conversation_id.startswith("page-")
    playwright.expect(page.locator("#say-words")).to_have_value("")


def test_a_plan_is_pasted_and_run(page, running):
    page.fill(
        "#say-words",
        "version: 1\nactions:\n  - {id: say, action_type: speak, parameters: {text: hello}}\n",
    )
    page.click("#say-form button")
    page.wait_for_selector("#say-verdict.ok")
    page.click("#say-run")
    running.servers.succeed("say")
    status(page, "completed")


def test_what_comes_again_and_again_says_when_before_it_is_run(page):
    says(page, "every day at 7 go to the kitchen")
    page.wait_for_selector("#say-verdict.ok:has-text('at 07:00 every day')")


def test_what_cannot_be_done_says_why_and_cannot_be_run(page, running):
    says(page, "fold the laundry")
    page.wait_for_selector("#say-verdict.bad")
    assert page.inner_text("#say-issues")
    playwright.expect(page.locator("#say-run")).to_be_hidden()
    page.fill("#say-words", "version: 1\nactions:\n  - {id: a, action_type: fly_to}\n")
    page.click("#say-form button")
    page.wait_for_selector("#say-issues li.error:has-text('line 3')")
    accessible(page)


def test_another_word_takes_the_shown_plan_away(page):
    says(page, "go to the kitchen")
    page.wait_for_selector("#say-run:visible")
    page.type("#say-words", " now")
    playwright.expect(page.locator("#say-answer")).to_be_hidden()


def test_two_commands_of_a_page_are_one_conversation_until_a_new_one(page, running):
    for number, words in enumerate(("go home", "go to the kitchen", "go home")):
        if number == 2:
            page.click("#say-new")
        says(page, words)
        page.wait_for_selector("#say-run:visible")
        page.click("#say-run")
        playwright.expect(page.locator("#say-words")).to_have_value("")
        page.wait_for_timeout(100)
    first, second, third = (order.conversation_id for order in running.desk.orders)
    assert first == second != third


def test_a_template_of_the_folder_is_taken(page, running):
    (running.plans / "greet.yaml").write_text(
        "version: 1\nactions:\n  - {id: say, action_type: speak, parameters: {text: hello}}\n"
    )
    page.focus("#say-templates")
    page.wait_for_selector("#say-templates option:text-is('greet')", state="attached")
    page.select_option("#say-templates", "greet.yaml")
    page.wait_for_selector("#say-verdict.ok:has-text('1 action')")


def test_a_run_is_run_again(page, running):
    running.servers.at_once = True
    says(page, "go home")
    page.wait_for_selector("#say-run:visible")
    page.click("#say-run")
    status(page, "completed")
    page.click("#run-again")
    page.wait_for_selector("#say-run:visible")
    page.click("#say-run")
    page.wait_for_selector("#executions li:nth-child(2)")
    assert running.desk.orders[0].plan.strip() == running.desk.orders[1].plan


def test_what_failed_goes_on_where_it_had_come_to(page, running):
    running.submit(
        "{version: 1, actions: [{id: a, action_type: speak, parameters: {text: one}},"
        " {id: b, action_type: speak, parameters: {text: two}}]}"
    )
    running.servers.succeed("a")
    for _ in range(3):
        try:
            running.servers.fail("b")
        except AssertionError:
            break
    status(page, "failed")
    page.click("#go-on")
    running.servers.succeed("b")
    status(page, "completed")


# ------------------------------------------------------------------ an action of its own


def failed_once(running):
    running.submit()
    running.servers.fail("go")
    running.servers.wait_for("go")  # the recovery cleared the costmaps, it is tried again


def test_an_action_is_chosen_in_the_table_and_tells_everything(page, running):
    failed_once(running)
    page.click("#actions a:text-is('go')")
    playwright.expect(page.locator("#action-title")).to_have_text("go")
    playwright.expect(page.locator("#action-attempts tbody tr")).to_have_count(2)
    first = page.locator("#action-attempts tbody tr").first
    assert "NO_VALID_PATH: no way there" in first.inner_text()
    assert "clear_costmaps" in page.inner_text("#action-recoveries")
    assert '"target_location"' in page.inner_text("#action-parameters")
    assert "base" in page.inner_text("#action-resources")
    page.wait_for_selector("#action-events tr:has-text('TASK_ATTEMPT_FAILED')")
    accessible(page)
    running.servers.succeed("go", distance=3.5)
    playwright.expect(page.locator("#action-output")).to_contain_text("3.5")
    page.wait_for_selector("#action-events tr:has-text('TASK_COMPLETED')")
    page.keyboard.press("Escape")
    playwright.expect(page.locator("#action")).to_be_hidden()
    assert page.evaluate("location.hash") == "#/e1"


def test_what_a_server_tells_while_it_works_is_drawn_over_time(page, running):
    running.submit()
    page.click("#actions a:text-is('go')")
    page.wait_for_selector("#action-attempts tbody tr")
    for progress, phase in ((0.1, "planning"), (0.4, "driving"), (0.8, "driving")):
        running.servers.tell("go", progress=progress, phase=phase, remaining=4.0)
    course = page.locator("#action-feedback .course")
    playwright.expect(course).to_contain_text("attempt 1: 80%, driving, about 4.0 s left after")
    playwright.expect(course).to_contain_text(re.compile("planning from .* s, driving from"))
    points = course.locator("polyline").get_attribute("points").split()
    assert [float(point.split(",")[1]) for point in points] == [36.0, 24.0, 8.0]
    accessible(page)
    running.servers.succeed("go")
    playwright.expect(course).to_contain_text("attempt 1: 80% after")


def test_an_action_is_chosen_in_the_graph_and_in_the_timeline(page, running):
    failed_once(running)
    page.wait_for_selector("#timeline .vis-item:has-text('go')")
    page.locator("#timeline .vis-item:has-text('announce')").first.click()
    playwright.expect(page.locator("#action-title")).to_have_text("announce")
    page.click("#action-close")
    graph = page.locator("#graph").bounding_box()
    page.mouse.click(graph["x"] + 40, graph["y"] + graph["height"] / 2)
    playwright.expect(page.locator("#action-title")).to_have_text(
        re.compile("go|announce|arm_ready")
    )


def test_what_is_looked_at_has_an_address(browser, server, page, running):
    failed_once(running)
    running.submit(ASKING, execution_id="e2")
    other = opened(browser, server, at="#/e1/go")
    playwright.expect(other.locator("#action-title")).to_have_text("go")
    playwright.expect(other.locator("#detail-title")).to_have_text("bring me the red cup")
    other.evaluate("location.hash = '#/e2'")
    playwright.expect(other.locator("#detail-title")).to_have_text("throw it away")
    playwright.expect(other.locator("#action")).to_be_hidden()
    other.go_back()
    playwright.expect(other.locator("#action-title")).to_have_text("go")
    assert other.wrong == []
    other.context.close()


def test_report_plan_and_data_are_a_click_away(page, running):
    running.submit()
    status(page, "executing")
    for form, words in (("html", "bring me the red cup"), ("json", "suggestions"), ("yaml", "go")):
        with page.context.expect_page() as opening:
            page.click(f"#paper-{form}")
        opening.value.wait_for_selector(f"body:has-text('{words}')")
        opening.value.close()


@pytest.mark.parametrize("page", [{"scheme": "dark", "size": NARROW}], indirect=True)
def test_the_box_and_the_map_fit_a_telephone(page, running):
    running.submit()
    status(page, "executing")
    says(page, "bring me the red cup")
    page.wait_for_selector("#say-run:visible")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    accessible(page)


def test_an_order_without_words_or_with_other_things_than_texts_is_refused(server):
    from execution_orchestrator.monitoring.web.guard import TOKEN_HEADER

    head = {TOKEN_HEADER: server.token}
    for body in (
        {},
        {"command": " "},
        {"command": 5},
        {"plan": ["x"]},
        {"command": "a", "context": 1},
    ):
        assert httpx.post(f"{server.url}api/run", json=body, headers=head).status_code == 400
    assert httpx.post(f"{server.url}api/run", json={"command": "go home"}).status_code == 403
    assert httpx.get(f"{server.url}api/plans/..%2Fsecret").status_code == 404


# ------------------------------------------------------------------ taking part


def test_a_breakpoint_is_set_in_the_panel_and_stepped_over(page, running):
    running.submit()
    status(page, "executing")
    page.click("#actions a:text-is('look')")
    page.click("#action-stop")
    page.wait_for_selector("#action-stop:text-is('Do not stop before it')")
    running.servers.succeed("go")
    page.wait_for_selector("#action-step:visible")
    accessible(page)
    assert "look" not in running.servers.goals
    page.click("#action-step")
    running.servers.wait_for("look")
    playwright.expect(page.locator("#action-step")).to_be_hidden()
    page.click("#action-stop")
    page.wait_for_selector("#action-stop:text-is('Stop before it')")


def test_a_right_click_in_the_graph_sets_a_breakpoint_and_takes_it_away(page, running):
    running.submit()
    page.wait_for_selector("#timeline .vis-item:has-text('go')")  # nothing moves the graph
    page.wait_for_selector("#graph[data-nodes='6']")
    nodes = "document.querySelector('#graph')._cyreg.cy.nodes()"
    label = f"() => {nodes}.filter('#back').style('label')"
    for expected in ("‖ ○ back", "○ back"):
        at = page.evaluate(f"{nodes}.filter('#back').renderedPosition()")
        page.locator("#graph").click(position=at, button="right")
        page.wait_for_function(f"(wanted) => ({label})() === wanted", arg=expected)


def test_a_resource_that_somebody_keeps_is_given_free_in_two_steps(page, running):
    running.orchestrator.post(
        st.AllocateLease(request_id="r1", holder="Ada", demands=(st.LeaseDemand(resource="arm"),))
    )
    arm = page.locator("#resources tr:has-text('arm')")
    playwright.expect(arm).to_contain_text("Ada")
    arm.get_by_role("button").click()
    accessible(page)
    arm.get_by_role("button", name="Ada is done with it: free").click()
    playwright.expect(arm).to_contain_text("1 of 1")
    assert not running.orchestrator.state.leases
