"""Executors: they wait for entities of nodes and run their callbacks."""

import inspect
import os
import threading
import time
import warnings
from collections import deque
from concurrent.futures import ThreadPoolExecutor

from ros2_embedded.wire.waitset import Guard, WaitSet

from rclpy.task import Task
from rclpy.utilities import get_default_context, timeout_sec_to_nsec


class TimeoutException(Exception):
    """Nothing was ready in time."""


class ShutdownException(Exception):
    """The executor was shut down."""


class ExternalShutdownException(Exception):
    """The context was shut down while an executor was spinning."""

    def __init__(self):
        super().__init__("Context has been shutdown externally")


class ConditionReachedException(Exception):
    """The condition of a spin was reached."""


class TimeoutObject:
    """A timeout that can be changed while it runs."""

    def __init__(self, timeout):
        self._timeout = timeout

    @property
    def timeout(self):
        return self._timeout

    @timeout.setter
    def timeout(self, timeout):
        self._timeout = timeout


async def await_or_execute(callback, *args):
    """Await a coroutine function or call a function."""
    if inspect.iscoroutinefunction(callback):
        return await callback(*args)
    return callback(*args)


class Executor:
    """Base: waits for whatever is ready; subclasses decide where callbacks run."""

    def __init__(self, *, context=None):
        super().__init__()
        self._context = get_default_context() if context is None else context
        self._nodes = set()
        self._nodes_lock = threading.RLock()
        self._tasks = deque()
        self._tasks_lock = threading.Lock()
        self._is_shutdown = False
        self._shutdown_lock = threading.Lock()
        self._wait_lock = threading.Lock()
        self._ready = deque()
        self._busy = 0
        self._idle = threading.Condition()
        participant = self._context.participant
        self._guard = Guard(participant.entity)
        self._waitset = WaitSet(participant.entity)
        self._waitset.attach(self._guard.condition, None)
        self._forget = self._context._on_end(self._guard.trigger)
        self._last_callback_raised = None

    @property
    def context(self):
        return self._context

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.shutdown()

    # ------------------------------------------------------------------ tasks
    def create_task(self, callback, *args, **kwargs):
        """Run a function or coroutine in this executor; returns its task."""
        task = Task(callback, args, kwargs, executor=self)
        with self._tasks_lock:
            self._tasks.append((task, None, None))
        self._guard.trigger()
        return task

    def wake(self):
        """Wake the executor because something changed."""
        self._guard.trigger()

    # ------------------------------------------------------------------ nodes
    def add_node(self, node):
        """Spin this node; False if it was added already."""
        with self._nodes_lock:
            if node in self._nodes:
                return False
            self._nodes.add(node)
            node.executor = self
        self._guard.trigger()
        return True

    def remove_node(self, node):
        """Do not spin this node any more."""
        with self._nodes_lock:
            if node not in self._nodes:
                return
            self._nodes.discard(node)
            if node.executor is self:
                node._executor_weakref = None
        self._guard.trigger()

    def get_nodes(self):
        with self._nodes_lock:
            return list(self._nodes)

    # ------------------------------------------------------------------ life
    def shutdown(self, timeout_sec=None):
        """Stop; waits for running callbacks and says whether they ended in time."""
        with self._shutdown_lock:
            if not self._is_shutdown:
                self._is_shutdown = True
        self._guard.trigger()
        with self._idle:
            if not self._idle.wait_for(lambda: self._busy == 0, timeout_sec):
                return False
        with self._nodes_lock:
            for node in self._nodes:
                if node.executor is self:
                    node._executor_weakref = None
            self._nodes = set()
        self._forget()
        with self._wait_lock:
            self._waitset.close()
            self._guard.close()
        return True

    def __del__(self):
        guard = getattr(self, "_guard", None)
        if guard is not None:
            self._forget()
            self._waitset.close()
            guard.close()

    # ------------------------------------------------------------------ spinning
    def spin(self):
        """Run callbacks until shutdown."""
        while self._context.ok() and not self._is_shutdown:
            self.spin_once()

    def spin_until_future_complete(self, future, timeout_sec=None):
        """Run callbacks until the future is done or the time is over."""
        future.add_done_callback(lambda _: self.wake())
        self._spin_until(future.done, timeout_sec)

    def _spin_until(self, reached, timeout_sec):
        if timeout_sec is None or timeout_sec < 0:
            while self._context.ok() and not self._is_shutdown and not reached():
                self._spin_once_until(None, reached)
            return
        end = time.monotonic() + timeout_sec
        left = timeout_sec
        while self._context.ok() and not self._is_shutdown and not reached():
            self._spin_once_until(left, reached)
            left = end - time.monotonic()
            if left <= 0:
                return

    def _spin_once_until(self, timeout_sec, reached):
        """Run one callback at most, giving up when ``reached()`` is true."""
        try:
            handler, _, _ = self.wait_for_ready_callbacks(timeout_sec, None, reached)
        except (ShutdownException, TimeoutException, ConditionReachedException):
            return
        self._run(handler)

    def spin_once(self, timeout_sec=None):
        raise NotImplementedError()

    def spin_once_until_future_complete(self, future, timeout_sec=None):
        raise NotImplementedError()

    def _run(self, handler):
        raise NotImplementedError()

    # ------------------------------------------------------------------ taking
    def _take_waitable(self, waitable):
        data = waitable.take_data()
        for future in waitable._futures:
            future._set_executor(self)
        return waitable.execute, (data,)

    def _make_handler(self, entity, node):
        entity._executor_event = True

        async def handler():
            if self._is_shutdown or not entity.callback_group.beginning_execution(entity):
                entity._executor_event = False
                self._guard.trigger()
                return
            try:
                if hasattr(entity, "take_data"):
                    call = self._take_waitable(entity)
                else:
                    call = entity._take(self)
                entity._executor_event = False
                if call is not None and call[0] is not None:
                    result = call[0](*call[1])
                    if inspect.isawaitable(result):
                        await result
            finally:
                entity._executor_event = False
                entity.callback_group.ending_execution(entity)
                if self._parallel:
                    self._guard.trigger()

        task = Task(handler, executor=self)
        with self._tasks_lock:
            self._tasks.append((task, entity, node))
        return task

    _parallel = False

    # ------------------------------------------------------------------ waiting
    def can_execute(self, entity):
        return not entity._executor_event and entity.callback_group.can_execute(entity)

    def wait_for_ready_callbacks(self, timeout_sec=None, nodes=None, condition=lambda: False):
        """Return (task, entity, node) of the next callback.

        Raises TimeoutException, ShutdownException, ConditionReachedException or
        ExternalShutdownException.
        """
        if isinstance(timeout_sec, TimeoutObject):
            timeout_sec = timeout_sec.timeout
        nanoseconds = timeout_sec_to_nsec(timeout_sec)
        deadline = None if nanoseconds < 0 else time.monotonic_ns() + nanoseconds
        first = True
        while True:
            if self._is_shutdown:
                raise ShutdownException()
            if not self._context.ok():
                raise ExternalShutdownException()
            if condition():
                raise ConditionReachedException()
            found = self._next_task(nodes)
            if found is not None:
                return found
            left = None if deadline is None else deadline - time.monotonic_ns()
            if left is not None and left <= 0 and not first:
                raise TimeoutException()
            first = False
            with self._wait_lock:
                self._collect(nodes, left, condition)

    def _next_task(self, nodes):
        with self._tasks_lock:
            for _ in range(len(self._tasks)):
                task, entity, node = self._tasks.popleft()
                if task.done():
                    continue
                if task.executing() or (nodes is not None and node is not None and node not in nodes):
                    self._tasks.append((task, entity, node))
                    continue
                if task._waiting_on is not None and not task._waiting_on.done() and not task._waiting_on.cancelled():
                    self._tasks.append((task, entity, node))
                    continue
                return task, entity, node
        return None

    def _collect(self, nodes, nanoseconds, condition_reached):
        """Wait once and make a task of everything that is ready."""
        if self._is_shutdown or self._tasks_ready():
            nanoseconds = 0
        wanted, timers = {}, []
        for node in self.get_nodes() if nodes is None else list(nodes):
            for entity in (*node._subscriptions, *node._services, *node._clients, *node._guards):
                if self.can_execute(entity):
                    wanted[entity.condition] = (entity, node)
            for timer in node._timers:
                timer._wake = self.wake
                if self.can_execute(timer):
                    timers.append((timer, node))
            for waitable in node._waitables:
                if self.can_execute(waitable):
                    for condition in waitable.conditions():
                        wanted[condition] = (waitable, node)
        self._attach(wanted)
        for timer, _ in timers:
            until = timer._left()
            if until is not None and (nanoseconds is None or until < nanoseconds):
                nanoseconds = max(until, 0)
        if condition_reached():
            nanoseconds = 0
        ready = self._waitset.wait(nanoseconds)
        self._guard.clear()
        if self._is_shutdown:
            return
        for timer, node in timers:
            left = timer._left()
            if left is not None and left <= 0:
                self._make_handler(timer, node)
        made = set()
        for entry in ready:
            if entry is None:
                continue
            entity, node = entry
            if id(entity) not in made and self.can_execute(entity):
                made.add(id(entity))
                self._make_handler(entity, node)

    def _tasks_ready(self):
        with self._tasks_lock:
            return any(
                not task.executing()
                and not task.done()
                and (task._waiting_on is None or task._waiting_on.done() or task._waiting_on.cancelled())
                for task, _, _ in self._tasks
            )

    def _attach(self, wanted):
        attached = self._waitset._attached
        if attached.keys() - wanted.keys() != {self._guard.condition}:
            for condition in self._waitset.conditions():
                if condition not in wanted and condition != self._guard.condition:
                    self._waitset.detach(condition)
        for condition, entry in wanted.items():
            if condition not in attached:
                try:
                    self._waitset.attach(condition, entry)
                except RuntimeError:
                    continue  # destroyed between the look at the node and here
            else:
                attached[condition] = entry

    # ------------------------------------------------------------------ running
    def _execute(self, task):
        """Run a task until its end or its next await; a failure of a callback is raised here."""
        with self._idle:
            self._busy += 1
        try:
            task()
        finally:
            with self._idle:
                self._busy -= 1
                self._idle.notify_all()
        if not task.done() and not task.cancelled():
            with self._tasks_lock:
                self._tasks.append((task, None, None))


