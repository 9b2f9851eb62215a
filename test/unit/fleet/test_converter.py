"""Large values are compressed on the way through Temporal, small ones stay readable."""

from temporalio.converter import DataConverter

from execution_orchestrator.fleet.converter import CONVERTER, ENCODING, LARGE, learn
from execution_orchestrator.fleet.orders import Claim, MissionOrder, MissionState, TaskState


async def test_a_state_of_thousands_of_tasks_comes_back_as_it_was():
    state = MissionState("m", "m", tasks=[TaskState(f"t[{n}]", "t") for n in range(5000)])
    (kept,) = await CONVERTER.encode([state])
    assert kept.metadata["encoding"] == ENCODING
    assert len(kept.data) < 200_000
    assert await CONVERTER.decode([kept], [MissionState]) == [state]


async def test_what_is_small_is_what_an_earlier_release_reads_and_writes():
    state = MissionState("m", "m", tasks=[TaskState("t", "t", output={"a": [1, None]})])
    earlier = DataConverter()
    (kept,) = await CONVERTER.encode([state])
    assert len(kept.data) < LARGE
    assert await earlier.decode([kept], [MissionState]) == [state]
    assert await CONVERTER.decode(await earlier.encode([state]), [MissionState]) == [state]


async def test_what_a_type_is_is_not_learnt_again_in_every_workflow(monkeypatch):
    order = MissionOrder({"name": "x"})
    given = [Claim("t", "e", "r1"), order]
    kept = await CONVERTER.encode(given)
    learn()

    def again(*_):
        raise AssertionError("it was known")

    monkeypatch.setattr("temporalio.contrib.pydantic.TypeAdapter.__init__", again)
    # Each workflow makes a converter of its own.
    fresh = CONVERTER.payload_converter_class()
    assert fresh.from_payloads(kept, [Claim, MissionOrder]) == given
