"""A run as MCAP, read back with the reader that Foxglove's users have."""

import builtins
import json
import sys
from pathlib import Path

import pytest

from execution_orchestrator.cli import history
from execution_orchestrator.engine import events as ev
from execution_orchestrator.monitoring.kept_map import KeptMap
from execution_orchestrator.monitoring.mcap import McapUnavailableError, export_run
from execution_orchestrator.monitoring.web.floor import Grid
from execution_orchestrator.storage.database import open_database
from execution_orchestrator.storage.pictures import PictureFolder
from execution_orchestrator.storage.sql_journal import open_journal
from test.unit.monitoring.test_live import errand

reader = pytest.importorskip("mcap_ros2.reader", reason="pip install '.[mcap]'")
mcap_reader = pytest.importorskip("mcap.reader")
ROOT = Path(__file__).parents[3]
PATH = ((100.0, 0.0, 0.0, 0.0), (103.0, 1.0, 0.5, 0.7), (107.0, 4.0, 2.0, 1.5))
JPEG = b"\xff\xd8 not looked into"


@pytest.fixture
def journal(tmp_path):
    """Return the state directory of a node that drove and looked."""
    name = PictureFolder(tmp_path).keep(JPEG)
    told = [entry.event for entry in errand()]
    told[10:10] = [ev.RobotTravelled(time=107.0, execution_id="e1", key="go", attempt=2, path=PATH)]
    told.insert(
        -1,
        ev.PictureTaken(
            time=108.0, execution_id="e1", key="look", attempt=1, picture=name,
            camera="camera/image_raw", width=64, height=48,
        ),
    )  # fmt: skip
    database = open_database(tmp_path)
    kept = open_journal(database)
    kept.append(told)
    kept.close()
    database.close()
    return tmp_path


def exported(journal, target, capsys):
    words = ["export", "e1", "--mcap", str(target), "--state-directory", str(journal)]
    assert history.main(words) == 0
    assert "messages on" in capsys.readouterr().out
    return list(reader.read_ros2_messages(str(target)))


def of(found, topic):
    return [one.ros_msg for one in found if one.channel.topic == topic]


def test_a_run_is_read_back_as_messages_in_the_order_of_time(journal, tmp_path, capsys):
    found = exported(journal, tmp_path / "run.mcap", capsys)
    times = [one.log_time_ns for one in found]
    assert times == sorted(times)
    told = of(found, "/execution_orchestrator/events")
    assert [one.type for one in told][:3] == [
        "EXECUTION_ACCEPTED",
        "EXECUTION_STARTED",
        "TASK_READY",
    ]
    assert told[-1].type == "EXECUTION_COMPLETED"
    failed = next(one for one in told if one.type == "TASK_ATTEMPT_FAILED")
    assert (failed.action_id, failed.attempt, failed.stamp.sec) == ("go", 1, 102)
    assert json.loads(failed.data)["error"]["code"] == "NO_VALID_PATH"
    lines = of(found, "/rosout")
    assert any("go" in one.msg and one.level == 30 for one in lines)
    assert not any("ready" in one.msg and one.level == 10 for one in lines)


def test_ways_are_transforms_and_a_path(journal, tmp_path, capsys):
    found = exported(journal, tmp_path / "run.mcap", capsys)
    moved = [one.transforms[0] for one in of(found, "/tf")]
    assert [one.transform.translation.x for one in moved] == [0.0, 1.0, 4.0]
    assert {(one.header.frame_id, one.child_frame_id) for one in moved} == {("map", "base_link")}
    (path,) = of(found, "/execution_orchestrator/travelled")
    assert [one.pose.position.y for one in path.poses] == [0.0, 0.5, 2.0]


def test_markers_change_their_colour_with_the_action(journal, tmp_path, capsys):
    found = exported(journal, tmp_path / "run.mcap", capsys)
    arrays = of(found, "/execution_orchestrator/markers")
    assert all(array.markers[0].action == 3 for array in arrays)
    first = [array.markers[1] for array in arrays if len(array.markers) > 1]
    assert (first[0].pose.position.x, first[0].ns) == (4.0, "targets")
    assert len({(one.color.r, one.color.g) for one in first}) >= 3  # to come, recovering, done
    assert "NO_VALID_PATH" in arrays[-1].markers[2].text


