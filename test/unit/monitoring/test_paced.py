import threading

from execution_orchestrator.engine import events as ev
from execution_orchestrator.monitoring import paced
from execution_orchestrator.monitoring.paced import PacedObserver
from execution_orchestrator.storage.journal import JournalEntry
from test.unit.monitoring.running import Running
from test.unit.monitoring.test_live import errand
from test.unit.monitoring.watched import Watched


class Sink:
    def __init__(self, wanted):
        self.wanted = wanted
        self.sequences = []
        self.done = threading.Event()
        self.gate = threading.Event()
        self.gate.set()

    def on_events(self, entries):
        self.gate.wait(10.0)
        self.sequences += [entry.sequence for entry in entries]
        if self.sequences[-1] == self.wanted:
            self.done.set()


class List:
    """A journal in memory."""

    def __init__(self):
        self.entries = []

    def add(self, count):
        new = [
            JournalEntry(len(self.entries) + i + 1, ev.EmergencyStopReset(time=1.0))
            for i in range(count)
        ]
        self.entries += new
        return new

    def read(self, after, limit):
        return self.entries[after : after + limit]


def test_every_event_comes_once_and_in_order_however_fast_they_are(monkeypatch):
    monkeypatch.setattr(paced, "CAPACITY", 50)
    journal, sink = List(), Sink(5000)
    observer = PacedObserver(sink, journal.read)
    observer.start()
    for _ in range(500):
        observer.on_events(journal.add(10))
        assert len(observer._waiting) <= 60
    assert sink.done.wait(20.0)
    observer.stop()
    assert sink.sequences == list(range(1, 5001))


def test_a_sink_that_hangs_does_not_hold_up_the_engine_nor_fill_the_memory(monkeypatch):
    monkeypatch.setattr(paced, "CAPACITY", 100)
    journal, sink = List(), Sink(20_000)
    sink.gate.clear()
    observer = PacedObserver(sink, journal.read)
    observer.start()
    for _ in range(200):
        observer.on_events(journal.add(100))
    assert len(observer._waiting) <= 200
    sink.gate.set()
    assert sink.done.wait(20.0)
    observer.stop()
    assert sink.sequences == list(range(1, 20_001))


def test_a_sink_that_fails_is_asked_again():
    journal, sink = List(), Sink(2)
    failed = []

    def first_fails(entries):
        if not failed:
            failed.append(entries)
            raise RuntimeError("once")
        Sink.on_events(sink, entries)

    sink.on_events = first_fails
    observer = PacedObserver(sink, journal.read)
    observer.start()
    observer.on_events(journal.add(1))
    while not failed:
        pass
    observer.on_events(journal.add(1))
    assert sink.done.wait(10.0)
    observer.stop()


def test_what_was_read_at_the_start_is_passed_over():
    journal, sink = List(), Sink(4)
    observer = PacedObserver(sink, journal.read)
    old = journal.add(3)
    observer.begin_after(3)
    observer.start()
    observer.on_events([*old, *journal.add(1)])
    assert sink.done.wait(10.0)
    observer.stop()
    assert sink.sequences == [4]


def test_a_flood_of_many_executions_leaves_a_bounded_number_in_memory():
    monitor = Watched()
    for number in range(1000):
        monitor.on_events(errand(f"e{number}"))
    assert len(monitor.records()) <= 201
    assert monitor.finished_counts() == {"COMPLETED": 1000}


def test_live_figures_are_those_of_the_journal(tmp_path):
    """The same run, followed live and read again, in every figure."""
    from execution_orchestrator.monitoring.past_runs import read_run

    running = Running(tmp_path)
    ended = threading.Event()
    running.monitor.on_finished(lambda _: ended.set())
    running.submit()
    running.servers.fail("go")
    for key in ("announce", "arm_ready", "go", "look", "pick", "back"):
        running.servers.succeed(key)
    assert ended.wait(10.0)
    live = running.monitor.figures("e1")
    run = read_run(running.journal, "e1")
    assert run.figures == live
    assert run.record == running.observation.record("e1")
    assert live.recoveries == 1
    assert live.total_cost > 0.0
    running.stop()
