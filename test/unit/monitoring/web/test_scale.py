"""Large plans on the page: the graph, the tables and the list of executions stay usable."""

import httpx
import pytest

from execution_orchestrator.monitoring.web.server import WebServer
from test.unit.monitoring.running import ASKING, Running
from test.unit.monitoring.web.large_plans import lanes, rounds
from test.unit.monitoring.web.test_page import (
    NARROW,
    accessible,
    browser,
    page,
    playwright,
    pytestmark,
)

__all__ = ["browser", "page", "pytestmark"]
NODES = "document.querySelector('#graph')._cyreg.cy.nodes()"
SEEN = """(id) => {
    const cy = document.querySelector('#graph')._cyreg.cy;
    const box = cy.getElementById(id).renderedBoundingBox();
    return cy.zoom() >= 0.6 && box.x1 >= 0 && box.x2 <= cy.width() && box.y1 >= 0 && box.y2 <= cy.height();
}"""
LOOP = """\
version: 1
command: look everywhere
actions:
  - id: loop
    action_type: foreach
    items: "[1, 2, 3]"
    actions:
      - {id: go, action_type: navigate_to, parameters: {target_location: {x: 1, y: 1}}}
      - {id: look, action_type: detect_objects, depends_on: [go]}
"""


def drawn(page, number):
    page.wait_for_selector(f"#graph[data-nodes='{number}']", timeout=60_000)


@pytest.mark.parametrize(("count", "width"), [(200, 1), (2000, 20)])
def test_every_action_of_a_large_plan_is_drawn_and_what_runs_is_in_view(
    page, running, count, width
):
    running.submit(lanes(count, width))
    drawn(page, count)
    playwright.expect(page.locator("#graph-note")).to_be_hidden()
    page.wait_for_function(SEEN, arg="say_0000")
    if width == 1:
        for number in range(12):
            running.servers.succeed(f"say_{number:04}")
        page.wait_for_function(SEEN, arg="say_0012")
    playwright.expect(page.locator("#actions-count")).to_have_text(f"{count} actions")
    assert page.locator("#actions tbody tr").count() < 80
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    accessible(page)


def test_a_timeline_of_more_bars_than_are_drawn_says_so_and_is_paged(page, running, server):
    running.submit(lanes(430, 10))
    for number in range(430):
        running.servers.succeed(f"say_{number:04}")
    page.wait_for_selector("#detail-status.ok", timeout=60_000)
    part = page.locator("#timeline-part")
    playwright.expect(part).to_have_text("31 to 430 of 430 bars")
    url = f"{server.url}api/executions/e1"
    newest = httpx.get(url).json()
    starts = [bar["start"] for bar in newest["bars"]]
    assert (len(starts), newest["bars_from"], newest["bars_in_all"]) == (400, 30, 430)
    assert starts == sorted(starts)
    assert httpx.get(url, params={"bars_to": 30}).json()["bars"][-1]["start"] <= starts[0]
    assert httpx.get(url, params={"bars_to": "-1"}).status_code == 400
    page.click("#timeline-earlier")
    playwright.expect(part).to_have_text("1 to 400 of 430 bars")
    playwright.expect(page.locator("#timeline-earlier")).to_be_disabled()
    accessible(page)
    page.click("#timeline-later")
    playwright.expect(part).to_have_text("31 to 430 of 430 bars")
    # Another run has a timeline of its own.
    page.click("#timeline-earlier")
    running.submit(ASKING, "asking")
    page.click("#executions a:has-text('throw'), #executions button:has-text('throw')")
    page.wait_for_selector("#detail-title:has-text('throw it away')")
    playwright.expect(part).to_have_text("")


def test_a_chain_that_is_deeper_than_the_stack_is_drawn(page, running):
    running.submit(lanes(2000, 1))
    drawn(page, 2000)
    page.wait_for_function(SEEN, arg="say_0000")


def test_an_action_is_found_by_its_name(page, running):
    running.submit(lanes(200, 1))
    drawn(page, 200)
    page.fill("#graph-find", "nothing of that kind")
    page.keyboard.press("Enter")
    playwright.expect(page.locator("#graph-found")).to_have_text("no action of that name")
    page.fill("#graph-find", "0150")
    page.keyboard.press("Enter")
    page.wait_for_function(SEEN, arg="say_0150")
    # Whoever looks at something is not taken away from it by what happens elsewhere.
    running.servers.succeed("say_0000")
    page.wait_for_selector("#actions .chip:text-is('succeeded')")
    assert page.evaluate(SEEN, "say_0150")
    page.click("#graph-follow")
    page.wait_for_function(SEEN, arg="say_0001")


def test_the_graph_is_moved_by_mouse_wheel_and_keys(page, running):
    running.submit(lanes(200, 1))
    drawn(page, 200)
    page.wait_for_function(SEEN, arg="say_0000")
    zoom = "document.querySelector('#graph')._cyreg.cy.zoom()"
    pan = "document.querySelector('#graph')._cyreg.cy.pan().x"
    page.locator("#graph").hover()
    before = page.evaluate(zoom)
    page.mouse.wheel(0, 40)  # without Ctrl it moves the page
    page.wait_for_timeout(100)
    assert page.evaluate(zoom) == before
    page.locator("#graph").scroll_into_view_if_needed()
    page.locator("#graph").hover()
    page.keyboard.down("Control")
    page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    page.wait_for_function(f"(before) => {zoom} > before", arg=before)
    page.focus("#graph")
    at = page.evaluate(pan)
    page.keyboard.press("ArrowRight")
    assert page.evaluate(pan) < at
    page.click("#graph-whole")
    page.wait_for_function(f"() => {zoom} < 0.2")


