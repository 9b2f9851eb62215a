"""What is kept of a run besides its events: ways and pictures."""

import asyncio
import io
import math
from types import SimpleNamespace

import numpy as np
import pytest

from execution_orchestrator.engine import events as ev
from execution_orchestrator.observation import Observation
from execution_orchestrator.ros.recording import cameras as cameras_module
from execution_orchestrator.ros.recording.imaging import (
    LARGEST_SIDE,
    UnreadablePictureError,
    jpeg_of,
    sightings_of,
)
from execution_orchestrator.ros.recording.travelled import POINTS, Travelled
from execution_orchestrator.storage.journal import JournalEntry
from execution_orchestrator.storage.pictures import PictureFolder

PLAN = {"id": "p", "actions": [{"id": "go", "action_type": "navigate_to", "depends_on": []}]}


def pose(x, y=0.0, yaw=0.0):
    return {
        "position": {"x": x, "y": y, "z": 0.0},
        "orientation": {"x": 0.0, "y": 0.0, "z": math.sin(yaw / 2), "w": math.cos(yaw / 2)},
    }


class Runtime:
    """Tells the observation and one observer of events, and takes what is noted."""

    def __init__(self):
        self.observation = Observation()
        self.noted = []
        self.observer = None

    def tell(self, kind, key="go", **fields):
        event = kind(time=0.0, execution_id="e", key=key, attempt=1 if key else 0, **fields)
        self.observation.apply(event)
        self.observer.on_events([JournalEntry(1, event)])

    def begin(self, resource="base"):
        self.tell(ev.ExecutionAccepted, "", plan=PLAN)
        self.tell(ev.ResourceAllocated, leases=(ev.Lease(lease_id="l", resource=resource),))
        self.tell(ev.TaskStarted, goal_id="g")

    def note(self, events):
        self.noted.extend(events)


def travelled(runtime, where, monkeypatch):
    monkeypatch.setattr("execution_orchestrator.ros.recording.travelled.PERIOD", 0.001)
    clock = iter(range(10**9))
    runtime.observer = Travelled(
        runtime.observation,
        moving=["base"],
        pose_of=lambda frame, robot: where(),
        note=runtime.note,
        now=lambda: float(next(clock)),
    )
    return runtime.observer


async def test_the_way_of_a_drive_is_journalled_when_it_ends(monkeypatch):
    runtime, x = Runtime(), [0.0]

    def where():
        x[0] += 0.02
        return pose(x[0])

    travelled(runtime, where, monkeypatch)
    runtime.begin()
    await settled(lambda: x[0] >= 1.0)
    assert runtime.noted == []
    runtime.tell(ev.TaskCompleted)
    assert runtime.noted == []  # others are told of the end first
    await asyncio.sleep(0)
    (told,) = runtime.noted
    assert (told.execution_id, told.key, told.attempt) == ("e", "go", 1)
    times = [point[0] for point in told.path]
    assert times == sorted(times)
    gaps = np.diff([point[1] for point in told.path])
    assert gaps.min() >= 0.05
    assert gaps.max() < 0.1
    assert "went" in told.description()
    assert "go" in told.description()


async def test_what_stands_or_does_not_move_the_base_has_no_way(monkeypatch):
    runtime = Runtime()
    travelled(runtime, lambda: pose(1.0), monkeypatch)
    runtime.begin()
    runtime.tell(ev.TaskCompleted)
    other = Runtime()
    x = iter(range(1000))
    travelled(other, lambda: pose(float(next(x))), monkeypatch)
    other.begin("camera")
    await asyncio.sleep(0.01)
    other.tell(ev.TaskCompleted)
    await asyncio.sleep(0)
    assert (runtime.noted, other.noted) == ([], [])


async def test_a_long_way_has_no_more_points_than_a_short_one(monkeypatch):
    runtime, x = Runtime(), [0.0]

    def where():
        x[0] += 0.06
        return pose(x[0])

    observer = travelled(runtime, where, monkeypatch)
    runtime.begin()
    (way,) = observer._ways.values()
    for _ in range(10 * POINTS):
        observer._look(way)
    runtime.tell(ev.TaskCompleted)
    await asyncio.sleep(0)
    path = runtime.noted[0].path
    assert POINTS / 4 < len(path) <= POINTS
    assert path[-1][1] - path[0][1] > 0.9 * 0.06 * 10 * POINTS


def test_detections_are_boxes_in_the_picture():
    projection = np.array([[500.0, 0.0, 320.0], [0.0, 500.0, 240.0], [0.0, 0.0, 1.0]])
    ahead = {"id": "cup", "class": "cup", "confidence": 0.9, "pose": {"x": 0.0, "y": 0.0, "z": 2.0}, "size": {"x": 0.2, "y": 0.1, "z": 0.1}}  # fmt: skip
    behind = {**ahead, "id": "behind", "pose": {"x": 0.0, "y": 0.0, "z": -2.0}}
    beside = {**ahead, "id": "beside", "pose": {"x": 9.0, "y": 0.0, "z": 2.0}}
    wrong = {"id": "wrong", "pose": "nowhere"}
    found = sightings_of([ahead, behind, beside, wrong], projection, np.eye(4), (640, 480))
    (one,) = found
    assert (one.object_id, one.confidence) == ("cup", 0.9)
    # The near side of the box is at 1.95 m: 0.2 m across are 51 pixels there, 0.1 m down 26.
    assert one.width == pytest.approx(51, abs=2)
    assert one.height == pytest.approx(26, abs=2)
    assert one.x + one.width / 2 == pytest.approx(320, abs=2)


