from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from execution_orchestrator.capabilities.loading import load_robot
from execution_orchestrator.planning.llm import LlmPlanner, LlmSettings
from execution_orchestrator.planning.llm.chat_thread import ChatInThread
from execution_orchestrator.planning.llm.openai_chat import OpenAiChat
from execution_orchestrator.planning.ports import PlanningResult
from execution_orchestrator.planning.vocabulary import Vocabulary
from execution_orchestrator.runtime.intake import Intake
from test.model_server import ModelServer, Script, saying

ROOT = Path(__file__).parents[4]
ROBOT = load_robot([ROOT / "config" / "capabilities.yaml"]).model
VOCABULARY = Vocabulary.load(Path(__file__).parents[1] / "places.yaml")


@pytest.fixture(autouse=True)
def client_library() -> None:
    pytest.importorskip("openai", reason="openai is not installed: pip install '.[llm]'")


class Rig:
    """A planner, the server it asks, and the validation it is checked by."""

    def __init__(self, script: Script, **settings: Any) -> None:
        self.server = ModelServer(script)
        self.settings = LlmSettings(
            base_url=self.server.url, model="test", **{"timeout": 20.0, "retries": 1, **settings}
        )
        self.chat = ChatInThread(OpenAiChat(self.settings))
        self.planner = LlmPlanner(self.settings, self.chat, ROBOT, VOCABULARY)
        self.intake = Intake(ROBOT)
        self.checked = 0

    async def check(self, document: Any) -> Any:
        self.checked += 1
        return self.intake.prepare(
            "", "", "", planned=PlanningResult(document), optimise="none"
        ).issues

    async def close(self) -> None:
        await self.chat.close()
        self.server.close()

    def prepared(self, result: PlanningResult) -> Any:
        return self.intake.prepare("", "", "", planned=result)


@pytest.fixture
async def rig(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Callable[..., Rig]]:
    """Make rigs: rig(reply, reply, ..., setting=value)."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    made: list[Rig] = []

    def make(*replies: Any, script: Script | None = None, **settings: Any) -> Rig:
        made.append(Rig(script or saying(*replies), **settings))
        return made[-1]

    yield make
    for one in made:
        await one.close()


def drive(name: str = "go", **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        "action_type": "navigate_to",
        "parameters": {"target_location": "kitchen"},
        **more,
    }


def plan(*actions: dict[str, Any], confidence: float = 0.9, **more: Any) -> dict[str, Any]:
    return {"version": 1, "confidence": confidence, "actions": list(actions), **more}
