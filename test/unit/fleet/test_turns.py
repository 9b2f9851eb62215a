"""Tasks that line up have their turn in the order of urgency, a bounded number at once."""

import asyncio

import pytest

from execution_orchestrator.fleet.turns import Turns


async def lined_up(turns, *tasks):
    """Let (name, line, urgency) wait, and return the list that names are put in at their turn."""
    had: list[str] = []

    async def wait(name, line, urgency):
        await turns.wait(line, urgency)
        had.append(name)

    waiting = [asyncio.create_task(wait(*task)) for task in tasks]
    await asyncio.sleep(0)
    return had, waiting


async def given(turns, most=100):
    turns.give(most)
    await asyncio.sleep(0)
    await asyncio.sleep(0)


async def test_the_urgent_come_first_then_who_was_first():
    turns = Turns(1, 10)
    had, _ = await lined_up(turns, ("a", "x", 0), ("b", "x", 0), ("c", "y", 5))
    for _ in range(3):
        await given(turns)
        turns.ended()
    assert had == ["c", "a", "b"]


async def test_a_line_whose_tasks_nobody_takes_keeps_nothing_from_the_others():
    turns = Turns(10, 1)
    had, waiting = await lined_up(turns, ("a", "x", 9), ("b", "x", 9), ("c", "y", 0))
    await given(turns)
    assert had == ["a", "c"]
    assert not turns.due
    turns.taken("x")
    await given(turns)
    assert had == ["a", "c", "b"]
    await asyncio.gather(*waiting)


async def test_no_more_than_a_portion_has_its_turn():
    turns = Turns(10, 10)
    had, _ = await lined_up(turns, *((str(number), "x", 0) for number in range(5)))
    await given(turns, 2)
    assert had == ["0", "1"]
    assert turns.due


async def test_those_who_wait_fail_when_it_is_over():
    turns = Turns(1, 1)
    _, waiting = await lined_up(turns, ("a", "x", 0), ("b", "y", 0))
    turns.end(lambda: ValueError("over"))
    for one in waiting:
        with pytest.raises(ValueError, match="over"):
            await one
    assert not turns.due
