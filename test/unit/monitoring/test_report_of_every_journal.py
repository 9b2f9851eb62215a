"""Reports of every kind of journal: those of earlier releases, and simulated ones with faults."""

import json

import pytest

from execution_orchestrator.cli import report
from execution_orchestrator.monitoring.report.html import ReportEvent, render_html
from execution_orchestrator.monitoring.report.write import as_data
from execution_orchestrator.observation.fold import record_of
from test.data.record_journals import EXECUTION
from test.simulation.simulator import Simulator
from test.unit.storage.test_recorded_journals import NAMES, restored


@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_journal_has_a_report_as_json_and_as_a_page(tmp_path, capsys, name):
    restored(tmp_path, name)
    words = [EXECUTION, "--state-directory", str(tmp_path)]
    assert report.main([*words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["execution"]["execution_id"] == EXECUTION
    assert told["events"]
    page = tmp_path / "report.html"
    assert report.main([*words, "--output", str(page)]) == 0
    assert EXECUTION in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("seed", range(15))
def test_a_simulated_journal_has_a_report_as_json_and_as_a_page(seed):
    simulator = Simulator(seed)
    simulator.run()
    events = simulator.journal
    names = {event.execution_id for event in events} - {""}
    assert names
    for name in names:
        own = [event for event in events if event.execution_id == name]
        record = record_of(name, own)
        told = [ReportEvent(one.time, one.type, one.key, one.description()) for one in own]
        assert json.loads(json.dumps(as_data(record, told)))["execution"]["execution_id"] == name
        assert name in render_html(record, told)
