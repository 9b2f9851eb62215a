"""Where Temporal is: arguments before its own variables, files of TLS, a key that is no argument."""

import asyncio
import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from temporalio.service import TLSConfig

from execution_orchestrator.fleet.connection import Connection, TemporalUnavailableError


@pytest.fixture(autouse=True)
def no_variables(monkeypatch):
    for name in ("TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE", "TEMPORAL_API_KEY", "TEMPORAL_TLS"):
        monkeypatch.delenv(name, raising=False)


def certificate(folder):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "temporal")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return folder / "cert.pem", folder / "key.pem"


def test_an_argument_counts_before_the_variable(monkeypatch):
    assert Connection().settings()["target_host"] == "127.0.0.1:7233"
    monkeypatch.setenv("TEMPORAL_ADDRESS", "temporal.example:7233")
    assert Connection().settings()["target_host"] == "temporal.example:7233"
    assert Connection(address="10.0.0.1:7233").settings()["target_host"] == "10.0.0.1:7233"


def test_tls_and_key_come_from_files_and_the_environment(tmp_path, monkeypatch):
    cert, key = certificate(tmp_path)
    monkeypatch.setenv("FLEET_KEY", "secret")
    found = Connection(
        tls_ca=str(cert), tls_cert=str(cert), tls_key=str(key), api_key_variable="FLEET_KEY"
    ).settings()
    assert found["api_key"] == "secret"
    assert isinstance(found["tls"], TLSConfig)
    assert found["tls"].client_cert == cert.read_bytes()


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path):
    with pytest.raises(TemporalUnavailableError, match="cannot be used"):
        Connection(tls_cert=str(tmp_path / "none.pem"), tls_key="none").settings()


def test_a_server_that_is_not_there_is_named_with_the_cure():
    with pytest.raises(TemporalUnavailableError, match="start-dev"):
        asyncio.run(Connection(address="127.0.0.1:1").open())
