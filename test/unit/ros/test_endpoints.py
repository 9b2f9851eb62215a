"""Endpoints of the graph: what their types' hashes say."""

from types import SimpleNamespace

import pytest

from execution_orchestrator.ros.endpoints import other_version

OLD, NEW, NONE = (1, b"jazzy"), (1, b"kilted"), (-1, b"")


class Graph:
    """A node that sees the endpoints of one action: `topic part -> (server's, ours)`."""

    def __init__(self, hashes):
        self._hashes = hashes

    def get_name(self):
        return "orchestrator"

    def get_namespace(self):
        return "/"

    def get_publishers_info_by_topic(self, topic, no_mangle):
        return self._found(topic, 0, "bt_navigator", no_mangle)

    def get_subscriptions_info_by_topic(self, topic, no_mangle):
        # Another client of this action may be from anywhere.
        others = self._found(topic, 0, "rviz", no_mangle)
        return [*others, *self._found(topic, 1, "orchestrator", no_mangle)]

    def _found(self, topic, side, name, no_mangle):
        assert topic.startswith("rr/spin/_action/" if no_mangle else "/spin/_action/")
        part = topic.rpartition("/")[2].removesuffix("Reply")
        if part not in self._hashes:
            return []
        version, value = self._hashes[part][side]
        made = SimpleNamespace(version=version, value=value)
        return [SimpleNamespace(node_name=name, node_namespace="/", topic_type_hash=made)]


@pytest.mark.parametrize(
    ("hashes", "other"),
    [
        ({"feedback": (OLD, OLD), "send_goal": (OLD, OLD), "get_result": (OLD, OLD)}, False),
        ({"feedback": (OLD, OLD), "send_goal": (NEW, OLD), "get_result": (OLD, OLD)}, True),
        ({"feedback": (NEW, OLD)}, True),
        ({"feedback": (NONE, OLD)}, False),  # Humble: nothing is known
        ({}, False),
    ],
)
def test_a_server_of_another_distribution_has_types_with_another_hash(hashes, other):
    assert other_version(Graph(hashes), "/spin") is other
