"""The editor of plans in Chromium: text, issues, completion, files; by mouse and by keyboard."""

import json

import httpx
import pytest
import yaml

from execution_orchestrator.monitoring.web.guard import TOKEN_HEADER
from test.unit.monitoring.running import ERRAND, Running
from test.unit.monitoring.web.floors import FlatFloor
from test.unit.monitoring.web.large_plans import lanes, rounds
from test.unit.monitoring.web.test_page import (
    NARROW,
    accessible,
    browser,
    opened,
    picture,
    playwright,
    pytestmark,
    status,
)

__all__ = ["browser", "pytestmark"]
PLAN = """\
# Tidy up.
version: 1
actions:
  - id: go            # by the short way
    action_type: navigate_to
    parameters: {target_location: kitchen}

  # Only then one can see it.
  - id: look
    action_type: detect_objects
    depends_on: [go]
  - {id: say, action_type: speak, depends_on: [look], parameters: {text: "I am here: look"}}
"""
WAIT = """\
version: 1
schedule: {cron: "0 7 * * *", overlap: skip}
actions:
  - id: pause
    timeout: 20.0
    parameters: {duration: 3.0}
    action_type: wait
"""
CLOSED = "This node saves no plans: set web_save_plans."
FORBIDDEN = """
Object.defineProperty(window, 'sessionStorage', {
    get() { throw new DOMException('forbidden', 'SecurityError'); },
});"""
TEXT = "() => JSON.parse(sessionStorage.getItem('edited plan') ?? '{}').text"


@pytest.fixture
def running(tmp_path, request):
    started = Running(tmp_path, floor=FlatFloor(), closed=getattr(request, "param", ""))
    started.plans.joinpath("tidy.yaml").write_text(PLAN)
    yield started
    started.stop()


@pytest.fixture
def page(browser, server, running, request):
    made = opened(browser, server, at="#/edit", **getattr(request, "param", {}))
    made.running, made.token, made.at = running, server.token, server.url
    made.wait_for_selector("#edit-text .cm-content")
    made.wait_for_selector("#edit-verdict.ok, #edit-verdict.bad")
    yield made
    picture(made, request.node.name)
    assert made.wrong == []
    made.context.close()


WHERE = """(word) => {
    const walker = document.createTreeWalker(document.querySelector('.cm-content'), NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const at = node.data.search(new RegExp(`\\\\b${word}\\\\b`));
        if (at < 0) continue;
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + word.length);
        const box = range.getBoundingClientRect();
        return {x: box.x + box.width / 2, y: box.y + box.height / 2};
    }
}"""


def has(page, text):
    page.wait_for_function(f"(wanted) => ({TEXT})() === wanted", arg=text)


def opens(page, text=PLAN, name="tidy.yaml"):
    page.focus("#edit-plans")
    page.wait_for_selector(f"#edit-plans option[value='{name}']", state="attached")
    page.select_option("#edit-plans", name)
    has(page, text)


def types(page, text, *, behind):
    """Put the cursor behind a word of the text, by the keyboard, and type."""
    page.focus(".cm-content")
    page.keyboard.press("Control+f")
    page.fill(".cm-search input[name=search]", "")
    page.keyboard.type(behind)
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowRight")
    page.keyboard.type(text)


def offered(page, *, key="Control+ "):
    if key:
        page.keyboard.press(key)
    page.wait_for_selector(".cm-tooltip-autocomplete li")
    # A key within 75 ms of its appearance was meant for the text, and does not take what is offered.
    page.wait_for_timeout(100)
    return page.locator(".cm-completionLabel").all_inner_texts()


# ------------------------------------------------------------------ text and issues


def test_a_plan_of_the_folder_is_opened_and_judged_as_one_writes(page):
    opens(page)
    page.wait_for_selector("#edit-verdict.ok:has-text('3 actions')")
    types(page, "x", behind="action_type: navigate_to")
    page.wait_for_selector("#edit-verdict.bad:has-text('1 error')")
    issue = page.locator("#edit-issues li.error")
    playwright.expect(issue).to_contain_text("line 5")
    playwright.expect(issue.locator(".hint")).to_contain_text("navigate_to")
    playwright.expect(page.locator(".cm-lintRange-error")).to_have_text("navigate_tox")
    accessible(page)
    # The hint is where the mistake is, too; F8 leads to it.
    page.focus(".cm-content")
    page.keyboard.press("F8")
    playwright.expect(page.locator(".cm-tooltip-lint")).to_contain_text("navigate_to")
    page.keyboard.press("Control+z")
    page.wait_for_selector("#edit-verdict.ok")
    playwright.expect(page.locator(".cm-lintRange-error")).to_have_count(0)
    playwright.expect(page.locator("#edit-changed")).to_have_text("")
    assert page.evaluate("location.hash") == "#/edit?plan=tidy.yaml"


