"""A page that people sign in to, with their tokens, and certificates for TLS."""

import datetime
import ipaddress

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from execution_orchestrator.access.people import People, PeopleFile
from execution_orchestrator.access.roles import Role
from execution_orchestrator.monitoring.web.server import WebServer


class Door:
    """The page of a running orchestrator with somebody of each role; ``tokens`` by role."""

    def __init__(self, running, directory, **settings):
        self.path = directory / "access.yaml"
        self.people, self.tokens = People(), {}
        for role in Role:
            self.people, self.tokens[role.value] = self.people.with_token(f"{role}r", role)
        self.people.save(self.path)
        self.web = WebServer(running.source, people=PeopleFile(self.path), **settings)
        self.web.start()

    @property
    def url(self):
        return self.web.url

    def stop(self):
        self.web.stop()


def certificate(directory):
    """Write a certificate for loopback and its key; returns their paths."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "robot")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    files = directory / "page.crt", directory / "page.key"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return files
