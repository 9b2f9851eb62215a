import pytest

from execution_orchestrator.runtime.trace_context import trace_id_in

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
PARENT = f"00-{TRACE}-{SPAN}-01"


@pytest.mark.parametrize(
    "text",
    [
        f'{{"traceparent": "{PARENT}", "cup": "red"}}',
        f"cup: red\ntraceparent: {PARENT}\n",
        f"'traceparent' : '{PARENT}'",
        f"traceparent: cc-{TRACE}-{SPAN}-01-what-a-later-version-adds",
    ],
)
def test_a_goal_carries_the_trace_of_who_asks(text):
    assert trace_id_in(text) == TRACE


@pytest.mark.parametrize(
    "text",
    [
        "",
        "cup: red",
        f"my-traceparent: {PARENT}",
        f"traceparent: ff-{TRACE}-{SPAN}-01",
        f"traceparent: 00-{'0' * 32}-{SPAN}-01",
        f"traceparent: 00-{TRACE}-{'0' * 16}-01",
        f"traceparent: 00-{TRACE.upper()}-{SPAN}-01",
        f"traceparent: 00-{TRACE}-{SPAN}-012",
    ],
)
def test_anything_else_is_no_trace(text):
    assert trace_id_in(text) == ""
