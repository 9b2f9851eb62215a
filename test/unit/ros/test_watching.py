"""What the node says of a page or of figures that it cannot serve."""

import socket

import pytest
from prometheus_client import start_http_server

from execution_orchestrator.monitoring.web.server import WebServer
from execution_orchestrator.ros.watching import why_not_served
from test.unit.monitoring.running import Running


@pytest.fixture
def taken():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_a_port_that_is_taken_is_named_with_what_to_do(taken, tmp_path):
    running = Running(tmp_path)
    try:
        with pytest.raises(OSError, match="in use") as page:
            WebServer(running.source, port=taken)
    finally:
        running.stop()
    with pytest.raises(OSError, match="in use") as figures:
        start_http_server(taken, addr="127.0.0.1")
    for failure, parameter in ((page, "web_port"), (figures, "prometheus_port")):
        told = why_not_served(failure.value, parameter, taken)
        assert told.startswith(f"port {taken} is taken by another program")
        assert f"set the parameter {parameter} to a port that is free" in told


def test_any_other_reason_is_told_as_it_is():
    told = why_not_served(RuntimeError("nobody is named"), "web_port", 8765)
    assert told == "nobody is named; the parameter web_port is 8765"