PIXELS = np.zeros((48, 64, 3), dtype=np.uint8)
PIXELS[:, :, 0] = 200


def message(encoding="rgb8", pixels=PIXELS):
    return SimpleNamespace(
        header=SimpleNamespace(frame_id="optical"),
        encoding=encoding,
        width=pixels.shape[1],
        height=pixels.shape[0],
        step=pixels.strides[0],
        data=pixels.tobytes(),
    )


def opened(data):
    image = pytest.importorskip("PIL.Image", reason="pip install '.[pictures]'")
    return image.open(io.BytesIO(data))


@pytest.mark.parametrize(("encoding", "colour"), [("rgb8", (200, 0, 0)), ("bgr8", (0, 0, 200))])
def test_a_camera_s_message_becomes_a_picture(encoding, colour):
    made = jpeg_of(message(encoding))
    picture = opened(made.data)
    assert (picture.size, made.width, made.height) == ((64, 48), 64, 48)
    assert np.abs(np.array(picture.getpixel((30, 20))) - colour).max() < 12


def test_a_large_picture_is_made_smaller_with_its_boxes():
    seen = ev.Sighting(object_id="cup", confidence=0.9, x=1000, y=500, width=200, height=100)
    made = jpeg_of(message(pixels=np.full((1080, 1920, 3), 90, dtype=np.uint8)), [seen])
    (box,) = made.sightings
    assert made.width == LARGEST_SIDE
    assert (box.x, box.width) == (500, 100)
    across = np.array(opened(made.data))[275]
    assert across[500][0] > 180
    assert across[550][0] < 120


@pytest.mark.parametrize(
    "wrong",
    [
        message("16UC1"),
        SimpleNamespace(encoding="rgb8", width=64, height=48, step=192, data=b"short"),
        SimpleNamespace(format="jpeg", data=b"no picture"),
    ],
)
def test_what_is_no_picture_is_said(wrong):
    with pytest.raises(UnreadablePictureError):
        jpeg_of(wrong)


class Node:
    """A node whose camera publishes on demand."""

    def __init__(self):
        self.open = {}

    def create_subscription(self, kind, topic, take, qos, raw):
        self.open[topic] = take
        return topic

    def destroy_subscription(self, topic):
        del self.open[topic]

    def resolve_topic_name(self, topic):
        return topic

    def count_publishers(self, topic):
        return 1


@pytest.fixture
def looking(tmp_path, monkeypatch):
    monkeypatch.setattr(cameras_module, "LINGER", 0.05)
    monkeypatch.setattr(cameras_module, "ASKED", 0.1)
    monkeypatch.setattr(cameras_module, "deserialize_message", lambda data, kind: message())
    node, runtime = Node(), Runtime()

    def make(**settings):
        runtime.observer = cameras_module.Cameras(
            node,
            SimpleNamespace(
                loop=asyncio.get_running_loop(),
                post=asyncio.get_running_loop().call_soon_threadsafe,
            ),
            runtime.observation,
            PictureFolder(tmp_path),
            topics={"": "camera/image_raw"},
            held_as=["camera"],
            pose_between=lambda frame, child: None,
            note=runtime.note,
            now=lambda: 7.0,
            **{"rate": 50.0, "keep": True, **settings},
        )
        return node, runtime, runtime.observer

    return make


async def settled(condition):
    async with asyncio.timeout(5.0):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_the_last_picture_of_a_camera_action_is_kept(looking):
    node, runtime, cameras = looking()
    runtime.begin("camera")
    assert set(node.open) == {"camera/image_raw", "camera/camera_info"}
    runtime.tell(ev.TaskCompleted, output={"objects": []})
    await asyncio.sleep(0.06)
    node.open["camera/image_raw"](b"picture")  # it comes late, as after a slow discovery
    await settled(lambda: runtime.noted)
    (told,) = runtime.noted
    assert (told.key, told.attempt, told.width) == ("go", 1, 64)
    assert opened(cameras.picture(told.picture)).size == (64, 48)
    runtime.observation.apply(told)
    assert runtime.observation.record("e").pictures == [told]
    await settled(lambda: not node.open)  # nobody needs the camera any more
    await cameras.stop()


async def test_an_action_without_a_camera_needs_none(looking):
    node, runtime, _ = looking()
    runtime.begin("base")
    assert node.open == {}


async def test_nothing_is_kept_when_nothing_is_to_be_kept(looking):
    node, runtime, _ = looking(keep=False)
    runtime.begin("camera")
    assert node.open == {}


async def test_the_live_view_listens_only_while_somebody_looks(looking):
    node, _, cameras = looking()
    assert list(cameras.robots) == [""]
    assert node.open == {}
    assert cameras.live("") is None
    await settled(lambda: node.open)
    node.open["camera/image_raw"](b"picture")
    await settled(lambda: cameras.live("") is not None)
    assert opened(cameras.live("")).size == (64, 48)
    await settled(lambda: not node.open)
    assert cameras.live("elsewhere") is None
    await cameras.stop()


async def test_there_is_no_live_view_at_a_rate_of_nothing(looking):
    node, _, cameras = looking(rate=0.0)
    assert list(cameras.robots) == []
    assert cameras.live("") is None
    await asyncio.sleep(0)
    assert node.open == {}
