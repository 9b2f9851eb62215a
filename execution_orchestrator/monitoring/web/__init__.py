"""The web page of the node: what runs, why, and buttons to act on it; loopback only."""

from execution_orchestrator.monitoring.web.app import create_app
from execution_orchestrator.monitoring.web.server import WebServer
from execution_orchestrator.monitoring.web.source import WebSource

__all__ = ["WebServer", "WebSource", "create_app"]
