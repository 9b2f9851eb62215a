"""The page in Debian's Chromium, against a running engine: every function, by mouse and keyboard.

SCREENSHOTS=<folder> keeps a picture of each test.
"""

import os
import shutil
import subprocess
import time

import pytest

from execution_orchestrator.engine import inputs as st
from execution_orchestrator.engine.events import RobotSeenAtStop
from execution_orchestrator.engine.inputs import SubmitOptions
from execution_orchestrator.plan.timetable import Timetable
from test.unit.monitoring.replanned import replanned
from test.unit.monitoring.running import ASKING

playwright = pytest.importorskip(
    "playwright.sync_api", reason="the browser driver is not installed: pip install playwright"
)
axe = pytest.importorskip(
    "axe_playwright_python.sync_playwright",
    reason="the accessibility checker is not installed: pip install axe-playwright-python",
)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
pytestmark = [
    pytest.mark.skipif(
        CHROMIUM is None, reason="chromium is not installed: apt-get install chromium"
    ),
    pytest.mark.xdist_group("browser"),
]
WIDE = {"width": 1360, "height": 1000}
NARROW = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


def opened(browser, server, *, scheme="light", size=WIDE, at="", script=""):
    context = browser.new_context(color_scheme=scheme, viewport=size, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.wrong = []
    page.expected = ""  # words of the errors that a test is about
    page.on("pageerror", lambda error: page.wrong.append(str(error)))
    page.on("console", lambda m: page.wrong.append(m.text) if m.type == "error" else None)
    if script:
        page.add_init_script(script)
    page.goto(server.url + at)
    page.wait_for_selector("#connection.up")
    return page


@pytest.fixture
def page(browser, server, request):
    made = opened(browser, server, **getattr(request, "param", {}))
    yield made
    picture(made, request.node.name)
    assert [one for one in made.wrong if not made.expected or made.expected not in one] == []
    made.context.close()


def picture(page, name):
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        name = "".join(letter if letter.isalnum() else "_" for letter in name)
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def status(page, words):
    page.wait_for_selector(f"#detail-status:text-is('{words}')")


def action(page, key, words):
    page.wait_for_selector(f"#actions tr:has(.name:text-is('{key}')) .chip:text-is('{words}')")


def errand(running):
    """Run an errand up to a failure that is recovered."""
    running.submit()
    for key in ("announce", "arm_ready"):
        running.servers.succeed(key)
    running.servers.fail("go")
    running.servers.wait_for("go")


def test_an_execution_appears_and_grows_as_it_happens(page, running):
    running.submit()
    status(page, "executing")
    assert "bring me the red cup" in page.inner_text("#detail-title")
    action(page, "go", "running")
    action(page, "look", "pending")
    bars = page.locator("#timeline .vis-item.running")
    playwright.expect(bars).to_have_count(3)
    running.servers.succeed("go")
    running.servers.wait_for("look")
    playwright.expect(page.locator("#timeline .vis-item.vis-range")).to_have_count(4)
    action(page, "go", "succeeded")
    action(page, "look", "running")
    page.wait_for_selector("#resources tr:has-text('camera') >> text=look")


def test_a_running_bar_gets_longer_without_an_event(page, running):
    running.submit(
        "{version: 1, actions: [{id: go, action_type: navigate_to, parameters: {target_location: {x: 1, y: 1}}}]}"
    )
    action(page, "go", "running")
    took = page.locator("#actions tbody td:nth-child(5)")
    playwright.expect(took).not_to_have_text(took.inner_text())


def test_the_graph_is_coloured_by_state(page, running):
    running.submit()
    running.servers.succeed("go")
    running.servers.fail("announce")
    running.servers.fail("announce")
    action(page, "announce", "failed")
    states = page.evaluate(
        """() => Object.fromEntries(document.querySelector('#graph')._cyreg.cy.nodes()
            .map((n) => [n.id(), [n.style('background-color'), n.style('label')[0]]]))"""
    )
    assert states["go"] == ["rgb(26,115,67)", "✓"]
    assert states["announce"] == ["rgb(179,38,30)", "✗"]
    edges = page.evaluate(
        "() => document.querySelector('#graph')._cyreg.cy.edges().map((e) => e.id())"
    )
    assert "go>look" in edges


@pytest.mark.parametrize(
    "page", [{"scheme": "light"}, {"scheme": "dark", "size": NARROW}], indirect=True
)
def test_a_new_plan_shows_what_it_dropped_and_what_is_new(page, running):
    running.observation.on_events(replanned(time.time() - 8.0))
    action(page, "b", "dropped")
    action(page, "d", "dispatched")
    told = page.locator("#replannings li")
    playwright.expect(told).to_have_text("New plan after 4.0 s: without b; new: d")
    marks = page.locator("#timeline .vis-custom-time-marker")
    playwright.expect(marks).to_have_text("new plan")
    shown = page.evaluate(
        """() => Object.fromEntries(document.querySelector('#graph')._cyreg.cy.nodes()
            .map((n) => [n.id(), [n.style('border-style'), n.style('label')[0]]]))"""
    )
    assert shown["b"] == ["dashed", "⊘"]
    assert shown["d"][0] == "double"
    assert shown["a"][0] == "solid"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    accessible(page)


@pytest.mark.parametrize(
    "page",
    [
        {"scheme": "light"},
        {"scheme": "dark"},
        {"scheme": "light", "size": NARROW},
        {"scheme": "dark", "size": NARROW},
    ],
    indirect=True,
    ids=["light wide", "dark wide", "light narrow", "dark narrow"],
)
def test_an_errand_with_a_recovery_is_readable_in_every_light_and_width(page, running):
    errand(running)
    page.wait_for_selector("#timeline .vis-item.recovery")
    page.wait_for_selector("#timeline .vis-item.failed")
    action(page, "go", "running")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    accessible(page)


def accessible(page):
    found = axe.Axe().run(page).response["violations"]
    told = [
        f"{one['id']} ({one['impact']}): {node['target']} {node['failureSummary']}"
        for one in found
        for node in one["nodes"]
    ]
    assert told == []


def test_events_appear_without_a_reload_and_can_be_filtered(page, running):
    errand(running)
    rows = page.locator("#events tbody tr")
    page.wait_for_selector("#events td:has-text('recovers with clear_costmaps')")
    page.select_option("#event-filter [name=level]", "2")
    page.wait_for_selector("#events td.type:text-is('TASK_ATTEMPT_FAILED')")
    assert page.locator("#events td.type:text-is('TASK_STARTED')").count() == 0
    page.select_option("#event-filter [name=level]", "0")
    page.select_option("#event-filter [name=type]", "TASK_READY")
    page.wait_for_selector("#events td.type:text-is('TASK_READY')")
    page.wait_for_function(
        "() => [...document.querySelectorAll('#events td.type')]"
        ".every((cell) => cell.textContent === 'TASK_READY')"
    )
    page.select_option("#event-filter [name=type]", "")
    page.fill("#event-filter [name=words]", "no_valid_path go")
    page.wait_for_selector("#events td:has-text('no way there')")
    page.fill("#event-filter [name=words]", "nowhere to be found")
    playwright.expect(rows).to_have_count(0)


def test_the_log_can_show_everything_and_look_back(page, running):
    running.submit(execution_id="first")
    running.servers.wait_for("go")
    running.submit(ASKING, execution_id="second")
    status(page, "executing")
    page.wait_for_selector("#executions button:nth-child(1) >> text=throw it away")
    page.select_option("#event-filter [name=scope]", "all")
    page.wait_for_selector("#events td:has-text('throw it away')")
    page.wait_for_selector("#events td:has-text('bring me the red cup')")
    page.click("#older")
    playwright.expect(page.locator("#older")).to_be_disabled()


def test_pause_resume_and_cancel(page, running):
    errand(running)
    page.click("button[data-verb=pause]")
    status(page, "paused")
    playwright.expect(page.locator("button[data-verb=pause]")).to_be_disabled()
    page.click("button[data-verb=resume]")
    status(page, "executing")
    page.click("button[data-verb=cancel]")
    status(page, "cancelled")
    playwright.expect(page.locator("#controls")).to_be_hidden()
    assert running.servers.goals == {}


def test_a_step_past_a_breakpoint(page, running):
    running.submit(options=SubmitOptions(breakpoints=("look",)))
    running.servers.wait_for("go")
    status(page, "executing")
    playwright.expect(page.locator("button[data-verb=step]")).to_be_hidden()
    running.servers.succeed("go")
    action(page, "look", "waiting")
    for key in ("announce", "arm_ready"):
        running.servers.succeed(key)
    reason = page.locator("#detail-reason")
    playwright.expect(reason).to_have_text("stopped at a breakpoint before look")
    page.click("button[data-verb=step]")
    action(page, "look", "running")
    playwright.expect(reason).to_have_text("runs as planned")


@pytest.mark.parametrize(
    ("answer", "ends_as"), [("Approve", "completed"), ("Refuse", "failed")], ids=["yes", "no"]
)
def test_a_question_is_answered(page, running, answer, ends_as):
    running.submit(ASKING)
    page.wait_for_selector(".question:has-text('May say (speak) run?')")
    page.wait_for_selector("#executions .chip.warn:has-text('asks')")  # it waits for a person
    playwright.expect(page.locator("#detail-reason")).to_have_text("waits for an answer")
    playwright.expect(page.locator("#actions-count")).to_have_text("1 action")
    accessible(page)
    running.servers.at_once = True
    page.click(f".question button:text-is('{answer}')")
    status(page, ends_as)
    playwright.expect(page.locator(".question")).to_have_count(0)


def test_emergency_stop_and_its_reset(page, running):
    errand(running)
    page.click("#emergency")
    page.wait_for_selector("#banner:has-text('stopped from the web page')")
    status(page, "cancelled")
    # As far as it came: nothing that was broken off is done to 100 %.
    playwright.expect(page.locator("#executions small")).to_contain_text("18% · ")
    accessible(page)
    playwright.expect(page.locator("#reset")).to_be_disabled()
    page.check("#safe")
    page.click("#reset")
    playwright.expect(page.locator("#banner")).to_be_hidden()
    playwright.expect(page.locator("#stopped")).to_be_hidden()


@pytest.mark.parametrize("milliseconds", [150, 250, 350, 450, 600])
def test_an_emergency_stop_that_is_pressed_twice_stays(page, running, milliseconds):
    errand(running)
    page.click("#emergency")
    page.wait_for_timeout(milliseconds)
    page.click("#emergency")
    page.wait_for_selector("#stopped:not([hidden])")
    page.wait_for_timeout(500)
    assert running.orchestrator.state.emergency
    playwright.expect(page.locator("#emergency")).to_have_text("Emergency stop")


def test_a_robot_that_moves_is_told_and_not_reset(page, running):
    page.click("#emergency")
    page.wait_for_selector("#stopped:not([hidden])")
    running.note(RobotSeenAtStop(time=time.time(), motion="moving", reason="it moves (0.4 m/s)"))
    page.wait_for_selector("#robot-motion:has-text('it moves (0.4 m/s)')")
    page.check("#safe")
    page.click("#reset")
    page.wait_for_selector("#message:has-text('it moves (0.4 m/s)')")
    assert running.orchestrator.state.emergency


@pytest.mark.parametrize("page", [{}, {"size": NARROW}], indirect=True)
def test_the_emergency_stop_is_in_reach_whatever_lies_over_the_page(page, running):
    a_long_run(page, running)
    page.click("#actions a:text-is('go')")
    page.wait_for_selector("#action:visible")
    page.click("#emergency", trial=True)  # nothing lies over it
    page.click("#action-close")
    page.click("[data-verb=cancel]")
    page.wait_for_selector("#ask:visible")
    page.click("#emergency")
    page.wait_for_selector("#banner:has-text('stopped from the web page')")


def a_long_run(page, running):
    def longer(route):
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "elapsed": 100.0})

    page.route("**/api/executions/*", longer)
    errand(running)


