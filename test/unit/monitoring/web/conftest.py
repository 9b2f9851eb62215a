import pytest

from execution_orchestrator.monitoring.web.server import WebServer
from test.unit.monitoring.running import Running


@pytest.fixture
def running(tmp_path):
    started = Running(tmp_path)
    yield started
    started.stop()


@pytest.fixture
def server(running):
    web = WebServer(running.source)
    web.start()
    yield web
    web.stop()