class SingleThreadedExecutor(Executor):
    """Runs callbacks in the thread that calls spin()."""

    def _run(self, handler):
        self._execute(handler)
        if handler.done() and handler.exception() is not None:
            raise handler.exception()

    def _spin_once_impl(self, timeout_sec, condition=lambda: False):
        try:
            handler, _, _ = self.wait_for_ready_callbacks(timeout_sec, None, condition)
        except (ShutdownException, TimeoutException, ConditionReachedException):
            return
        self._run(handler)

    def spin_once(self, timeout_sec=None):
        self._spin_once_impl(timeout_sec)

    def spin_once_until_future_complete(self, future, timeout_sec=None):
        future.add_done_callback(lambda _: self.wake())
        self._spin_once_impl(timeout_sec, future.done)


class MultiThreadedExecutor(Executor):
    """Runs callbacks in a pool of threads."""

    _parallel = True

    def __init__(self, num_threads=None, *, context=None):
        super().__init__(context=context)
        if num_threads is None:
            num_threads = max(len(os.sched_getaffinity(0)), 2)
        if num_threads == 1:
            warnings.warn(
                "MultiThreadedExecutor is used with a single thread.\n"
                "Use the SingleThreadedExecutor instead.",
                stacklevel=2,
            )
        self._pool = ThreadPoolExecutor(num_threads)
        self._failures = deque()

    def _run(self, handler):
        with self._idle:
            self._busy += 1
        self._pool.submit(self._work, handler)
        self._raise_failure()

    def _raise_failure(self):
        if self._failures:
            raise self._failures.popleft()

    def _work(self, handler):
        try:
            self._execute(handler)
            if handler.done() and handler.exception() is not None:
                self._failures.append(handler.exception())
        finally:
            with self._idle:
                self._busy -= 1
                self._idle.notify_all()
            self._guard.trigger()

    def _spin_once_impl(self, timeout_sec, condition=lambda: False):
        try:
            handler, _, _ = self.wait_for_ready_callbacks(
                timeout_sec, None, lambda: condition() or bool(self._failures)
            )
        except (ShutdownException, TimeoutException, ConditionReachedException):
            self._raise_failure()
            return
        self._run(handler)

    def spin_once(self, timeout_sec=None):
        self._spin_once_impl(timeout_sec)

    def spin_once_until_future_complete(self, future, timeout_sec=None):
        future.add_done_callback(lambda _: self.wake())
        self._spin_once_impl(timeout_sec, future.done)

    def shutdown(self, timeout_sec=None, *, wait_for_threads=True):
        done = super().shutdown(timeout_sec)
        self._pool.shutdown(wait=wait_for_threads and done)
        return done

