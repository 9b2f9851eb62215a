"""Where Temporal is: arguments before its own variables, files of TLS, a key that is no argument."""

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from temporalio.api.common.v1 import GrpcStatus
from temporalio.api.errordetails.v1 import NamespaceNotFoundFailure, NotFoundFailure
from temporalio.service import RPCError, RPCStatusCode, TLSConfig

from execution_orchestrator.fleet.connection import (
    Connection,
    TemporalUnavailableError,
    is_unknown,
)
from execution_orchestrator.fleet.missions import MissionError, Missions, NotAnsweringError
from test.certificates import certificates


@pytest.fixture(autouse=True)
def no_variables(monkeypatch):
    for name in ("TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE", "TEMPORAL_API_KEY", "TEMPORAL_TLS"):
        monkeypatch.delenv(name, raising=False)


def test_an_argument_counts_before_the_variable(monkeypatch):
    assert Connection().settings()["target_host"] == "127.0.0.1:7233"
    monkeypatch.setenv("TEMPORAL_ADDRESS", "temporal.example:7233")
    assert Connection().settings()["target_host"] == "temporal.example:7233"
    assert Connection(address="10.0.0.1:7233").settings()["target_host"] == "10.0.0.1:7233"


def test_tls_and_key_come_from_files_and_the_environment(tmp_path, monkeypatch):
    files = certificates(tmp_path)
    monkeypatch.setenv("FLEET_KEY", "secret")
    found = Connection(
        tls_ca=str(files.ca),
        tls_cert=str(files.cert),
        tls_key=str(files.key),
        api_key_variable="FLEET_KEY",
    ).settings()
    assert found["api_key"] == "secret"
    assert isinstance(found["tls"], TLSConfig)
    assert found["tls"].client_cert == files.cert.read_bytes()


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path):
    with pytest.raises(TemporalUnavailableError, match="cannot be used"):
        Connection(tls_cert=str(tmp_path / "none.pem"), tls_key="none").settings()


class Elsewhere:
    """A client whose server has one mission, and no other."""

    def __init__(self, failure):
        self._failure = failure

    def get_workflow_handle_for(self, *_):
        return self

    async def query(self, *_, **__):
        raise self._failure

    async def describe(self, **_):
        raise self._failure

    async def list_workflows(self, *_, **__):
        async def memo():
            return {}

        yield SimpleNamespace(
            id="deliver-1",
            typed_search_attributes={},
            close_time=None,
            status=None,
            memo=memo,
            start_time=datetime.fromtimestamp(1.0, UTC),
        )


@pytest.mark.parametrize(
    ("detail", "unknown"), [(NotFoundFailure(), True), (NamespaceNotFoundFailure(), False)]
)
async def test_a_namespace_that_is_not_found_says_nothing_of_a_mission(detail, unknown):
    status = GrpcStatus(code=5, message="not found")
    status.details.add().Pack(detail)
    failure = RPCError("not found", RPCStatusCode.NOT_FOUND, status.SerializeToString())
    assert is_unknown(failure) == unknown
    with pytest.raises(MissionError) as told:
        await Missions(Elsewhere(failure)).show("delivr-1")
    assert isinstance(told.value, NotAnsweringError) == (not unknown)
    near = "there is no mission delivr-1. Did you mean deliver-1?"
    assert (str(told.value) == near) == unknown


def test_a_server_that_is_not_there_is_named_with_the_cure():
    with pytest.raises(TemporalUnavailableError, match="start-dev"):
        asyncio.run(Connection(address="127.0.0.1:1").open())


def test_a_namespace_that_is_missing_and_a_key_that_is_wrong_have_cures_of_their_own():
    status = GrpcStatus(code=5, message="not found")
    status.details.add().Pack(NamespaceNotFoundFailure())
    missing = RPCError("not found", RPCStatusCode.NOT_FOUND, status.SerializeToString())
    refused = RPCError("no", RPCStatusCode.UNAUTHENTICATED, b"")
    way = Connection(api_key_variable="FLEET_KEY")
    assert "namespace create --namespace hall" in way._cure(missing, {"namespace": "hall"})
    at_once = RuntimeError("`get_system_info` call error: Status { code: Unauthenticated }")
    for failure in (refused, at_once):
        told = way._cure(failure, {"api_key": "x", "tls": True})
        assert told == "the variable FLEET_KEY has a key that it does not accept"
    assert "FLEET_KEY has no key" in way._cure(refused, {})
    assert "tls_ca" in way._cure(RuntimeError("no"), {"tls": True})
