import os
import shutil

import pytest

from .conftest import event

playwright = pytest.importorskip(
    "playwright.sync_api", reason="the browser driver is not installed"
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
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
    pytest.mark.xdist_group("browser"),
]


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(params=["light", "dark"])
def page(browser, server, request):
    context = browser.new_context(
        color_scheme=request.param, viewport={"width": 1280, "height": 900}
    )
    opened = context.new_page()
    opened.wrong = []
    opened.on("pageerror", lambda error: opened.wrong.append(str(error)))
    opened.on("console", lambda m: opened.wrong.append(m.text) if m.type == "error" else None)
    opened.goto(server.url)
    opened.wait_for_selector("#actions tbody tr")
    yield opened
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        opened.screenshot(path=f"{folder}/{request.node.originalname}-{request.param}.png")
    assert opened.wrong == []
    context.close()


def test_it_shows_what_runs_and_why(page):
    assert "bring <b>me</b> the cup" in page.inner_text("#detail-title")
    assert "waits for go" in page.inner_text("#actions")
    assert "go in e1" in page.inner_text("#resources")
    assert page.locator("#timeline .vis-item").count() == 1
    assert page.locator("#graph canvas").count() >= 1


def test_an_event_appears_without_a_reload_and_can_be_filtered(page, source):
    page.wait_for_function("document.querySelector('#connection').textContent === 'connected'")
    source.publish(event(77, "the door is open"))
    page.wait_for_selector("#events td:has-text('the door is open')")
    page.fill("#event-filter input", "nowhere")
    page.wait_for_function("document.querySelectorAll('#events tbody tr').length === 0")
    page.fill("#event-filter input", "door")
    page.wait_for_selector("#events td:has-text('the door is open')")


def test_a_button_acts_and_its_answer_is_shown(page, source):
    page.click("#controls button[data-verb=pause]")
    page.wait_for_selector("#message:has-text('pause done')")
    assert source.acted == [("pause", {"execution_id": "e1"})]


def test_everything_can_be_reached_with_the_keyboard(page, source):
    reached = set()
    for _ in range(30):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.textContent.trim()"))
    assert {"Pause", "Cancel", "Check a plan", "Emergency stop"} <= reached


def test_a_plan_is_checked_and_its_mistake_marked_in_the_text(page):
    page.click("#show-validate")
    page.fill("#plan-text", "actions:\n- x\n- y")
    page.click("#validate-form button")
    page.wait_for_selector("#issues td:has-text('x is not known Remove it.')")
    assert page.inner_text("#plan-marks mark").strip() == "- x"
