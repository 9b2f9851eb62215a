"""Several servers of one name: which of them live, and since when that is known."""

from types import SimpleNamespace

import pytest

from execution_orchestrator.ros.surroundings.twins import AT_START, LEAVES, LINGERS, Twins

STATUS, ANSWERS = "/drive/_action/status", "rr/drive/_action/send_goalReply"


class Bed:
    """A graph with servers of `drive`, by one letter each, and the time."""

    def __init__(self, servers=""):
        self.time = 100.0
        self.servers = servers
        self.others = ""  # that publish the status and take no goals
        self.lives = {}
        self.twins = Twins(
            self, ["drive"], lives=lambda one: self.lives.get(one[0][:1]), now=lambda: self.time
        )
        self.twins.look()

    def resolve_topic_name(self, name):
        return f"/{name}"

    resolve_service_name = resolve_topic_name

    def count_publishers(self, topic):
        return len(self.get_publishers_info_by_topic(topic))

    def get_publishers_info_by_topic(self, topic, no_mangle=False):
        assert topic == (ANSWERS if no_mangle else STATUS)
        end = b"answers." if no_mangle else b"status.."
        return [
            SimpleNamespace(
                endpoint_gid=name.encode() * 12 + end, node_namespace="/", node_name=f"node_{name}"
            )
            for name in self.servers + ("" if no_mangle else self.others)
        ]

    def after(self, seconds, servers=None):
        """Let the time go by in steps, and return what is told then."""
        if servers is not None:
            self.servers = servers
        end = self.time + seconds
        while self.time < end:
            self.twins.look()
            self.time = min(end, self.time + 0.5)
        self.twins.look()
        return self.twins.of(["drive"])


TWO = "two servers of drive run, in the nodes /node_a and /node_b"


def test_one_server_is_nothing_to_tell_of():
    bed = Bed("a")
    assert bed.after(100.0) == ""
    assert not bed.twins.look_at("drive")
    assert not bed.twins.look_at("a server that nobody uses")


def test_two_that_are_there_when_the_node_starts_both_live():
    bed = Bed("ab")
    assert bed.twins.look_at("drive")  # nothing is sent until it is known
    assert bed.after(LEAVES).startswith(TWO)
    assert not bed.twins.look_at("drive")
    assert bed.twins.found == [bed.twins.of(["spin", "drive"])]
    assert bed.after(0.0, "b") == ""


def test_two_whose_processes_run_both_live():
    bed = Bed("a")
    bed.lives = dict.fromkeys((b"a", b"b"), True)
    assert bed.after(AT_START + 1.0) == ""
    assert bed.after(0.0, "ab") == ""
    assert bed.twins.look_at("drive")
    assert bed.after(LEAVES).startswith(TWO)


@pytest.mark.parametrize("known", [False, None])
def test_a_server_that_was_restarted_has_no_twin(known):
    bed = Bed("a")
    bed.after(AT_START + 1.0)
    bed.lives = {b"a": known, b"b": True}
    assert bed.after(20.0, "ab") == ""
    assert not bed.twins.look_at("drive")  # it can be used meanwhile
    assert bed.after(100.0, "b") == ""


def test_a_server_that_dies_again_and_again_has_no_twin():
    bed = Bed("a")
    bed.after(AT_START + 1.0)
    for servers in ("ab", "bc", "cd", "de", "ef", "fg"):
        assert bed.after(LINGERS - 4.0, servers) == ""


def test_what_the_graph_shows_longer_than_any_dead_lives():
    bed = Bed("a")
    bed.after(AT_START + 1.0)
    assert bed.after(LINGERS - 1.0, "ab") == ""
    assert bed.after(1.0).startswith(TWO)


def test_who_plays_a_recording_is_no_server():
    bed = Bed("a")
    bed.others = "b"
    assert bed.after(100.0) == ""