@pytest.mark.parametrize(
    "page", [{"scheme": "light"}, {"scheme": "dark"}], indirect=True, ids=["light", "dark"]
)
def test_how_it_would_run_is_beside_the_text(page, running):
    opens(page)
    bars = page.locator("#edit-gantt > div > span:first-child")
    playwright.expect(bars).to_have_text(["go", "look", "say"])
    playwright.expect(page.locator("#edit-dry-run-words")).to_contain_text(
        "critical path: go → look → say"
    )
    page.click("#edit-rehearse")
    page.wait_for_selector("#edit-rehearsal .bad:has-text('would not succeed')")
    page.wait_for_selector("#edit-rehearsal li:has-text('touch something at 1.20, 0.40')")
    page.wait_for_selector("#edit-rehearsal td:has-text('something stands in the way')")
    accessible(page)
    types(page, "x", behind="action_type: navigate_to")
    page.wait_for_selector("#edit-verdict.bad")
    playwright.expect(page.locator("#edit-dry-run")).to_be_hidden()
    assert running.journal.executions() == []


def test_an_issue_of_the_list_leads_to_its_place(page):
    opens(page)
    types(page, "x", behind="depends_on: [go")
    page.click("#edit-issues li.error button")
    page.keyboard.type("Q")
    page.wait_for_function(f"() => ({TEXT})().includes('[Qgox]')")


def test_fields_are_completed_with_those_that_a_capability_takes(page):
    opens(page)
    types(page, "\n- id: pick\naction_type: pick", behind='I am here: look"}}')
    assert offered(page, key="") == ["pick_up_object"]
    page.keyboard.press("Enter")
    page.keyboard.type("\npara")
    assert offered(page, key="")[0] == "parameters"
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.keyboard.type("{ob")
    assert offered(page, key="") == ["object_id"]
    page.keyboard.press("Enter")
    assert offered(page, key="") == ["red_cup"]
    page.keyboard.press("Enter")
    page.keyboard.type(", ")
    fields = offered(page)
    assert {"pose", "grasp_angle", "width"} <= set(fields)
    assert "object_id" not in fields
    accessible(page)
    page.keyboard.type("po")
    page.keyboard.press("Enter")
    assert {"kitchen", "home", "red_cup", "{x, y, yaw}"} <= set(offered(page, key=""))
    page.keyboard.type("kit")
    page.keyboard.press("Enter")
    written = "    parameters: {object_id: red_cup, pose: kitchen}"
    page.wait_for_function(f"(wanted) => ({TEXT})().includes(wanted)", arg=written)
    page.wait_for_selector("#edit-verdict.ok:has-text('4 actions')")


def test_values_and_actions_beside_are_completed_inside_blocks_too(page):
    opens(page)
    types(page, "", behind='I am here: look"}}')
    page.keyboard.insert_text(
        "\n  - id: both\n    action_type: parallel\n    actions:\n      - id: one\n"
        "        action_type: speak\n        parameters:\n          text: one\n        "
    )
    page.keyboard.type("on_fail")
    assert offered(page, key="")[0] == "on_failure"
    page.keyboard.press("Enter")
    assert set(offered(page, key="")) == {"abort", "skip_dependents", "continue"}
    page.keyboard.type("con")
    page.keyboard.press("Enter")
    page.keyboard.insert_text("\n    ")
    page.keyboard.type("dep")
    assert offered(page, key="")[0] == "depends_on"
    page.keyboard.press("Enter")
    page.wait_for_selector("#edit-view[data-actions='5']")
    page.keyboard.type("[")
    assert set(offered(page)) == {"go", "look", "say"}
    page.keyboard.type("s")
    page.keyboard.press("Enter")
    page.wait_for_function(f"() => ({TEXT})().includes('    depends_on: [say]')")
    page.wait_for_selector("#edit-verdict.ok:has-text('5 actions')")