def test_the_cancel_of_a_long_run_asks_once(page, running):
    a_long_run(page, running)
    status(page, "executing")
    page.wait_for_selector("#facts dd:has-text('1:40')")
    page.click("[data-verb=cancel]")
    page.wait_for_selector("#ask:visible")
    page.click("text=Let it run")
    status(page, "executing")
    page.click("[data-verb=cancel]")
    page.click("text=Cancel the run")
    status(page, "cancelled")


def test_everything_can_be_done_with_the_keyboard_alone(page, running):
    errand(running)
    status(page, "executing")

    def tab_to(words):
        for _ in range(120):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.textContent.trim()") == words:
                outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                assert outline == "solid"
                return
        raise AssertionError(f"Tab never came to {words}")

    tab_to("Pause")
    page.keyboard.press("Enter")
    status(page, "paused")
    tab_to("Resume")
    page.keyboard.press("Space")
    status(page, "executing")
    tab_to("Emergency stop")
    page.keyboard.press("Enter")
    status(page, "cancelled")
    tab_to("Runs")
    page.keyboard.press("Enter")
    page.wait_for_selector("#runs tbody tr")


def test_a_plan_is_rehearsed_before_it_runs(page, running):
    page.fill("#say-words", "go to the kitchen")
    page.click("text=Plan it")
    page.click("#say-rehearse")
    page.wait_for_selector("#say-rehearsal summary:has-text('cannot know (1)')")
    page.wait_for_selector("#map[data-rehearsed='1']")
    accessible(page)
    assert running.journal.executions() == []
    page.click("#say-drop")
    page.wait_for_selector("#map[data-rehearsed='0']")


