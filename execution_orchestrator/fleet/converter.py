"""How values pass through Temporal: as JSON, that of a large mission compressed.

Temporal takes two megabytes at most of one value; the state of a mission with thousands of tasks is
more, and nearly all of it repeats itself.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace

from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import PayloadCodec

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


CONVERTER = replace(pydantic_data_converter, payload_codec=LargeOnesCompressed())
