"""How values pass through Temporal: as JSON, that of a large mission compressed.

Temporal takes two megabytes at most of one value; the state of a mission with thousands of tasks is
more, and nearly all of it repeats itself.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import is_dataclass

from pydantic import ValidationError
from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import PydanticJSONPlainPayloadConverter
from temporalio.converter import (
    CompositePayloadConverter,
    DataConverter,
    DefaultPayloadConverter,
    JSONPlainPayloadConverter,
    PayloadCodec,
)

from execution_orchestrator.fleet import orders

LARGE = 128_000  # bytes, from which on a value is compressed; Temporal's page shows what is smaller
ENCODING = b"binary/zlib"


class LargeOnesCompressed(PayloadCodec):
    """Compresses large values, and reads what is compressed and what is not."""

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Return the values as Temporal keeps them."""
        return [_compressed(one) if len(one.data) > LARGE else one for one in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Return the values as they were."""
        return [
            Payload.FromString(zlib.decompress(one.data))
            if one.metadata.get("encoding") == ENCODING
            else one
            for one in payloads
        ]


def _compressed(payload: Payload) -> Payload:
    return Payload(
        metadata={"encoding": ENCODING}, data=zlib.compress(payload.SerializeToString(), 1)
    )


_JSON = PydanticJSONPlainPayloadConverter()


class OnceReadable(CompositePayloadConverter):
    """Converts as Temporal's converter for pydantic does, but is made once, not in every workflow.

    What it learns of a type takes a tenth of a second, of the two that the step of a workflow may
    compute: on a busy machine a mission did not begin.
    """

    def __init__(self) -> None:
        super().__init__(
            *(
                _JSON if isinstance(one, JSONPlainPayloadConverter) else one
                for one in DefaultPayloadConverter.default_encoding_payload_converters
            )
        )


def learn() -> None:
    """Learn the types that workflows and activities are given, before the first of them runs."""
    nothing = Payload(data=b"null")
    for kind in vars(orders).values():
        if isinstance(kind, type) and is_dataclass(kind):
            with suppress(ValidationError):
                _JSON.from_payload(nothing, kind)


CONVERTER = DataConverter(payload_converter_class=OnceReadable, payload_codec=LargeOnesCompressed())