def test_hovers_say_what_a_field_means_with_its_unit(page):
    opens(page, *_added(page, "wait.yaml", WAIT))
    for word, *wanted in (
        ("duration", "seconds", "from 0 to 3600"),
        ("wait", "stand still"),
        ("timeout", "seconds of one attempt", "above 0"),
        ("overlap", "earlier firing", "skip, queue, replace"),
    ):
        at = page.evaluate(WHERE, word)
        page.mouse.move(at["x"], at["y"])
        for words in wanted:
            playwright.expect(page.locator(".word-hint")).to_contain_text(words)
        page.mouse.move(2, 2)
        playwright.expect(page.locator(".word-hint")).to_have_count(0)


def _added(page, name, text):
    page.running.plans.joinpath(name).write_text(text)
    return text, name


def test_json_is_completed_and_judged_as_well(page):
    opens(page, *_added(page, "say.json", '{"version": 1, "actions": [{"action_type": "speak"}]}'))
    page.wait_for_selector("#edit-issues li.error:has-text('parameters')")
    types(page, ', "parameters": {"te', behind='"speak"')
    assert offered(page) == ["text"]
    page.keyboard.press("Enter")
    page.keyboard.type("7")
    has(page, '{"version": 1, "actions": [{"action_type": "speak", "parameters": {"text": 7}}]}')


# ------------------------------------------------------------------ files, and what is done with them


def test_the_plan_of_a_run_is_edited_with_its_comments_and_run_again(page, running):
    running.servers.at_once = True
    text = f"# An errand.\n{ERRAND}"
    with httpx.Client(headers={TOKEN_HEADER: page.token}) as client:
        client.post(f"{page.at}api/run", json={"plan": text})
    page.click("#show-executions")
    status(page, "completed")
    page.click("#show-edit")
    page.focus("#edit-runs")
    page.wait_for_selector("#edit-runs option[value='ordered-1']", state="attached")
    page.select_option("#edit-runs", "ordered-1")
    has(page, text)
    assert page.evaluate("location.hash") == "#/edit?run=ordered-1"
    page.click("#edit-run")
    page.wait_for_selector("#say-verdict.ok:has-text('6 actions')")
    assert len(running.desk.orders) == 1
    page.click("#say-run")
    page.wait_for_url("**/#/ordered-2")
    status(page, "completed")
    assert running.desk.orders[1].plan == text.strip()
    page.click("#edit-again")
    has(page, text.strip())  # not what the first run had
    assert page.evaluate("location.hash") == "#/edit?run=ordered-2"


