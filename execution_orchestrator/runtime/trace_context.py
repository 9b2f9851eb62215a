"""W3C trace context in a goal's context: an execution continues the trace of its client.

https://www.w3.org/TR/trace-context/ has the format of ``traceparent``.
"""

from __future__ import annotations

import re

# Version, trace id, id of the span that asks, flags; later versions may add more.
_IN_TEXT = re.compile(
    r"""(?<![\w-])["']?traceparent["']?\s*:\s*["']?([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-"""
    r"[0-9a-f]{2}(?![0-9a-f])"
)
INVALID_VERSION = "ff"


def trace_id_in(context: str) -> str:
    """Return the trace id that the text of a goal's context carries, '' if it carries none.

    The text, JSON or YAML, has not been read yet when an execution is named: only what is looked
    for is looked at.
    """
    found = _IN_TEXT.search(context)
    if found is None:
        return ""
    version, trace, span = found.groups()
    if version == INVALID_VERSION or not int(trace, 16) or not int(span, 16):
        return ""
    return trace
