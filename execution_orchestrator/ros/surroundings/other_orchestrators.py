"""Other orchestrators in the graph: two that drive one base abort each other's goals."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

log = logging.getLogger(__name__)
STATE_TYPE = "execution_orchestrator/msg/OrchestratorState"


class OtherOrchestrators:
    """Finds them by the type of the topic `~/state`; ``found`` says what is wrong."""

    def __init__(self, node: Any, servers: Iterable[str]) -> None:
        self._node = node
        self._servers = tuple(servers)
        self.found: list[str] = []

    def look(self) -> None:
        """Look at the graph; what is new is logged."""
        # The robot node's name is the interface node's with an ending.
        mine = self._node.get_fully_qualified_name().removesuffix("_robot")
        found: list[str] = []
        for topic, types in self._node.get_topic_names_and_types():
            if STATE_TYPE not in types:
                continue
            names = [_full(info) for info in self._node.get_publishers_info_by_topic(topic)]
            if names.count(mine) > 1:
                found.append(f"there are two orchestrators named {mine}")
            for name in dict.fromkeys(names):
                shared = [] if name == mine else self._shared_with(name)
                if shared:
                    found.append(
                        f"another orchestrator, {name}, uses {', '.join(shared[:3])}, too: two of "
                        "them abort each other's goals"
                    )
        for text in found:
            if text not in self.found:
                log.warning("%s", text)
        self.found = found

    def _shared_with(self, name: str) -> list[str]:
        shared = []
        for server in self._servers:
            topic = self._node.resolve_topic_name(f"{server}/_action/status")
            listeners = self._node.get_subscriptions_info_by_topic(topic)
            if any(_full(info).removesuffix("_robot") == name for info in listeners):
                shared.append(server)
        return shared


def _full(info: Any) -> str:
    return f"{info.node_namespace.rstrip('/')}/{info.node_name}"
