"""What the cameras saw: kept pictures and the live view, over HTTP and in Chromium."""

import io

import httpx
import pytest

from execution_orchestrator.engine import events as ev
from execution_orchestrator.storage.pictures import PictureFolder
from test.unit.monitoring.running import Running
from test.unit.monitoring.web.test_page import (
    accessible,
    browser,
    page,
    playwright,
    pytestmark,
)

__all__ = ["browser", "page", "pytestmark"]
image = pytest.importorskip("PIL.Image", reason="pip install '.[pictures]'")


def jpeg(colour):
    file = io.BytesIO()
    image.new("RGB", (64, 48), colour).save(file, "JPEG")
    return file.getvalue()


class Eyes:
    """A camera that shows what the test says, and counts who looks."""

    robots = ("",)

    def __init__(self, directory):
        self.folder = PictureFolder(directory)
        self.now = None
        self.asked = 0

    def live(self, robot):
        self.asked += 1
        return self.now if robot in self.robots else None

    def picture(self, name):
        return self.folder.read(name)


@pytest.fixture
def eyes(tmp_path):
    return Eyes(tmp_path)


@pytest.fixture
def running(tmp_path, eyes):
    started = Running(tmp_path, eyes=eyes)
    yield started
    started.stop()


def taken(running, eyes, *, keep=True):
    """Begin an errand whose look left a picture; returns the picture's name."""
    running.submit()
    running.servers.wait_for("go")
    name = eyes.folder.keep(jpeg("red")) if keep else f"{'0' * 32}.jpg"
    cup = ev.Sighting(object_id="red_cup", confidence=0.9, x=1, y=2, width=3, height=4)
    running.note(
        ev.PictureTaken(
            time=running.orchestrator.now(), execution_id="e1", key="look", attempt=1, picture=name,
            width=64, height=48, sightings=(cup,),
        )
    )  # fmt: skip
    return name


def test_a_picture_is_told_with_its_execution_and_its_action_and_can_be_read(server, running, eyes):
    name = taken(running, eyes)
    told = httpx.get(f"{server.url}api/executions/e1").json()["pictures"]
    assert [(one["action_id"], one["picture"], one["seen"]) for one in told] == [
        ("look", name, ["red_cup"])
    ]
    action = httpx.get(f"{server.url}api/executions/e1/actions/look").json()
    assert [one["picture"] for one in action["pictures"]] == [name]
    (line,) = httpx.get(f"{server.url}api/state").json()["executions"]
    assert line["picture"] == name
    read = httpx.get(f"{server.url}api/pictures/{name}")
    assert (read.headers["content-type"], read.content) == ("image/jpeg", jpeg("red"))
    assert name not in httpx.get(f"{server.url}api/executions/e1/report.html").text
    assert "data:image/jpeg;base64," in httpx.get(f"{server.url}api/executions/e1/report.html").text


@pytest.mark.parametrize("name", [f"{'0' * 32}.jpg", "journal.db", "..%2Fjournal.db"])
def test_what_is_no_picture_is_not_read(server, name):
    assert httpx.get(f"{server.url}api/pictures/{name}").status_code == 404


def test_the_live_view_has_nothing_until_something_is_seen(server, eyes):
    assert httpx.get(f"{server.url}api/state").json()["cameras"] == [""]
    assert httpx.get(f"{server.url}api/cameras/-").status_code == 204
    eyes.now = jpeg("blue")
    assert httpx.get(f"{server.url}api/cameras/-").content == jpeg("blue")
    assert httpx.get(f"{server.url}api/cameras/nobody").status_code == 204


def test_the_page_shows_what_was_seen_in_the_run_the_list_and_the_action(page, running, eyes):
    taken(running, eyes)
    page.wait_for_selector("#pictures img")
    playwright.expect(page.locator("#pictures figcaption")).to_contain_text("look")
    playwright.expect(page.locator("#pictures figcaption")).to_contain_text("red_cup")
    page.wait_for_selector("#executions img")
    page.wait_for_function("() => document.querySelector('#pictures img').naturalWidth === 64")
    page.click("#pictures a")
    page.wait_for_selector("#action-pictures img")
    accessible(page)


def test_a_picture_that_is_gone_is_said_to_be(page, running, eyes):
    page.expected = "404"  # the list, the card and the timeline ask for it, one after the other
    taken(running, eyes, keep=False)
    playwright.expect(page.locator("#pictures")).to_contain_text("not kept any more")


def test_the_camera_is_looked_through_only_when_somebody_asks(page, eyes):
    page.wait_for_selector("#camera-look")
    assert eyes.asked == 0
    page.click("#camera-look")
    playwright.expect(page.locator("#camera-note")).to_have_text("No picture has come yet.")
    eyes.now = jpeg("blue")
    page.wait_for_function("() => document.querySelector('#camera-live')?.naturalWidth === 64")
    accessible(page)
    page.click("#camera-look")
    playwright.expect(page.locator("#camera-live")).to_be_hidden()
    page.wait_for_timeout(700)
    before = eyes.asked
    page.wait_for_timeout(1200)
    assert eyes.asked == before


SURE = """\
version: 1
command: go where it was seen
actions:
  - {id: look, action_type: detect_objects}
  - id: there
    action_type: navigate_to
    parameters: {target_location: {x: 4.0, y: 2.0}}
    depends_on: [look]
    require_confirmation: true
"""


def test_a_question_says_where_it_acts_and_shows_what_was_seen(page, running, eyes):
    running.submit(SURE)
    running.servers.succeed("look")
    picture = page.locator(".question img")
    page.wait_for_selector(".question:has-text('It acts at (4.00, 2.00)')")
    playwright.expect(picture).to_have_count(0)
    name = eyes.folder.keep(jpeg("red"))
    running.note(
        ev.PictureTaken(
            time=running.orchestrator.now(), execution_id="e1", key="look", attempt=1, picture=name,
            width=64, height=48, sightings=(),
        )
    )  # fmt: skip
    playwright.expect(picture).to_be_visible()
    accessible(page)
    page.click(".question button:text-is('Approve')")
    running.servers.wait_for("there")
