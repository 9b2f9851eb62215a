"""A journal of a million events behind an open page: memory, and how fast an event is seen."""

from __future__ import annotations

import asyncio
import gc
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from benchmarks.engine import durable
from benchmarks.engine.plans import chain
from benchmarks.monitoring.figure import Figure
from benchmarks.monitoring.station import Station
from execution_orchestrator.engine import events as ev
from execution_orchestrator.engine.codec import decode_in_this_schema, encode_event
from execution_orchestrator.storage.database import open_database
from execution_orchestrator.storage.sql_journal import open_journal

EVENTS = 1_000_000
SEEN = 100  # events whose way to the screen is timed
PERIOD = 0.1  # seconds between them
PAGES_BACK = 10  # of a thousand events each
CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Notes, for each event that comes into the log, when the next frame was drawn.
WATCH = """() => {
  window.seen = {};
  new MutationObserver((changes) => {
    const names = changes.flatMap((c) => [...c.addedNodes]).map((row) => row.cells[3].textContent);
    requestAnimationFrame(() => setTimeout(() => {
      for (const name of names) window.seen[/seen-\\d+/.exec(name)?.[0]] ??= Date.now();
    }));
  }).observe(document.querySelector('#events tbody'), { childList: true });
}"""


def figures(chromium: str) -> Iterator[Figure]:
    """Measure in a process of its own, so that nothing else is in its memory."""
    with tempfile.TemporaryDirectory() as directory:
        fill(Path(directory))
        _, small, _ = started(Path(directory), "alone")
        took, large, peak = started(Path(directory), "watched")
        yield Figure("start with a journal of a million events", took, "s", 3.0)
        yield Figure("memory without monitoring, a million events", small, "MB")
        yield Figure("memory with monitoring, a million events", large, "MB")
        yield Figure("its peak while the node starts", peak, "MB", 250.0)
        yield Figure("memory of monitoring, a million events", large - small, "MB", 100.0)
        yield from in_browser(Path(directory), chromium)


def fill(directory: Path) -> None:
    """Write a journal of a million events: executions of a thousand actions, as they really are."""
    database = open_database(directory)
    journal = open_journal(database)
    written = [encode_event(event) for event in _one_execution()]
    while journal.last_sequence < EVENTS:
        name = f"e{journal.last_sequence}".encode()
        journal.append(
            [
                decode_in_this_schema(data.replace(b'"e0"', b'"' + name + b'"'))[0]
                for data in written
            ]
        )
    journal.close()
    database.close()


def _one_execution() -> list[ev.Event]:
    async def run() -> list[ev.Event]:
        with tempfile.TemporaryDirectory() as directory:
            await durable.run(chain(1000), Path(directory))
            database = open_database(Path(directory))
            events = [entry.event for entry in open_journal(database).read()]
            database.close()
            return events

    return asyncio.run(run())


def started(directory: Path, how: str) -> tuple[float, float, float]:
    """Return the seconds of a start, and the memory in MB after it and at its peak."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.monitoring.reader", str(directory), how],
        check=True,
        capture_output=True,
        text=True,
    )
    took, memory, peak = map(float, done.stdout.split())
    return took, memory, peak


class Running:
    """A watched station on a loop in a thread of its own."""

    def __init__(self, directory: Path) -> None:
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        self.station = Station(directory, watched=True)
        self.on_loop(self.station.start())

    def on_loop(self, work: Any) -> Any:
        """Run a coroutine there and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(600)

    def note(self, name: str) -> float:
        """Journal an event; returns the time just before, in seconds."""

        async def write() -> float:
            began = time.time()
            event = ev.AlertCleared(time=began, alert_id=name, metric="x", value=0.0)
            self.station.orchestrator.note([event])
            return began

        return float(self.on_loop(write()))

    def stop(self) -> None:
        """Close everything."""
        self.on_loop(self.station.stop())
        self.loop.call_soon_threadsafe(self.loop.stop)


def in_browser(directory: Path, chromium: str) -> Iterator[Figure]:
    """Measure the page: its memory after looking far back, and an event's way to the screen."""
    running = Running(directory)
    gc.collect()
    try:
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=chromium, args=CHROMIUM)
            page = browser.new_page()
            assert running.station.server is not None
            began = time.perf_counter()
            page.goto(running.station.server.url)
            page.wait_for_selector("#events tbody tr")
            opened = time.perf_counter() - began
            page.select_option("#event-filter [name=scope]", "all")
            page.wait_for_selector("#events tbody tr")
            for _ in range(PAGES_BACK):
                page.click("#older")
                page.wait_for_load_state("networkidle")
            heap = _heap(page)
            yield Figure("page with a journal of a million events: first rows", opened, "s", 3.0)
            yield Figure("its memory after looking 10,000 events back", heap, "MB", 60.0)
            page.reload()
            page.wait_for_selector("#connection.up")
            page.select_option("#event-filter [name=scope]", "all")
            page.wait_for_load_state("networkidle")
            page.evaluate(WATCH)
            times = _ways(running, page)
            yield Figure("event to pixel, median", 1e3 * statistics.median(times), "ms", 200.0)
            worst = 1e3 * sorted(times)[int(0.99 * len(times)) - 1]
            yield Figure("event to pixel, 99 of 100", worst, "ms", 500.0)
            browser.close()
    finally:
        running.stop()


def _heap(page: Any) -> float:
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    session.send("Performance.enable")
    metrics = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
    return float(metrics["JSHeapUsedSize"]) / 1e6


def _ways(running: Running, page: Any) -> list[float]:
    began = {}
    for number in range(SEEN):
        name = f"seen-{number}"
        began[name] = running.note(name)
        page.wait_for_timeout(1e3 * PERIOD)
    page.wait_for_selector(f"#events td:has-text('seen-{SEEN - 1}')")
    page.wait_for_timeout(500)
    seen = page.evaluate("window.seen")
    return [seen[name] / 1e3 - time_of for name, time_of in began.items()]