def test_a_file_of_this_computer_is_opened_and_given_back(page, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(WAIT)
    page.set_input_files("#edit-file-input", path)
    has(page, WAIT)
    playwright.expect(page.locator("#edit-name")).to_have_value("mine.yaml")
    with page.expect_download() as given:
        page.click("#edit-download")
    assert given.value.suggested_filename == "mine.yaml"
    assert given.value.path().read_text() == WAIT


def test_what_was_not_saved_is_kept_over_a_reload_and_not_thrown_away_unasked(page):
    opens(page)
    types(page, " More.", behind="Tidy up.")
    page.wait_for_selector("#edit-changed:text-is('changed')")
    changed = PLAN.replace("Tidy up.", "Tidy up. More.")
    has(page, changed)
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    page.wait_for_selector("#edit-text .cm-line:has-text('More.')")
    playwright.expect(page.locator("#edit-name")).to_have_value("tidy.yaml")
    _added(page, "wait.yaml", WAIT)
    for answer, text, at in (("#ask-no", changed, "tidy"), ("#ask-yes", WAIT, "wait")):
        page.focus("#edit-plans")
        page.wait_for_selector("#edit-plans option[value='wait.yaml']", state="attached")
        page.select_option("#edit-plans", "wait.yaml")
        page.click(answer)
        has(page, text)
        page.wait_for_function(f"() => location.hash === '#/edit?plan={at}.yaml'")


@pytest.mark.parametrize("page", [{"script": FORBIDDEN}], indirect=True)
def test_one_edits_where_the_browser_keeps_nothing(page):
    page.focus("#edit-plans")
    page.select_option("#edit-plans", "tidy.yaml")
    page.wait_for_selector("#edit-verdict.ok:has-text('3 actions')")
    types(page, " More.", behind="Tidy up.")
    page.wait_for_selector("#edit-changed:text-is('changed')")


def test_a_plan_is_saved_and_nothing_is_replaced_unasked(page, running):
    opens(page)
    types(page, " More.", behind="Tidy up.")
    page.keyboard.press("Control+s")
    page.wait_for_selector("#edit-changed:text-is('saved')")
    saved = PLAN.replace("Tidy up.", "Tidy up. More.")
    assert running.plans.joinpath("tidy.yaml").read_text() == saved
    running.plans.joinpath("other.yaml").write_text("somebody else's")
    page.fill("#edit-name", "other")
    for answer, kept, told in (
        ("#ask-no", "somebody else's", "other.yaml was left as it is"),
        ("#ask-yes", saved, "saved as other.yaml"),
    ):
        page.click("#edit-save")
        page.wait_for_selector("#ask-words:has-text('other.yaml is there already')")
        accessible(page)
        page.click(answer)
        page.wait_for_function("() => !document.querySelector('#ask').matches(':popover-open')")
        page.wait_for_selector(f"#message:text-is('{told}')")
        assert running.plans.joinpath("other.yaml").read_text() == kept
    playwright.expect(page.locator("#edit-name")).to_have_value("other.yaml")
    # Somebody changes it meanwhile.
    running.plans.joinpath("other.yaml").write_text("changed by somebody")
    types(page, " Now.", behind="More.")
    page.click("#edit-save")
    page.wait_for_selector("#ask-words:has-text('other.yaml was changed meanwhile')")
    page.keyboard.press("Escape")
    assert running.plans.joinpath("other.yaml").read_text() == "changed by somebody"
    page.fill("#edit-name", "../away")
    page.click("#edit-save")
    page.wait_for_selector("#message.wrong:has-text('is no name of a plan')")


@pytest.mark.parametrize("running", [CLOSED], indirect=True)
def test_a_node_that_saves_no_plans_says_how_to_turn_it_on(page, server, running):
    playwright.expect(page.locator("#edit-save")).to_be_disabled()
    playwright.expect(page.locator("#edit-closed")).to_have_text(CLOSED)
    accessible(page)
    answer = httpx.post(
        f"{server.url}api/plans",
        json={"name": "new.yaml", "text": PLAN},
        headers={TOKEN_HEADER: server.token},
    )
    assert answer.json() == {"saved": False, "version": "", "message": CLOSED}
    assert not running.plans.joinpath("new.yaml").exists()


def test_only_the_page_itself_saves(server, running):
    path = f"{server.url}api/plans"
    assert httpx.post(path, json={"name": "new.yaml", "text": PLAN}).status_code == 403
    head = {TOKEN_HEADER: server.token}
    foreign = {**head, "origin": "http://elsewhere.example"}
    assert (
        httpx.post(path, json={"name": "new.yaml", "text": PLAN}, headers=foreign).status_code
        == 403
    )
    for body in (
        {},
        {"name": "a.yaml", "text": 5},
        {"name": "a.yaml", "text": "x", "replaces": 1},
        {"name": 1},
    ):
        assert httpx.post(path, json=body, headers=head).status_code == 400
    assert not running.plans.joinpath("new.yaml").exists()
    assert httpx.post(path, json={"name": "new.yaml", "text": PLAN}, headers=head).json()["saved"]
    assert running.plans.joinpath("new.yaml").read_text() == PLAN


@pytest.mark.parametrize("page", [{"scheme": "dark", "size": NARROW}], indirect=True)
def test_the_editor_fits_a_telephone_in_the_dark(page):
    opens(page)
    types(page, "x", behind="action_type: navigate_to")
    page.wait_for_selector("#edit-verdict.bad")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    accessible(page)


# ------------------------------------------------------------------ the graph and the form


GRAPH = "document.querySelector('#edit-graph')._cyreg.cy"
BLOCKS = """\
version: 1
ordering: dependencies
actions:
  - {id: go, action_type: navigate_to, parameters: {target_location: home}}
  # Both at once.
  - id: both
    action_type: parallel
    depends_on: [go]
    actions:
      - {id: look, action_type: detect_objects}   # with the camera
      - id: say
        action_type: speak
        parameters: {text: hello}
  - id: back
    action_type: navigate_to
    depends_on: [both]
    condition: actions.look.status == 'SUCCEEDED'
    parameters: {target_location: kitchen}
"""


NESTED = """\
version: 1
actions:
  - {id: go, action_type: wait, parameters: {duration: 1.0}}
  - id: block   # the first
    action_type: sequence
    actions:
      - id: inner
        action_type: sequence
        actions:
          - {id: look, action_type: wait, parameters: {duration: 1.0}}
  - id: other
    action_type: sequence
    actions:
      - id: say
        action_type: wait
        parameters: {duration: 1.0}
"""


def nodes(page, *names):
    page.wait_for_function(
        f"(wanted) => {GRAPH}.nodes().map((n) => n.id()).sort().join() === wanted",
        arg=",".join(sorted(names)),
    )


# What holds what in the graph, and what follows what.
DRAWN = f"""() => JSON.stringify([
    {GRAPH}.nodes().map((one) => [one.id(), one.parent().id()]).sort(),
    {GRAPH}.edges().map((one) => one.id()).sort(),
])"""


def edges(page):
    return set(page.evaluate(f"() => {GRAPH}.edges().map((e) => e.id())"))


def chosen(page, name):
    page.wait_for_selector(f"#edit-graph[data-chosen='{name}']")


def clicks(page, name, **how):
    """Click on a node of the graph, where it is when it is laid out."""
    page.wait_for_selector("#edit-graph:not([aria-busy])")
    at = page.evaluate(f"(name) => {GRAPH}.getElementById(name).renderedPosition()", name)
    page.locator("#edit-graph").click(position=at, **how)


def field(page, name):
    return page.locator(f"#edit-fields [name='{name}']")


def enters(page, name, text):
    field(page, name).fill(text)
    page.keyboard.press("Enter")


def test_cursor_graph_and_form_are_in_step(page):
    opens(page, *_added(page, "blocks.yaml", BLOCKS))
    nodes(page, "go", "both", "look", "say", "back")
    assert edges(page) == {"go>both", "both>back"}
    clicks(page, "say")
    chosen(page, "say")
    playwright.expect(page.locator(".cm-activeLine")).to_have_text("      - id: say")
    playwright.expect(page.locator("#edit-chosen-title")).to_have_text("Action say")
    playwright.expect(field(page, "parameters.text")).to_have_value("hello")
    types(page, "", behind="target_location: kit")
    chosen(page, "back")
    playwright.expect(field(page, "parameters.target_location")).to_have_value(":kitchen")
    types(page, "", behind="ordering: dep")
    chosen(page, "")
    playwright.expect(page.locator("#edit-chosen-title")).to_have_text("The plan")
    enters(page, "timeout", "90")
    has(page, BLOCKS.replace("dependencies\n", "dependencies\ntimeout: 90\n"))
    accessible(page)


def test_the_form_writes_fields_and_leaves_comments_and_layout(page):
    opens(page)
    clicks(page, "go")
    place = field(page, "parameters.target_location")
    units = page.locator("#edit-fields .unit")
    place.select_option(":home")
    text = PLAN.replace("target_location: kitchen", "target_location: home")
    has(page, text)
    place.select_option("=pose")  # of the place that was chosen before
    has(page, text.replace("home", "{x: 0, y: 0, yaw: 0}"))
    enters(page, "parameters.target_location.x", "1.5")
    text = text.replace("home", "{x: 1.5, y: 0, yaw: 0}")
    has(page, text)
    playwright.expect(units.first).to_be_visible()
    page.click("#edit-fields summary")
    enters(page, "timeout", "30")
    text = text.replace("yaw: 0}}\n", "yaw: 0}}\n    timeout: 30\n")
    has(page, text)
    unit = page.locator(".field:has([name='timeout']) .unit")
    playwright.expect(unit).to_have_text("seconds")
    field(page, "on_failure").select_option(label="continue")
    text = text.replace("timeout: 30\n", "timeout: 30\n    on_failure: continue\n")
    has(page, text)
    wanted = "robot.battery > 0.3 || '#: ' == ''"
    enters(page, "condition", wanted)
    text = text.replace("navigate_to\n", f'navigate_to\n    condition: "{wanted}"\n', 1)
    has(page, text)
    enters(page, "retry.max_attempts", "2")
    has(page, text.replace("continue\n", "continue\n    retry: {max_attempts: 2}\n"))
    enters(page, "retry.max_attempts", "")
    has(page, text)
    clicks(page, "look")
    enters(page, "parameters.classes", "cup, plate")
    text = text.replace("[go]\n", "[go]\n    parameters: {classes: [cup, plate]}\n")
    has(page, text)
    page.wait_for_selector("#edit-verdict.ok")
    accessible(page)


def test_a_place_is_chosen_on_the_map(page):
    opens(page)
    clicks(page, "go")
    button = page.locator("button:text-is('On the map …')")
    button.click()
    page.wait_for_selector("#floor-choice-map img.floor")
    accessible(page)
    page.click("#emergency", trial=True)  # nothing lies over it
    page.keyboard.press("Escape")
    playwright.expect(page.locator("#floor-choice")).to_be_hidden()
    has(page, PLAN)
    button.click()
    page.wait_for_selector("#floor-choice-map img.floor")
    page.keyboard.press("Enter")  # the middle of the map is under the cross, to a pixel
    page.wait_for_function(
        rf"() => /: \{{x: (2|2.01|1.99), y: 1.(49|5|51), yaw: 0\}}/.test(({TEXT})())"
    )
    button.click()
    page.wait_for_selector("#floor-choice-map img.floor")
    page.locator("#floor-choice-map .place-label:text-is('home')").wait_for()
    box = page.locator("#floor-choice-map .place-label:text-is('home')").bounding_box()
    page.mouse.click(box["x"] - 6, box["y"] + box["height"] / 2)
    has(page, PLAN.replace("kitchen", "home"))


def test_one_history_for_text_form_and_graph(page):
    opens(page)
    types(page, "x", behind="# by the short way")
    clicks(page, "go")
    field(page, "parameters.target_location").select_option(":home")
    page.click("#edit-remove")
    typed = PLAN.replace("short way", "short wayx")
    form = typed.replace("kitchen", "home")
    removed = form[: form.index("  - id: go")] + form[form.index("\n  # Only") :]
    removed = removed.replace("[go]", "[]")
    has(page, removed)
    for text in (form, typed, PLAN):
        page.click("#edit-undo")
        has(page, text)
    page.focus("#edit-graph")
    for text in (typed, form, removed):
        page.keyboard.press("Control+y")
        has(page, text)
    page.keyboard.press("Control+z")
    has(page, form)


def test_another_name_is_another_name_everywhere(page):
    opens(page, *_added(page, "blocks.yaml", BLOCKS))
    clicks(page, "go")
    enters(page, "id", "leave")
    has(page, BLOCKS.replace("id: go", "id: leave").replace("[go]", "[leave]"))
    clicks(page, "look")
    enters(page, "id", "watch")
    page.wait_for_function(f"() => ({TEXT})().includes('condition: actions.watch.status')")
    page.wait_for_selector("#edit-verdict.ok")


def test_actions_are_added_connected_nested_and_moved_with_the_mouse(page):
    opens(page)
    clicks(page, "look")
    page.select_option("#edit-add", "speak")
    page.click("#edit-add-it")
    nodes(page, "go", "look", "speak", "say")
    chosen(page, "speak")
    text = PLAN.replace("[go]\n", "[go]\n  - id: speak\n    action_type: speak\n")
    has(page, text)
    enters(page, "parameters.text", "there")
    text = text.replace(
        "action_type: speak\n", "action_type: speak\n    parameters: {text: there}\n"
    )
    has(page, text)
    clicks(page, "look")
    page.click("#edit-connect")
    clicks(page, "speak")
    text = text.replace("speak\n    parameters", "speak\n    depends_on: [look]\n    parameters")
    has(page, text)
    page.wait_for_function(f"() => {GRAPH}.getElementById('look>speak').length === 1")
    page.click("#edit-up")
    page.wait_for_function(
        f"() => ({TEXT})().indexOf('id: speak') < ({TEXT})().indexOf('id: look')"
    )
    page.click("#edit-down")
    has(page, text)
    page.select_option("#edit-nest", "parallel")
    page.click("#edit-nest-it")
    nodes(page, "go", "look", "parallel", "speak", "say")
    chosen(page, "parallel")
    page.select_option("#edit-where", "actions")
    page.select_option("#edit-add", "open_gripper")
    page.click("#edit-add-it")
    nodes(page, "go", "look", "parallel", "speak", "open_gripper", "say")
    page.wait_for_selector("#edit-verdict.ok:has-text('6 actions')")
    page.click("#edit-out")
    page.wait_for_function(f"() => {GRAPH}.getElementById('open_gripper').parent().length === 0")
    clicks(page, "say")
    page.select_option("#edit-nest", label="into parallel")
    page.click("#edit-nest-it")
    page.wait_for_function(f"() => {GRAPH}.getElementById('say').parent().id() === 'parallel'")
    page.click("#edit-remove")
    nodes(page, "go", "look", "parallel", "speak", "open_gripper")
    playwright.expect(page.locator("#edit-said")).to_have_text("speak: speak; in parallel")
    accessible(page)
    assert "# Only then one can see it.\n  - id: look" in page.evaluate(TEXT)


def drags(page, name, to, *, at=0.0):
    """Drag a node of the graph to another one: ``at`` its width right of its middle."""
    page.wait_for_selector("#edit-graph:not([aria-busy])")
    where = f"""([name, at]) => {{
        const node = {GRAPH}.getElementById(name), {{x, y}} = node.renderedPosition();
        const box = document.querySelector('#edit-graph').getBoundingClientRect();
        // A block is taken by its upper edge.
        const edge = node.renderedBoundingBox({{includeLabels: false}}).y1 + 3;
        const width = node.renderedOuterWidth();
        return {{x: box.x + x + at * width, y: box.y + (node.isParent() ? edge : y)}};
    }}"""
    page.locator("#edit-graph").scroll_into_view_if_needed()
    start = page.evaluate(where, [name, 0])
    end = to if isinstance(to, dict) else page.evaluate(where, [to, at])
    page.mouse.move(**start)
    page.mouse.down()
    page.mouse.move(end["x"] - 3, end["y"], steps=5)
    page.mouse.move(**end)
    page.mouse.up()


def ids(page):
    """Return the ids of the text in their order, as (id, of the action that holds it)."""
    found = []

    def walk(actions, holder):
        for one in actions:
            found.append((one["id"], holder))
            for field in ("actions", "then", "else", "finally"):
                walk(one.get(field) or [], one["id"])

    walk(yaml.safe_load(page.evaluate(TEXT))["actions"], "")
    return found


def becomes(page, *wanted):
    for _ in range(100):
        if ids(page) == list(wanted):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"{ids(page)} is not {wanted}")


