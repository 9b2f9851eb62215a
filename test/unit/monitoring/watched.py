"""A monitor and the observation under it, fed as the node feeds them: the observation first."""

from execution_orchestrator.monitoring.live_monitor import LiveMonitor
from execution_orchestrator.observation import Observation


class Watched(LiveMonitor):
    """Takes every event for both."""

    def __init__(self, alerts=None, *, observation=None, **settings):
        super().__init__(observation or Observation(), alerts, **settings)

    def on_events(self, entries):
        self.observation.on_events(entries)
        super().on_events(entries)

    def record(self, execution_id):
        return self.observation.record(execution_id)
