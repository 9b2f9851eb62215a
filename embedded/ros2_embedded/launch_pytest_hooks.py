"""The pytest plugin of launch_pytest: runs functions marked `launch` beside what they launch.

It is here and not in launch_pytest because pytest imports it at every start: launch is imported
only when a module has such a function.

A test that yields has two stages, before and after the shutdown. With a fixture of a function's
scope both are one item; with a wider one the second stage is an item of its own, which runs after
the first stages of all tests of the same launch.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import pytest

if TYPE_CHECKING:
    from launch_testing.actions import ReadyToTest

    from launch import LaunchDescription, LaunchService

#: The attribute of launch fixtures that holds their options.
OPTIONS = "_launch_pytest_options"
_MARK = "launch"
#: What is added to the name of a second stage.
_SECOND = "[shutdown_test]"
#: What the generator of a test returns when it does not yield again.
_END = object()


#: How many tests share a fixture.
Scope = Literal["session", "package", "module", "class", "function"]


class LaunchTestWarning(pytest.PytestWarning):
    """A launch test cannot be run as it is written."""


class LaunchOptions(NamedTuple):
    """How a launch fixture launches."""

    scope: Scope
    shutdown_when_idle: bool
    auto_shutdown: bool


def launch_fixtures(scope: Scope) -> dict[str, Any]:
    """Make the fixtures a launch of some scope needs."""

    @pytest.fixture(scope=scope)
    def event_loop() -> Iterator[asyncio.AbstractEventLoop]:
        """Give the loop the launch runs on."""
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        yield loop
        loop.close()
        asyncio.set_event_loop(None)

    @pytest.fixture(scope=scope)
    def launch_service(
        event_loop: asyncio.AbstractEventLoop,  # noqa: ARG001 (it has to outlive the service)
    ) -> Iterator[LaunchService]:
        """Give the launch service."""
        from launch import LaunchService  # noqa: PLC0415

        service = LaunchService(noninteractive=True)
        yield service
        _finish(service, shut_down=True)

    @pytest.fixture(scope=scope)
    def launch_context(launch_service: LaunchService) -> Any:
        """Give the context of the launch."""
        return launch_service.context

    return {
        "event_loop": event_loop,
        "launch_service": launch_service,
        "launch_context": launch_context,
    }


def _finish(service: LaunchService, *, shut_down: bool) -> None:
    """Let a launch end, after asking it to if `shut_down`. Raises AssertionError if it failed."""
    if shut_down:
        service.shutdown()
    loop, task = service.event_loop, service.task
    if loop is not None and task is not None and not loop.is_closed():
        code = loop.run_until_complete(task)
        assert code == 0, f"the launch failed with code {code}; its log says why"


def pytest_configure(config: pytest.Config) -> None:
    """Declare the mark."""
    config.addinivalue_line(
        "markers",
        f"{_MARK}(fixture, shutdown=False): run the test beside what a launch fixture describes",
    )


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_fixture_setup(fixturedef: Any, request: Any) -> Any:
    """Launch what a launch fixture describes, and wait until it can be tested."""
    options = getattr(fixturedef.func, OPTIONS, None)
    if options is None:
        return (yield)
    service = request.getfixturevalue("launch_service")
    loop = request.getfixturevalue("event_loop")
    value = yield
    try:
        description = _description_of(value)
        ready = _ready_action(description)
    except Exception as error:
        # pytest keeps what the fixture returned for the next test, which is not to be used.
        fixturedef.cached_result = (None, fixturedef.cache_key(request), (error, None))
        raise
    service.include_launch_description(description)
    fixturedef.addfinalizer(functools.partial(_finish, service, shut_down=options.auto_shutdown))
    loop.run_until_complete(_start(service, ready, options))
    return value


async def _start(service: LaunchService, ready: ReadyToTest, options: LaunchOptions) -> None:
    """Start a launch; return when it can be tested. Raises RuntimeError if it ends before."""
    reached = asyncio.Event()
    ready._add_callback(reached.set)
    run = asyncio.ensure_future(service.run_async(shutdown_when_idle=options.shutdown_when_idle))
    waiting = asyncio.ensure_future(reached.wait())
    await asyncio.wait([run, waiting], return_when=asyncio.FIRST_COMPLETED)
    if not reached.is_set():
        waiting.cancel()
        raise RuntimeError(
            f"the launch ended with code {await run} before its ReadyToTest action was executed"
        )


def _description_of(value: Any) -> LaunchDescription:
    """Return the launch description in what a fixture returned. Raises TypeError without one."""
    from launch import LaunchDescription  # noqa: PLC0415

    first = value[0] if isinstance(value, Sequence) and value else value
    if not isinstance(first, LaunchDescription):
        raise TypeError(
            f"the value of a launch fixture must be either a launch description or a sequence "
            f"which starts with one, but it is {value!r}"
        )
    return first


def _ready_action(description: LaunchDescription) -> ReadyToTest:
    """Return the ReadyToTest of a description, which gets one if it has none.

    Raises ValueError if there are several.
    """
    from launch_testing.actions import ReadyToTest  # noqa: PLC0415
    from launch_testing.loader import walk  # noqa: PLC0415

    found = [entity for entity in walk(description.entities) if isinstance(entity, ReadyToTest)]
    if len(found) > 1:
        raise ValueError("a launch fixture must have only one ReadyToTest action")
    if not found:
        found = [ReadyToTest()]
        description.add_action(found[0])
    return found[0]


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(collector: Any, name: str, obj: Any) -> list[pytest.Item] | None:
    """Collect functions with the mark."""
    if not (inspect.isroutine(obj) and collector.funcnamefilter(name)):
        return None
    marks = [m for m in getattr(obj, "pytestmark", []) if m.name == _MARK]
    mark = next(iter([*reversed(marks), *collector.iter_markers(_MARK)]), None)
    if mark is None:
        return None
    fixture = mark.kwargs.get("fixture")
    if getattr(fixture, OPTIONS, None) is None:
        return [_unusable(collector, name)]
    # pytest makes one item per value of a fixture with parameters only if it knows of it now.
    pytest.mark.usefixtures(fixture.__name__, "launch_service", "event_loop")(obj)
    items = list(collector._genfunctions(name, obj))
    if not _is_generator(obj) or getattr(fixture, OPTIONS).scope == "function":
        return items
    after = list(collector._genfunctions(name, obj))
    for item, second in zip(items, after, strict=True):
        stages = _Stages()
        item._launch_stages = second._launch_stages = stages
        second._launch_is_second = True
        second.name += _SECOND
    return [*items, *after]


def _unusable(collector: Any, name: str) -> pytest.Item:
    """Return an item that is skipped because its mark names no launch fixture."""
    message = (
        '"fixture" keyword argument is required in a pytest.mark.launch() decorator: a fixture '
        "made by launch_pytest.fixture"
    )
    item: pytest.Item = pytest.Function.from_parent(collector, name=name)
    item.warn(LaunchTestWarning(message))
    item.add_marker(pytest.mark.skip(message))
    return item


def _is_generator(function: Any) -> bool:
    """Tell whether a test yields."""
    return inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function)


def _runs_after_shutdown(item: Any) -> bool:
    """Tell whether an item is run after the shutdown of its launch."""
    mark = item.get_closest_marker(_MARK)
    return getattr(item, "_launch_is_second", False) or bool(mark.kwargs.get("shutdown", False))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[Any]) -> None:
    """Put what runs after a shutdown behind the other tests of the same launch."""
    keys = [_launch_of(item) for item in items]
    early = {
        key: position
        for position, (item, key) in enumerate(zip(items, keys, strict=True))
        if key is not None and not _runs_after_shutdown(item)
    }
    ordered: list[Any] = []
    waiting: dict[Any, list[Any]] = {}
    for position, (item, key) in enumerate(zip(items, keys, strict=True)):
        last = early.get(key, -1) if key is not None else -1
        if last > position and _runs_after_shutdown(item):
            waiting.setdefault(key, []).append(item)
            continue
        ordered.append(item)
        if last == position:
            ordered += waiting.pop(key, [])
    items[:] = ordered


def _launch_of(item: Any) -> tuple[int, int] | None:
    """Identify the launch an item shares with others; None if it shares none."""
    mark = item.get_closest_marker(_MARK)
    fixture = None if mark is None else mark.kwargs.get("fixture")
    options = getattr(fixture, OPTIONS, None)
    if fixture is None or options is None or options.scope == "function":
        return None
    callspec = getattr(item, "callspec", None)
    return (id(fixture), callspec.indices.get(fixture.__name__, 0) if callspec else 0)


class _Stages:
    """The two stages of a test that yields."""

    def __init__(self) -> None:
        self.generator: Any = None

    def run_first(self, function: Callable[..., Any], loop: Any, arguments: Any) -> None:
        """Run the test up to its yield."""
        generator = function(**arguments)
        _advance(generator, loop)
        self.generator = generator

    def run_second(self, loop: Any) -> None:
        """Run the rest of the test, which must not yield again."""
        if self.generator is None:
            pytest.skip("shutdown test skipped because the test failed before")
        if _advance(self.generator, loop) is not _END:
            kind = "an async gen" if inspect.isasyncgen(self.generator) else "a generator"
            pytest.fail(
                f"launch tests using {kind} function must stop iteration after yielding once",
                pytrace=False,
            )


def _advance(generator: Any, loop: asyncio.AbstractEventLoop) -> Any:
    """Run a generator to its next yield; return _END if there is none."""
    if inspect.isasyncgen(generator):
        return loop.run_until_complete(anext(generator, _END))
    return loop.run_until_complete(loop.run_in_executor(None, next, generator, _END))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: Any) -> Any:
    """Run a launch test: coroutines on the launch's loop, functions in a thread beside it."""
    mark = pyfuncitem.get_closest_marker(_MARK)
    options = None if mark is None else getattr(mark.kwargs.get("fixture"), OPTIONS, None)
    if options is None:
        return (yield)
    function = pyfuncitem.obj
    if mark.kwargs.get("shutdown", False) and _is_generator(function):
        pytest.fail(
            "generator or async generator based launch test items cannot be marked with "
            "shutdown=True"
        )
    pyfuncitem.obj = functools.partial(_run, pyfuncitem, function, options)
    try:
        return (yield)
    finally:
        pyfuncitem.obj = function


def _run(item: Any, function: Callable[..., Any], options: LaunchOptions, **arguments: Any) -> None:
    """Run one item."""
    loop, service = item.funcargs["event_loop"], item.funcargs["launch_service"]
    if _runs_after_shutdown(item):
        _finish(service, shut_down=options.auto_shutdown)
    if _is_generator(function):
        stages = getattr(item, "_launch_stages", None)
        if stages is None:
            stages = _Stages()
            stages.run_first(function, loop, arguments)
            _finish(service, shut_down=options.auto_shutdown)
            stages.run_second(loop)
        elif _runs_after_shutdown(item):
            stages.run_second(loop)
        else:
            stages.run_first(function, loop, arguments)
    elif inspect.iscoroutinefunction(function):
        loop.run_until_complete(function(**arguments))
    else:
        call = functools.partial(function, **arguments)
        loop.run_until_complete(loop.run_in_executor(None, call))


event_loop, launch_service, launch_context = launch_fixtures("function").values()