def test_actions_are_dragged_along_their_list_into_blocks_and_out(page, running):
    running.plans.joinpath("blocks.yaml").write_text(NESTED)
    opens(page, NESTED, "blocks.yaml")
    go, block, inner, look, other, say = NAMES = ("go", "block", "inner", "look", "other", "say")
    nodes(page, *NAMES)
    first = page.evaluate(DRAWN)

    def undone():
        # What the drag changed is drawn before it is taken back: until then nodes still move.
        page.wait_for_function(f"(first) => ({DRAWN})() !== first", arg=first)
        page.click("#edit-undo")
        has(page, NESTED)
        page.wait_for_function(f"(first) => ({DRAWN})() === first", arg=first)

    drags(page, "go", "say", at=0.3)  # behind it
    becomes(
        page, (block, ""), (inner, block), (look, inner), (other, ""), (say, other), (go, other)
    )
    undone()
    drags(page, "say", "look", at=-0.3)  # out of one block, into the other's block, before
    becomes(page, (go, ""), (block, ""), (inner, block), (say, inner), (look, inner), (other, ""))
    undone()
    drags(page, "look", "block")  # on the outer block: to its end
    becomes(page, (go, ""), (block, ""), (inner, block), (look, block), (other, ""), (say, other))
    undone()
    drags(page, "other", "go", at=-0.3)
    becomes(page, (other, ""), (say, other), (go, ""), (block, ""), (inner, block), (look, inner))
    undone()
    drags(page, "go", "other", at=0.48)  # on a block's right edge: behind it
    becomes(page, (block, ""), (inner, block), (look, inner), (other, ""), (say, other), (go, ""))
    undone()
    # A block into itself, and to where it is: nothing changes, and all goes back to its place.
    page.wait_for_selector("#edit-graph:not([aria-busy])")
    before = page.evaluate(f"() => {GRAPH}.nodes(':childless').map((n) => n.position())")
    drags(page, "block", "look")
    drags(page, "go", "go", at=0.2)
    page.wait_for_function(
        f"(was) => JSON.stringify({GRAPH}.nodes(':childless').map((n) => n.position())) === JSON.stringify(was)",
        arg=before,
    )
    has(page, NESTED)


