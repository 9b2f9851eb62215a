"""Executors: they wait for everything their nodes have and run the callbacks.

One DDS wait set an executor holds the conditions of all entities; it changes only when entities
do. An idle executor sleeps in it.
"""

import inspect
import os
import threading
import time
import warnings
import weakref
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from types import CoroutineType

from ros2_embedded.wire.library import DdsError
from ros2_embedded.wire.waitset import Guard, WaitSet

from rclpy.client import Client
from rclpy.exceptions import InvalidHandle
from rclpy.signals import register_waker
from rclpy.task import Task, step
from rclpy.utilities import get_default_context, timeout_sec_to_nsec


# Callbacks that may wait for a thread; beyond that their messages stay where QoS bounds them.
BACKLOG = 1000
_PATIENCE = 1.0  # seconds


class TimeoutException(Exception):
    """Nothing was ready in time."""


class ShutdownException(Exception):
    """The executor was shut down."""


class ExternalShutdownException(Exception):
    """The context was shut down by somebody else."""


class ConditionReachedException(Exception):
    """The condition of the wait became true."""


async def _awaiting(awaitable):
    return await awaitable


async def await_or_execute(callback, *args):
    """Call a function, or await a coroutine function."""
    result = callback(*args)
    if inspect.isawaitable(result):
        return await result
    return result


def _order(owner):
    """Rank what is ready at the same time as rclpy does: topics before answers before requests."""
    return -1 if owner is None else owner._order


class _Work:
    """A callback that is ready, with its arguments; its group is already occupied."""

    __slots__ = ("args", "entity", "executor", "function")

    def __init__(self, executor, entity, function, args):
        self.executor = executor
        self.entity = entity
        self.function = function
        self.args = args

    def run(self):
        """Call it; a coroutine that has to wait goes on as a task and holds the group until then."""
        try:
            self._run()
        finally:
            self.executor._work_done()

    def _run(self):
        try:
            result = self.function(*self.args)
            if type(result) is not CoroutineType:
                if not inspect.isawaitable(result):
                    self.end()
                    return
                result = _awaiting(result)
            awaited = step(result)
        except StopIteration:
            self.end()
            return
        except BaseException:
            self.end()
            raise
        task = Task(result, executor=self.executor)
        task._when_finished(self.end)
        task._continue_after(awaited)

    def end(self):
        """Leave the callback group."""
        self.entity.callback_group.ending_execution(self.entity)
        self.executor._group_left()


