"""Plan documents changed at random places: refused, found invalid, or run to their end."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from test.fuzz.documents import EXAMPLES, judge

DOCUMENTS = [yaml.safe_load(path.read_text()) for path in EXAMPLES]
# What stands somewhere in the examples may stand anywhere else; and what nobody should write.
SCRAPS: list[Any] = [
    None, True, 0, -1, 1e308, 10**30, "", "x", "{{ 1 }}", "{{ item }}", "{{ actions.a.output }}",
    "{{", "actions.go.output", "1 / 0", [], {}, [[]], {"id": "a"}, "foreach", "return", "try",
]  # fmt: skip


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every (container, key) inside a value."""
    keys = list(value) if isinstance(value, dict) else range(len(value))
    for key in keys:
        yield value, key
        if isinstance(value[key], dict | list):
            yield from places(value[key])


@st.composite
def changed(draw: st.DrawFn) -> Any:
    """Return an example with some of its parts replaced, moved, doubled or taken away."""
    document = copy.deepcopy(draw(st.sampled_from(DOCUMENTS)))
    for _ in range(draw(st.integers(1, 4))):
        container, key = draw(st.sampled_from(list(places(document))))
        other, name = draw(st.sampled_from(list(places(draw(st.sampled_from(DOCUMENTS))))))
        how = draw(st.sampled_from(("replace", "move", "double", "drop", "rename")))
        if how == "replace":
            container[key] = copy.deepcopy(draw(st.sampled_from(SCRAPS)))
        elif how == "move":
            container[key] = copy.deepcopy(other[name])
        elif how == "double" and isinstance(container, list):
            container.insert(key, copy.deepcopy(container[key]))
        elif how == "rename" and isinstance(container, dict):
            container[draw(st.sampled_from(("id", "items", "actions", "if", "until")))] = (
                container.pop(key)
            )
        else:
            del container[key]
        if not document:
            break
    return document


@given(changed())
@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_is_found_valid_runs_to_its_end(document: Any) -> None:
    event(judge(json.dumps(document)))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_runs_to_its_end(path: Any) -> None:
    assert judge(path.read_text()) == "ran"
