"""Signing in and what each role is offered, in Chromium, against a running engine."""

import pytest

from test.unit.monitoring.running import ASKING
from test.unit.monitoring.web.doors import Door, certificate
from test.unit.monitoring.web.test_page import (
    accessible,
    browser,
    picture,
    playwright,
    pytestmark,
    status,
)

__all__ = ["browser", "pytestmark"]
FOR_OPERATORS = ("#say", "#controls", "#show-edit")


@pytest.fixture
def door(running, tmp_path):
    made = Door(running, tmp_path)
    yield made
    made.stop()


@pytest.fixture
def page(browser, door, request):
    context = browser.new_context(viewport={"width": 1200, "height": 900}, ignore_https_errors=True)
    made = context.new_page()
    made.set_default_timeout(15_000)
    made.goto(door.url)
    made.wait_for_selector("#token")
    yield made
    picture(made, request.node.name)
    context.close()


def sign_in(page, token):
    page.fill("#token", token)
    page.keyboard.press("Enter")


def signed_in(page, door, role):
    sign_in(page, door.tokens[role])
    page.wait_for_selector("#connection.up")


def test_a_wrong_token_is_told_and_the_right_one_opens_the_page(page, door):
    accessible(page)
    sign_in(page, "guess")
    page.wait_for_selector("#sign-in-answer:text-is('nobody has this token')")
    signed_in(page, door, "operate")
    playwright.expect(page.locator("#visitor-name")).to_have_text("operater may operate")
    assert page.evaluate("document.cookie") == ""
    accessible(page)


def test_who_watches_sees_everything_and_may_stop(page, door, running):
    signed_in(page, door, "watch")
    running.submit(ASKING)
    page.wait_for_selector("#questions .question")
    for name in (*FOR_OPERATORS, "#questions .question button"):
        playwright.expect(page.locator(name).first).to_be_hidden()
    page.click("#emergency")
    page.wait_for_selector("#banner:has-text('emergency')")
    playwright.expect(page.locator("#stopped")).to_be_visible()
    playwright.expect(page.locator("#reset")).to_be_hidden()


def test_who_operates_answers_and_who_administers_takes_the_stop_back(page, door, running):
    signed_in(page, door, "operate")
    running.submit(ASKING)
    for name in FOR_OPERATORS:
        playwright.expect(page.locator(name)).to_be_visible()
    page.click("#questions .question button:text-is('Approve')")
    running.servers.succeed("say")
    status(page, "completed")
    page.click("#emergency")
    page.wait_for_selector("#banner:has-text('emergency')")
    playwright.expect(page.locator("#reset")).to_be_hidden()
    page.click("#sign-out")
    page.wait_for_selector("#token")
    signed_in(page, door, "administer")
    page.check("#safe")
    page.click("#reset")
    page.wait_for_selector("#banner", state="hidden")


def test_who_is_taken_out_is_shown_the_way_in(page, door, running):
    signed_in(page, door, "watch")
    door.people.without("watchr").save(door.path)
    running.submit(ASKING)
    page.wait_for_selector("#token")


def test_over_tls_a_browser_signs_in_and_stays(browser, running, tmp_path):
    crt, key = map(str, certificate(tmp_path))
    door = Door(running, tmp_path, certificate=crt, key=key)
    context = browser.new_context(ignore_https_errors=True)
    page = context.new_page()
    page.goto(door.url)
    signed_in(page, door, "operate")
    page.reload()
    page.wait_for_selector("#connection.up")
    assert [one["secure"] for one in context.cookies()] == [True]
    context.close()
    door.stop()


def test_at_this_machine_nobody_signs_in(browser, server):
    page = browser.new_page()
    page.goto(server.url)
    page.wait_for_selector("#connection.up")
    playwright.expect(page.locator("#visitor")).to_be_hidden()
    page.close()


def test_who_did_what_is_shown_with_what_was_refused(page, door, running):
    signed_in(page, door, "operate")
    running.submit(ASKING)
    page.click("#questions .question button:text-is('Refuse')")
    page.wait_for_selector("#message:text-is('answered')")
    page.click("#show-runs")
    row = page.locator("#deeds tbody tr:has-text('refuse')")
    playwright.expect(row).to_contain_text("operater (operate, web page)")
    playwright.expect(row.locator("a")).to_have_attribute("href", "#/e1/say")
    page.click("#emergency")
    stop = page.locator("#deeds tbody tr:first-child")
    playwright.expect(stop).to_contain_text("emergency stop")
    page.fill("#deeds-filter input", "sign in")
    playwright.expect(page.locator("#deeds tbody tr")).to_have_count(1)
    page.fill("#deeds-filter input", "nobody of this name")
    playwright.expect(page.locator("#deeds-none")).to_contain_text("take some words away")
    accessible(page)