class Executor:
    """Base of the executors."""

    def __init__(self, *, context=None):
        self._context = get_default_context() if context is None else context
        participant = self._context.participant
        self._nodes = []
        self._nodes_lock = threading.RLock()
        self._tasks = deque()
        self._batch = deque()
        self._watched = weakref.WeakSet()
        self._ready = deque()
        self._blocked = {}  # condition -> entity, while its group is busy
        self._timers = []
        self._is_shutdown = False
        self._ended_first = False  # before the context did
        self._shutdown_lock = threading.Lock()
        self._running = 0
        self._idle = threading.Condition()
        self._guard = Guard(participant.entity)
        self._waitset = WaitSet(participant.entity)
        self._waitset.attach(self._guard.condition, None)
        self._waiting = False
        self._woken = False
        self._stale = True
        waker = weakref.WeakMethod(self.trigger)

        def wake():
            trigger = waker()
            if trigger is not None:
                trigger()

        self._stop_listening = self._context._on_end(wake)
        self._spinning_thread = None
        register_waker(self)

    def __del__(self):
        if hasattr(self, "_stop_listening"):
            self._stop_listening()
            self._waitset.close()
            self._guard.close()

    # ------------------------------------------------------------ life
    @property
    def context(self):
        return self._context

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.shutdown()

    def wake(self):
        """Make the executor look at its nodes again."""
        self._stale = True
        self._nudge()

    def _nudge(self):
        self._woken = True
        if self._waiting:
            self._guard.trigger()

    def trigger(self):
        """Wake it from whatever thread, also a signal's."""
        self._woken = True
        self._guard.trigger()

    def create_task(self, callback, *args, **kwargs):
        """Run a function or coroutine in the executor; returns its Task (a Future)."""
        task = Task(callback, args, kwargs, executor=self)
        self._resume(task)
        return task

    def _resume(self, task):
        """Run a task (again) as soon as possible."""
        self._tasks.append(task)
        self._nudge()

    def _work_done(self):
        with self._idle:
            self._running -= 1
            if not self._running or self._running == BACKLOG - 1:
                self._idle.notify_all()

    def _group_left(self):
        """Look again at what had to wait for a callback group."""
        if self._blocked or self._timers:
            self._nudge()

    def _raise_from(self, task):
        if task.done() and task.exception() is not None:
            raise task.exception()

    def shutdown(self, timeout_sec=None):
        """Stop; False when callbacks are still running after the timeout in seconds."""
        with self._shutdown_lock:
            if not self._is_shutdown:
                self._ended_first = self._context.ok()
            already, self._is_shutdown = self._is_shutdown, True
            if already:
                return True
        self.trigger()
        if self._in_callback() is False:
            with self._idle:
                if not self._idle.wait_for(
                    lambda: not self._running,
                    None if timeout_sec is None or timeout_sec < 0 else timeout_sec,
                ):
                    return False
        self._stop_listening()
        with self._nodes_lock:
            self._nodes = []
        self._timers = []
        self._ready.clear()
        self._close_waitset()
        return True

    def _in_callback(self):
        return threading.get_ident() in self._callback_threads()

    def _callback_threads(self):
        return {self._spinning_thread}

    def _close_waitset(self):
        if not self._waiting:
            self._waitset.close()
            self._guard.close()

    # ------------------------------------------------------------ nodes
    def add_node(self, node):
        """Run the callbacks of this node; False if that is so already."""
        with self._nodes_lock:
            if node in self._nodes:
                return False
            self._nodes.append(node)
        node.executor = self
        self.wake()
        return True

    def remove_node(self, node):
        """Do not run the callbacks of this node any more."""
        with self._nodes_lock:
            if node not in self._nodes:
                return
            self._nodes.remove(node)
        self.wake()

    def get_nodes(self):
        """Return the nodes."""
        with self._nodes_lock:
            return list(self._nodes)

    # ------------------------------------------------------------ waiting
    def _synchronise(self):
        """Attach and detach what came and went since the last time."""
        self._stale = False
        nodes = self.get_nodes()
        wanted = {}
        timers = []
        for node in nodes:
            for entity in node._sources():
                condition = entity.condition
                if condition:
                    wanted[condition] = entity
            for timer in node._all_timers():
                timer._wake = self._nudge
                timers.append(timer)
        self._timers = timers
        waitset = self._waitset
        own = self._guard.condition
        for condition in waitset.conditions():
            if condition != own and condition not in wanted:
                waitset.detach(condition)
        for condition, entity in wanted.items():
            if condition not in self._blocked:
                waitset.attach(condition, entity)
        for condition in list(self._blocked):
            if condition not in wanted:
                del self._blocked[condition]

    def _unblock(self):
        for condition, entity in list(self._blocked.items()):
            if entity.callback_group.can_execute(entity):
                del self._blocked[condition]
                self._waitset.attach(condition, entity)

    def _wait(self, nanoseconds):
        """Wait until something is ready or the time (None: no limit) is over."""
        if self._stale:
            self._synchronise()
        if self._blocked:
            self._unblock()
        limit = nanoseconds
        for timer in self._timers:
            left = timer._left()
            if left is None:
                continue
            if left <= 0:
                if timer.callback_group.can_execute(timer):
                    self._ready.append(timer)
            elif limit is None or left < limit:
                limit = left
        if self._ready or self._tasks or self._batch:
            limit = 0
        self._waiting = True
        if self._woken:
            limit = 0
        self._woken = False
        try:
            owners = self._waitset.wait(limit)
        finally:
            self._waiting = False
        if len(owners) > 1:
            owners.sort(key=_order)
        for owner in owners:
            if owner is None:
                self._guard.clear()
            else:
                self._ready.append(owner)

    def _begin(self, entity):
        """Take what is ready and occupy the group; None if there is nothing to run."""
        group = entity.callback_group
        if not group.beginning_execution(entity):
            condition = getattr(entity, "condition", 0)
            if condition and condition in self._waitset:
                self._waitset.detach(condition)
                self._blocked[condition] = entity
            return None
        with self._idle:
            self._running += 1
        try:
            taken = entity._take(self)
        except BaseException as failure:
            self._leave(entity)
            if isinstance(failure, InvalidHandle):
                return None
            raise
        if taken is None or taken[0] is None:
            self._leave(entity)
            return None
        return _Work(self, entity, *taken)

    def _leave(self, entity):
        entity.callback_group.ending_execution(entity)
        self._work_done()
        self._group_left()

    def _next(self, timeout_sec=None, condition=None):
        """Return the next _Work or Task.

        Raises:
            TimeoutException, ShutdownException, ExternalShutdownException,
            ConditionReachedException: why there is none.

        """
        nanoseconds = timeout_sec_to_nsec(timeout_sec)
        deadline = None if nanoseconds < 0 else time.monotonic_ns() + nanoseconds
        waited = False
        while True:
            if self._is_shutdown and self._ended_first:
                raise ShutdownException
            if not self._context._ok:
                raise ExternalShutdownException
            if self._is_shutdown:
                raise ShutdownException
            if condition is not None and condition():
                raise ConditionReachedException
            task = self._next_task()
            if task is not None:
                return task
            while self._ready:
                work = self._begin(self._ready.popleft())
                if work is not None:
                    return work
            left = None
            if deadline is not None:
                left = deadline - time.monotonic_ns()
                if left <= 0:
                    if waited:
                        raise TimeoutException
                    left = 0
            try:
                self._wait(left)
            except DdsError:
                # Another thread ended the executor or the context, whose entities are gone now.
                if not self._context._ok:
                    raise ExternalShutdownException from None
                if self._is_shutdown:
                    raise ShutdownException from None
                raise
            waited = True

    def _next_task(self):
        """Return a task that can go on; of those that came in together the newest is first."""
        while self._tasks or self._batch:
            if not self._batch:
                self._batch, self._tasks = self._tasks, deque()
            try:
                task = self._batch.pop()
            except IndexError:
                continue
            if not task.done() and not task.cancelled():
                return task
        return None

    # ------------------------------------------------------------ spinning
    def spin(self):
        """Run callbacks until the executor or its context ends."""
        while self._context.ok() and not self._is_shutdown:
            self.spin_once()

    def spin_until_future_complete(self, future, timeout_sec=None):
        """Run callbacks until a future is done or the timeout in seconds is over."""
        self._watch(future)
        endless = timeout_sec is None or timeout_sec < 0
        end = None if endless else time.monotonic() + timeout_sec
        while self._context.ok() and not future.done() and not self._is_shutdown:
            self.spin_once_until_future_complete(future, timeout_sec)
            if end is not None:
                timeout_sec = end - time.monotonic()
                if timeout_sec <= 0:
                    return

    def _watch(self, future):
        """Wake up when this future is done."""
        if future not in self._watched:
            self._watched.add(future)
            future._when_finished(self._nudge)

    def spin_once(self, timeout_sec=None):
        """Wait for one callback and run it."""
        self._spin_once_impl(timeout_sec)

    def spin_once_until_future_complete(self, future, timeout_sec=None):
        """Wait for one callback or for the future, and run the callback."""
        self._watch(future)
        self._spin_once_impl(timeout_sec, future.done)

    def _spin_once_impl(self, timeout_sec=None, condition=None):
        raise NotImplementedError


