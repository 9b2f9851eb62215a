"""sim_speech: says on topic ``speech/said``, hears on ``speech/heard``, and records."""

from __future__ import annotations

from std_msgs.msg import String

from execution_orchestrator.simulation.servers.simulated_server import SimServer, run
from execution_orchestrator.simulation.work.speech import Speech


class SimSpeech(SimServer):
    """The node around it; its files are below the parameter ``output_directory``."""

    def __init__(self) -> None:
        super().__init__("sim_speech")
        said = self.create_publisher(String, "speech/said", 10)
        self._speech = Speech(
            self,
            say=lambda text: said.publish(String(data=text)),
            keep=self.keeper("recordings", "audio"),
        )
        self.create_subscription(String, "speech/heard", self._hear, 10, callback_group=self.group)

    def _hear(self, message: String) -> None:
        self._speech.hear(message.data)
        self.notify()


def main(args: list[str] | None = None) -> int:
    """Run sim_speech until it is told to end."""
    return run(SimSpeech, args)