def test_a_text_of_a_plan_is_never_taken_for_markup(page, running):
    running.submit(
        "{version: 1, command: '<img src=x onerror=alert(1)>', actions: [{id: a, action_type: speak, parameters: {text: x}, description: '<b>'}]}"
    )
    status(page, "executing")
    assert page.inner_text("#detail-title") == "<img src=x onerror=alert(1)>"
    assert page.locator("img").count() == 0


@pytest.mark.parametrize("page", [{"size": NARROW}], indirect=True)
def test_an_alert_is_shown_as_long_as_it_holds_and_first_on_a_phone(page, running):
    from execution_orchestrator.monitoring.alerts import AlertCondition

    running.monitor.set_alert(
        AlertCondition(
            alert_id="busy",
            metric="executions_active",
            comparison="gt",
            threshold=0.0,
            message="the robot works",
        )
    )
    running.submit()
    running.servers.wait_for("go")
    page.wait_for_selector("#actions .chip:text-is('running')")
    running.monitor.check_alerts()
    page.wait_for_selector("#alerts li.warning:has-text('the robot works')")
    top = "() => ['alerts', 'executions'].map((id) => document.getElementById(id).getBoundingClientRect().top)"
    alerts, executions = page.evaluate(top)
    assert alerts < executions
    running.monitor.remove_alert("busy")
    page.wait_for_selector("#alerts li:text-is('none')")