def test_pictures_are_compressed_images(journal, tmp_path, capsys):
    (image,) = of(exported(journal, tmp_path / "run.mcap", capsys), "/camera/image_raw/compressed")
    assert (image.format, bytes(image.data)) == ("jpeg", JPEG)


def test_the_map_that_was_kept_comes_first(journal, tmp_path, capsys):
    assert of(exported(journal, tmp_path / "run.mcap", capsys), "/map") == []
    KeptMap(journal).keep(Grid("map", 0.05, 3, 2, -1.0, -2.0, 0.0, bytes([0, 100, 255] * 2)))
    found = exported(journal, tmp_path / "run.mcap", capsys)
    (floor,) = of(found, "/map")
    assert found[0].channel.topic == "/map"
    assert (floor.info.width, floor.info.height, floor.info.origin.position.y) == (3, 2, -2.0)
    assert list(floor.data) == [0, 100, -1] * 2


def test_the_plan_and_whose_run_it_is_are_in_the_file(journal, tmp_path, capsys):
    target = tmp_path / "run.mcap"
    exported(journal, target, capsys)
    with target.open("rb") as file:
        opened = mcap_reader.make_reader(file)
        (plan,) = opened.iter_attachments()
        (about,) = opened.iter_metadata()
        schemas = {schema.name for schema in opened.get_summary().schemas.values()}
    assert json.loads(plan.data)["id"] == "p"
    assert (about.metadata["execution_id"], about.metadata["status"]) == ("e1", "COMPLETED")
    assert "visualization_msgs/msg/MarkerArray" in schemas


def test_a_run_that_is_not_there_is_said(journal, tmp_path, capsys):
    words = ["export", "nothing", "--mcap", str(tmp_path / "x.mcap"), "--state-directory"]
    assert history.main([*words, str(journal)]) == 1
    assert "there is no execution 'nothing'" in capsys.readouterr().err
    assert not (tmp_path / "x.mcap").exists()


def test_a_file_that_cannot_be_written_is_said_and_nothing_is_left(journal, tmp_path, capsys):
    (tmp_path / "folder").mkdir()
    words = ["export", "e1", "--mcap", str(tmp_path / "folder"), "--state-directory", str(journal)]
    before = sorted(tmp_path.iterdir())
    assert history.main(words) == 2
    assert "cannot be written" in " ".join(capsys.readouterr().err.split())
    assert sorted(tmp_path.iterdir()) == before


def test_without_the_package_a_sentence_says_how_to_get_it(tmp_path, monkeypatch):
    real = builtins.__import__

    def without(name, *rest):
        if name.startswith("mcap_ros2"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.delitem(sys.modules, "mcap_ros2.writer", raising=False)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(McapUnavailableError, match="pip install mcap-ros2-support"):
        export_run("e1", errand(), tmp_path / "run.mcap", lambda _: None)


def test_the_layout_shows_topics_that_an_exported_run_has(journal, tmp_path, capsys):
    topics = {one.channel.topic for one in exported(journal, tmp_path / "run.mcap", capsys)}
    layout = json.loads((ROOT / "foxglove" / "execution_orchestrator.json").read_text())
    panels = layout["configById"]
    assert panels["Image!camera"]["imageMode"]["imageTopic"] in topics
    assert panels["RosOut!log"]["topicToRender"] in topics
    assert panels["RawMessages!event"]["topicPath"] in topics
    assert {"/execution_orchestrator/markers", "/execution_orchestrator/travelled"} <= topics & set(
        panels["3D!map"]["topics"]
    )
    for one in panels["StateTransitions!what"]["paths"]:
        assert one["value"].split(".")[0] in topics

    def shown(part):
        if isinstance(part, str):
            return {part}
        return shown(part["first"]) | shown(part["second"])

    assert shown(layout["layout"]) == set(panels)
