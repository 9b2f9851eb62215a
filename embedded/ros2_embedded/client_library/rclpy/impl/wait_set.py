"""Waits for handles: for programs that do without an executor, and for what they put in a Waitable."""

from ros2_embedded.wire.waitset import WaitSet as Conditions

_KINDS = ("subscription", "guard_condition", "timer", "client", "service", "event")


class WaitSet:
    """Holds handles and tells which of them are ready.

    Upstream wants the number of handles of each kind, then the context; here any number fits.
    """

    def __init__(self, *numbers_and_context):
        self._context_handle = numbers_and_context[-1] if numbers_and_context else None
        self.handles = {kind: [] for kind in _KINDS}

    def _add(self, kind, handle):
        self.handles[kind].append(handle)
        return len(self.handles[kind]) - 1

    def add_client(self, handle):
        return self._add("client", handle)

    def add_service(self, handle):
        return self._add("service", handle)

    def add_subscription(self, handle):
        return self._add("subscription", handle)

    def add_guard_condition(self, handle):
        return self._add("guard_condition", handle)

    def add_timer(self, handle):
        return self._add("timer", handle)

    def add_event(self, handle):
        return self._add("event", handle)

    def clear_entities(self):
        """Forget all handles."""
        for handles in self.handles.values():
            handles.clear()

    def is_ready(self, kind, index):
        """Say whether a handle that was added has something to take."""
        return self.handles[kind][index].ready()

    def conditions(self):
        """Return the conditions of everything that has one."""
        return [
            one.condition
            for kind, handles in self.handles.items()
            for one in handles
            if kind != "timer"
        ]

    def wait(self, timeout_nanoseconds):
        """Wait until something is ready or the time is over; without a limit if it is negative."""
        limits = [timeout_nanoseconds] if timeout_nanoseconds >= 0 else []
        lefts = [handle.timer._left() for handle in self.handles["timer"]]
        limits += [max(left, 0) for left in lefts if left is not None]
        waited = Conditions(self._context_handle.participant.entity)
        try:
            for condition in self.conditions():
                waited.attach(condition, condition)
            waited.wait(min(limits, default=None))
        finally:
            waited.close()


class OfWaitable(WaitSet):
    """Notes what a Waitable adds."""

    def add_event(self, handle):
        raise NotImplementedError(
            "events in a Waitable are not supported; use the event callbacks of the endpoint"
        )
