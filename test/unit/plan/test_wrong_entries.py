"""A key that nobody reads is told with the nearest one at its place, in every file of ours."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from execution_orchestrator.agents.policy import AgentsPolicy, PolicyError
from execution_orchestrator.capabilities.capabilities_document import CapabilitiesDocument
from execution_orchestrator.engine.recovery.policy import RecoveryPolicy
from execution_orchestrator.plan.importing.table import NotImportableError, Table
from execution_orchestrator.plan.wrong_entries import wrong_entries
from execution_orchestrator.planning.vocabulary import Vocabulary, VocabularyError


@pytest.mark.parametrize(
    ("load", "text", "told"),
    [
        (
            Vocabulary,
            "places: {a: {pose: {x: 1.0, y: 1.0, yav: 2.0}}}",
            "yav: there is no such key (Did you mean yaw?)",
        ),
        (
            AgentsPolicy,
            "clients: {a: {max_runing: 1}}",
            "clients.a.max_runing: there is no such key (Did you mean max_running?)",
        ),
        (Table, "actons: {}", "actons: there is no such key (Did you mean actions"),
    ],
)
def test_the_files_of_people_and_agents(tmp_path, load, text, told):
    file = tmp_path / "file.yaml"
    file.write_text(text)
    with pytest.raises((VocabularyError, PolicyError, NotImportableError)) as refused:
        load.load(file)
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("model", "document", "place", "hint"),
    [
        (
            CapabilitiesDocument,
            {"resources": {"base": {"typ": "x"}}},
            "resources.base.typ",
            "Did you mean type?",
        ),
        (
            RecoveryPolicy,
            {"tables": {"nav": [{"strategy": []}]}},
            "tables.nav.0.strategy",
            "Did you mean strategies?",
        ),
    ],
)
def test_a_key_of_another_place_is_not_proposed(model, document, place, hint):
    with pytest.raises(ValidationError) as refused:
        model.model_validate(document)
    found = {one.place: one.hint for one in wrong_entries(refused.value, model)}
    assert found[place] == hint