def test_a_page_of_another_site_cannot_act(browser, server, running, tmp_path):
    """A foreign page tries every way that a browser leaves it; none of them reaches the node."""
    running.submit()
    running.servers.wait_for("go")
    foreign = tmp_path / "foreign.html"
    foreign.write_text(
        f"""<form id=f method=post enctype=text/plain action="{server.url}api/act/emergency_stop"></form>
        <iframe id=i src="{server.url}"></iframe>"""
    )
    context = browser.new_context()
    page = context.new_page()
    page.goto(foreign.as_uri())
    answers = page.evaluate(
        """async (url) => {
            const tried = [];
            for (const options of [{}, { mode: 'no-cors' }, { headers: { 'x-orchestrator-token': 'guess' } }]) {
              tried.push(await fetch(`${url}api/act/emergency_stop`, { method: 'POST', body: '{}', ...options })
                .then((answer) => answer.type, () => 'refused'));
            }
            tried.push(await fetch(`${url}api/state`).then(() => 'read', () => 'refused'));
            return tried;
        }""",
        server.url,
    )
    assert answers == ["refused", "opaque", "refused", "refused"]
    assert page.frame_locator("#i").locator("#emergency").count() == 0
    with page.expect_navigation():
        page.evaluate("document.querySelector('#f').submit()")
    assert "refused" in page.content()
    context.close()
    assert running.observation.emergency_reason == ""