def test_the_keyboard_alone_suffices(page):
    opens(page, *_added(page, "blocks.yaml", BLOCKS))
    nodes(page, "go", "both", "look", "say", "back")
    page.focus("#edit-graph")
    press = page.keyboard.press
    press("Home")
    chosen(page, "go")
    press("ArrowDown")
    chosen(page, "both")
    playwright.expect(page.locator("#edit-said")).to_have_text("both: parallel; waits for go")
    press("ArrowRight")
    chosen(page, "look")
    press("Alt+ArrowDown")
    page.wait_for_function(f"() => ({TEXT})().indexOf('id: say') < ({TEXT})().indexOf('id: look')")
    press("ArrowLeft")
    chosen(page, "both")
    press("ArrowLeft")  # closes it
    nodes(page, "go", "both", "back")
    press("ArrowDown")
    chosen(page, "back")
    press("Alt+ArrowRight")
    page.wait_for_function(f"() => ({TEXT})().includes('      - id: back')")
    press("Alt+ArrowLeft")
    page.wait_for_function(f"() => ({TEXT})().includes('\\n  - id: back')")
    press("Home")
    press("c")
    press("End")
    press("Enter")
    page.wait_for_function(f"() => ({TEXT})().includes('depends_on: [go]\\n    condition')")
    press("Enter")  # into the form
    playwright.expect(field(page, "id")).to_be_focused()
    page.focus("#edit-graph")
    press("a")
    playwright.expect(page.locator("#edit-add")).to_be_focused()
    page.keyboard.type("wait")
    press("Tab")
    press("Tab")
    press("Enter")
    chosen(page, "wait")
    page.focus("#edit-graph")
    press("Delete")
    page.wait_for_function(f"() => !({TEXT})().includes('id: wait')")
    chosen(page, "back")