def test_blocks_are_closed_in_a_large_plan_and_open_at_a_click(page, running):
    running.submit(rounds(50, 4))
    drawn(page, 50)
    labels = page.evaluate(f"{NODES}.map((n) => n.style('label'))")
    assert labels[0] == "▶ ⊞ round_000 0/4"
    running.servers.succeed("say_000_00")
    page.wait_for_function(f"() => {NODES}.some((n) => n.style('label').endsWith('round_000 1/4'))")
    page.locator("#timeline .vis-item").first.wait_for()  # nothing moves the graph any more
    at = page.evaluate(f"{NODES}[0].renderedPosition()")
    page.locator("#graph").click(position=at)
    drawn(page, 54)
    page.click("#graph-open")
    drawn(page, 250)
    page.click("#graph-close")
    drawn(page, 50)
    page.fill("#graph-find", "say_040_02")
    page.keyboard.press("Enter")
    drawn(page, 54)
    page.wait_for_function(SEEN, arg="say_040_02")


def test_an_item_of_a_loop_holds_its_actions(page, running):
    running.submit(LOOP)
    running.servers.wait_for("loop[0]/go")
    page.wait_for_function(f"() => {NODES}.some((n) => n.id() === 'loop[0]/go')")
    assert page.evaluate(f"{NODES}.filter('#loop\\\\[0\\\\]').length") == 1
    page.click("#graph-close")
    drawn(page, 1)
    page.wait_for_function(f"() => {NODES}[0].style('label').startsWith('▶ ⊞ loop')")


def test_the_table_of_a_large_plan_is_filtered_and_scrolled_to_its_end(page, running):
    running.submit(lanes(2000, 20))
    playwright.expect(page.locator("#actions-count")).to_have_text("2000 actions", timeout=60_000)
    for _ in range(3):  # rows are measured when they come into view
        page.evaluate("document.querySelector('#actions-scroll').scrollTop = 1e9")
        page.wait_for_timeout(300)
    page.wait_for_selector("#actions tr:has-text('say_1999')")
    page.fill("#actions-filter [name=words]", "speak 0042")
    playwright.expect(page.locator("#actions tbody tr")).to_have_count(1)
    playwright.expect(page.locator("#actions-count")).to_have_text("1 of 2000 actions")
    page.fill("#actions-filter [name=words]", "")
    page.select_option("#actions-filter [name=group]", "failed")
    page.wait_for_selector("#actions-none:visible")
    accessible(page)


def test_marked_text_stays_marked_while_the_tables_change(page, running):
    running.submit()
    running.servers.wait_for("go")
    page.wait_for_selector("#actions tr:has-text('announce') .chip:text-is('running')")
    mark = """(row) => { const range = document.createRange(); range.selectNodeContents(row);
        getSelection().removeAllRanges(); getSelection().addRange(range); return String(getSelection()); }"""
    marked = page.locator("#actions tr:has-text('announce')").evaluate(mark)
    running.servers.succeed("announce")
    running.servers.succeed("go")
    page.wait_for_selector("#actions tr:has-text('go') .chip:text-is('succeeded')")
    page.wait_for_timeout(1200)  # two more readings
    assert page.evaluate("String(getSelection())") == marked
    page.evaluate("getSelection().removeAllRanges()")
    page.wait_for_selector("#actions tr:has-text('announce') .chip:text-is('succeeded')")
    event = page.locator("#events tr:has-text('TASK_COMPLETED')").last
    marked = event.evaluate(mark)
    running.servers.succeed("arm_ready")
    page.wait_for_selector("#events tr:has-text('arm_ready completed')")
    assert page.evaluate("String(getSelection())") == marked


@pytest.mark.parametrize("page", [{"size": NARROW}, {}], indirect=True, ids=["narrow", "wide"])
def test_one_long_word_makes_no_card_wider(page, running):
    word = "w" * 300
    running.submit(ASKING.replace("throw it away", word), execution_id="x" * 200)
    page.wait_for_selector("#executions button")
    list_, card = (
        page.locator(one).bounding_box() for one in ("#executions", "#executions button")
    )
    assert card["width"] <= list_["width"]
    chip = page.locator("#executions .chip").bounding_box()
    assert chip["x"] + chip["width"] <= list_["x"] + list_["width"]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_window_of_actions_is_what_was_asked_for(server, running):
    running.submit()
    running.servers.wait_for("go")
    url = f"{server.url}api/executions/e1/actions"
    found = httpx.get(url, params={"offset": 2, "limit": 2}).json()
    assert [one["action_id"] for one in found["rows"]] == ["arm_ready", "look"]
    assert (found["total"], found["matching"]) == (6, 6)
    running_now = httpx.get(url, params={"group": "open"}).json()
    assert {one["action_id"] for one in running_now["rows"]} == {"go", "announce", "arm_ready"}
    assert httpx.get(url, params={"words": "NAVIGATE back"}).json()["matching"] == 1
    for wrong in ({"offset": "-1"}, {"limit": "many"}, {"group": "blue"}):
        assert httpx.get(url, params=wrong).status_code == 400
    assert httpx.get(f"{server.url}api/executions/none/actions").status_code == 404
    assert httpx.get(f"{server.url}api/executions/none/graph").status_code == 404


def test_a_page_of_a_large_plan_asks_for_little(tmp_path):
    running = Running(tmp_path)
    web = WebServer(running.source)
    web.start()
    running.submit(lanes(2000, 20))
    running.servers.wait_for("say_0000")
    again = httpx.get(f"{web.url}api/executions/e1")
    assert len(again.content) < 60_000
    assert len(httpx.get(f"{web.url}api/executions/e1/actions").content) < 60_000
    web.stop()
    running.stop()
