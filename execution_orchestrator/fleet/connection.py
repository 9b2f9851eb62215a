"""The way to Temporal: address, namespace, TLS and API key, by argument or environment."""

from __future__ import annotations

import asyncio
import logging
import os
from dataclasses import dataclass
from typing import Any

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.errordetails.v1 import NamespaceNotFoundFailure
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.client import Client
from temporalio.envconfig import ClientConfig
from temporalio.service import RPCError, RPCStatusCode

from execution_orchestrator.fleet.converter import CONVERTER
from execution_orchestrator.fleet.mission import ATTRIBUTES

log = logging.getLogger(__name__)
ANSWER = 10.0  # seconds for the server to answer
KEY_REFUSED = ("unauthenticated", "permissiondenied")  # statuses of gRPC
AGAIN = 2.0  # seconds between two attempts to reach it


class TemporalUnavailableError(RuntimeError):
    """Temporal is not there, or does not let us in; the message says where and why."""


@dataclass(frozen=True)
class Connection:
    """Where Temporal is; what is empty comes from its own variables (TEMPORAL_ADDRESS ...).

    ``tls``: True for TLS without files of one's own; the files are PEM, their paths. The API key
    is never an argument, which others on the machine could read: it is the value of the variable
    ``api_key_variable``.
    """

    address: str = ""
    namespace: str = ""
    tls: bool = False
    tls_ca: str = ""
    tls_cert: str = ""
    tls_key: str = ""
    tls_server_name: str = ""
    api_key_variable: str = "TEMPORAL_API_KEY"

    def settings(self) -> dict[str, Any]:
        """Return the arguments of Client.connect.

        Raises:
            TemporalUnavailableError: what is given cannot be used.

        """
        given = {
            "TEMPORAL_ADDRESS": self.address,
            "TEMPORAL_NAMESPACE": self.namespace,
            "TEMPORAL_TLS": "true" if self.tls else "",
            "TEMPORAL_TLS_SERVER_CA_CERT_PATH": self.tls_ca,
            "TEMPORAL_TLS_CLIENT_CERT_PATH": self.tls_cert,
            "TEMPORAL_TLS_CLIENT_KEY_PATH": self.tls_key,
            "TEMPORAL_TLS_SERVER_NAME": self.tls_server_name,
            "TEMPORAL_API_KEY": os.environ.get(self.api_key_variable, ""),
        }
        variables = {**os.environ, **{name: value for name, value in given.items() if value}}
        try:
            found = dict(ClientConfig.load_client_connect_config(override_env_vars=variables))
        except Exception as failure:
            message = f"the way to Temporal cannot be used: {failure}"
            raise TemporalUnavailableError(message) from None
        return {
            "target_host": "127.0.0.1:7233",
            "namespace": "default",
            "data_converter": CONVERTER,
            **found,
        }

    async def open(self) -> Client:
        """Connect, and make the search attributes of missions known.

        Raises:
            TemporalUnavailableError: it is not there.

        """
        settings = self.settings()
        where = settings["target_host"]
        try:
            client = await asyncio.wait_for(Client.connect(**settings), ANSWER)
            await _make_attributes(client)
        except (RuntimeError, RPCError, TimeoutError, OSError, ValueError) as failure:
            said = str(failure) or f"no answer within {ANSWER:g} s"
            raise TemporalUnavailableError(
                f"Temporal at {where} cannot be used: {said}; {self._cure(failure, settings)}"
            ) from None
        return client

    def _cure(self, failure: Exception, settings: dict[str, Any]) -> str:
        """Return what to do about a failure to connect."""
        if isinstance(failure, RPCError) and lacks_namespace(failure):
            name = settings["namespace"]
            return (
                f"create the namespace: temporal operator namespace create --namespace {name}, "
                "or name another (temporal_namespace, TEMPORAL_NAMESPACE)"
            )
        # While it connects, the client has the answer's status only as a text.
        status = failure.status.name if isinstance(failure, RPCError) else str(failure)
        if any(name in status.replace("_", "").lower() for name in KEY_REFUSED):
            has = "a key that it does not accept" if settings.get("api_key") else "no key"
            return f"the variable {self.api_key_variable} has {has}"
        if settings.get("tls"):
            return (
                "if it is there, look at the TLS settings: tls_ca has to be the authority of its "
                "certificate, tls_server_name a name in that, tls_cert and tls_key what it accepts"
            )
        return (
            "start one with: temporal server start-dev --db-filename temporal.db; "
            "one that speaks TLS needs tls:=true (TEMPORAL_TLS=true)"
        )

    async def wait(self) -> Client:
        """Connect, however long it takes.

        Raises:
            TemporalUnavailableError: what is given cannot be used.

        """
        self.settings()
        logged = ""
        while True:
            try:
                return await self.open()
            except TemporalUnavailableError as failure:
                if str(failure) != logged:
                    logged = str(failure)
                    log.warning("%s; waiting for it", logged)
                await asyncio.sleep(AGAIN)


def is_unknown(failure: RPCError) -> bool:
    """Say whether Temporal has no such workflow (any more).

    A server that has just started, or is busy, may for a moment not find the namespace: that says
    nothing of a workflow.
    """
    return failure.status == RPCStatusCode.NOT_FOUND and not lacks_namespace(failure)


def lacks_namespace(failure: RPCError) -> bool:
    """Say whether Temporal does not find the namespace: a new server finds it after a while."""
    return any(
        detail.Is(NamespaceNotFoundFailure.DESCRIPTOR) for detail in failure.grpc_status.details
    )


async def _make_attributes(client: Client) -> None:
    """Add what missions are found by. Who may not add attributes finds them added by others."""
    kinds = {
        attribute.name: IndexedValueType.ValueType(attribute.indexed_value_type)
        for attribute in ATTRIBUTES
    }
    service = client.operator_service
    known = await service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    missing = {name: kind for name, kind in kinds.items() if name not in known.custom_attributes}
    if not missing:
        return
    try:
        await service.add_search_attributes(
            AddSearchAttributesRequest(namespace=client.namespace, search_attributes=missing)
        )
    except RPCError as failure:
        if failure.status != RPCStatusCode.ALREADY_EXISTS:
            raise