def test_what_is_wrong_is_marked_in_the_graph_too(page):
    opens(page, *_added(page, "blocks.yaml", BLOCKS))
    clicks(page, "say")
    enters(page, "parameters.text", "")
    page.wait_for_function(f"() => {GRAPH}.getElementById('say').hasClass('wrong')")
    page.click("#edit-graph-close")
    page.wait_for_function(f"() => {GRAPH}.getElementById('both').style('label') === '✗ ⊞ both 2'")
    clicks(page, "both")
    chosen(page, "both")
    accessible(page)


def test_what_is_no_document_yet_is_not_broken_further(page):
    opens(page)
    types(page, "\n  bad: [", behind="version: 1")
    page.wait_for_selector("#edit-verdict.bad")
    text = page.evaluate(TEXT)
    page.focus("#edit-graph")
    for key in ("Delete", "Alt+ArrowDown"):
        page.keyboard.press(key)
    assert page.evaluate(TEXT) == text


@pytest.mark.parametrize(
    ("plan", "count", "drawn"), [(lanes(1000, 20), 1000, 1000), (rounds(50, 20), 1050, 50)]
)
def test_a_plan_of_a_thousand_actions_is_edited(page, plan, count, drawn):
    page.set_default_timeout(60_000)
    text = yaml.safe_dump(json.loads(plan), sort_keys=False)
    opens(page, *_added(page, "large.yaml", text))
    page.wait_for_selector(f"#edit-graph[data-actions='{count}'][data-nodes='{drawn}']")
    page.wait_for_selector(f"#edit-verdict.ok:has-text('{count} actions')")
    last = "say_0999" if drawn == 1000 else "say_049_19"
    page.fill("#edit-graph-find", last)
    page.keyboard.press("Enter")
    chosen(page, last)
    enters(page, "parameters.text", "the end")
    page.wait_for_function(f"() => ({TEXT})().includes('text: the end')")
    page.focus("#edit-graph")
    page.keyboard.press("Alt+ArrowUp")
    before = "say_0998" if drawn == 1000 else "say_049_18"
    page.wait_for_function(
        f"() => ({TEXT})().indexOf('{last}') < ({TEXT})().indexOf('id: {before}')"
    )
    chosen(page, last)
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    has(page, text)
    page.wait_for_selector(f"#edit-verdict.ok:has-text('{count} actions')")


def test_the_plan_of_a_run_that_a_program_wrote_on_one_line_can_be_read(page, running):
    with httpx.Client(headers={TOKEN_HEADER: page.token}) as client:
        client.post(f"{page.at}api/run", json={"plan": rounds(2, 2)})
    page.evaluate("location.hash = '#/edit?run=ordered-1'")
    page.wait_for_selector("#edit-view[data-actions='6']")
    assert len(page.evaluate(TEXT).splitlines()) > 20