def test_chromium_is_the_one_of_the_system():
    told = subprocess.run([CHROMIUM, "--version"], capture_output=True, text=True, check=True)
    assert "Chromium" in told.stdout


def test_a_schedule_is_shown_paused_and_removed_in_two_steps(page, running):
    timetable = Timetable(time_zone="UTC", cron="0 7 * * *")
    goal = st.RawGoal(command="look around")
    running.orchestrator.post(
        st.SetSchedule(schedule_id="daily", timetable=timetable, goal=goal, command="look around")
    )
    shown = page.locator("#schedules li")
    playwright.expect(shown).to_contain_text("at 07:00 every day (UTC)")
    shown.get_by_role("button", name="Pause").click()
    playwright.expect(shown).to_contain_text("paused")
    shown.get_by_role("button", name="Resume").click()
    playwright.expect(shown).to_contain_text("next at 07:00")
    shown.get_by_role("button", name="Remove").click()
    shown.get_by_role("button", name="Remove").click()
    playwright.expect(shown).to_have_count(0)


def test_what_waits_for_a_signal_gets_it_from_the_page(page, running):
    running.submit(
        "{version: 1, signals: {side: {type: string}}, "
        "actions: [{id: asked, action_type: wait_for_signal, signal: side}]}"
    )
    page.get_by_label("Value of side").fill("left")
    page.get_by_role("button", name="Send").click()
    status(page, "completed")


UNDONE = """\
version: 1
command: put the tools away
actions:
  - id: open
    action_type: open_gripper
    compensation: {id: shut, action_type: close_gripper}
  - id: enter
    action_type: drive_on_heading
    parameters: {distance: 1.0}
    compensation_of_partial: {id: leave, action_type: back_up, parameters: {distance: 0.5}}
"""


def test_what_came_of_a_rollback_is_shown_action_by_action(page, running):
    running.submit(UNDONE, "e1")
    running.servers.succeed("open")
    assert page.is_hidden("#rollback-card")
    for _ in range(2):  # what this robot's recovery does about it does not help
        running.servers.fail("enter", "COLLISION_AHEAD")
    page.wait_for_selector("#rollback td:text-is('is being undone')")
    running.servers.succeed("leave")
    for _ in range(2):
        running.servers.fail("shut", "GRIPPER_JAMMED")
    status(page, "failed")
    page.wait_for_selector("#rollback td:text-is('not undone')")
    rows = page.locator("#rollback tbody tr").all_text_contents()
    assert rows == [
        "enterhalf of it was undone",
        "opennot undoneGRIPPER_JAMMED: no way there",
    ]


def test_alerts_that_do_not_reach_people_are_told(page, running):
    playwright.expect(page.locator("#alerts")).to_have_text("none")
    running.source._undelivered = lambda: {"office": "the server is away"}
    note = page.locator("#alerts li.warning")
    running.submit(ASKING)
    playwright.expect(note).to_have_text("Alerts do not reach office: the server is away")


def test_the_report_breaks_no_heading_and_keeps_to_its_width(page, running):
    errand(running)
    status(page, "executing")
    page.goto(page.url.split("#")[0].rstrip("/") + page.get_attribute("#paper-html", "href"))
    broken = page.evaluate(
        "() => [...document.querySelectorAll('th')].filter((one) => "
        "one.getClientRects().length && one.clientHeight > 2.2 * parseFloat(getComputedStyle(one).fontSize) + 10)"
        ".map((one) => one.textContent)"
    )
    assert broken == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