class SingleThreadedExecutor(Executor):
    """Runs callbacks in the thread that spins."""

    def _spin_once_impl(self, timeout_sec=None, condition=None):
        try:
            work = self._next(timeout_sec, condition)
        except (ShutdownException, TimeoutException, ConditionReachedException):
            return
        before, self._spinning_thread = self._spinning_thread, threading.get_ident()
        try:
            if type(work) is _Work:
                work.run()
            else:
                work()
                self._raise_from(work)
        finally:
            self._spinning_thread = before
            if self._is_shutdown:
                self._close_waitset()


class MultiThreadedExecutor(Executor):
    """Runs callbacks in a pool of threads."""

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
        self._executor = ThreadPoolExecutor(num_threads, thread_name_prefix="ros-executor")
        self._failures = deque()
        self._pool_threads = set()

    def _callback_threads(self):
        return self._pool_threads

    def _run(self, work):
        self._pool_threads.add(threading.get_ident())
        try:
            if type(work) is _Work:
                work.run()
            else:
                work()
                self._raise_from(work)
        except Exception as failure:
            self._failures.append(failure)
            self._nudge()

    def _spin_once_impl(self, timeout_sec=None, condition=None):
        def reached():
            return bool(self._failures) or (condition is not None and condition())

        with self._idle:
            if not self._idle.wait_for(lambda: self._running < BACKLOG, _PATIENCE):
                return  # spin() looks whether the context has ended and comes back

        try:
            work = self._next(timeout_sec, reached)
        except (ShutdownException, TimeoutException, ConditionReachedException):
            work = None
        if type(work) is _Work and type(work.entity) is Client:
            # It only completes a future. Callbacks that wait for it may occupy all threads.
            work.run()
        elif work is not None:
            try:
                self._executor.submit(self._run, work)
            except RuntimeError:
                # The pool ended between the wait and now.
                if type(work) is _Work:
                    work.end()
        if self._failures:
            raise self._failures.popleft()

    def shutdown(self, timeout_sec=None):
        """Stop, waiting for the running callbacks; False after the timeout in seconds."""
        success = super().shutdown(timeout_sec)
        self._executor.shutdown(wait=False)
        return success
