"""Things a node waits for that are made of several entities."""


class NumberOfEntities:
    """How many entities of each kind something has."""

    __slots__ = (
        "num_subscriptions", "num_guard_conditions", "num_timers", "num_clients", "num_services",
        "num_events",
    )  # fmt: skip

    def __init__(
        self, num_subs=0, num_gcs=0, num_timers=0, num_clients=0, num_services=0, num_events=0
    ):
        self.num_subscriptions = num_subs
        self.num_guard_conditions = num_gcs
        self.num_timers = num_timers
        self.num_clients = num_clients
        self.num_services = num_services
        self.num_events = num_events

    def __add__(self, other):
        result = type(self)()
        for name in self.__slots__:
            setattr(result, name, getattr(self, name) + getattr(other, name))
        return result

    def __repr__(self):
        return "<NumberOfEntities({}, {}, {}, {}, {}, {})>".format(
            *(getattr(self, name) for name in self.__slots__)
        )


class _Source:
    """One condition or timer of a waitable, for the executor."""

    _order = 0

    __slots__ = ("_executor_event", "callback_group", "condition", "timer", "waitable")

    def __init__(self, waitable, condition=0, timer=None):
        self.waitable = waitable
        self.condition = condition
        self.timer = timer
        self.callback_group = waitable.callback_group
        self._executor_event = False

    def _wake_by(self, wake):
        self.timer._wake = wake

    _wake = property(fset=_wake_by, doc="What the timer calls when it was changed.")

    def _left(self):
        """Nanoseconds until a timer of the waitable is due; None while there is no telling."""
        return self.timer._left()

    def _take(self, executor):
        waitable = self.waitable
        wait_set = waitable._wait_set
        if wait_set is not None and not waitable.is_ready(wait_set):
            return None
        data = waitable.take_data()
        if not data and wait_set is None:
            return None
        for future in waitable._futures:
            future._set_executor(executor)
        return waitable.execute, (data,)


class Waitable:
    """Base of what Node.add_waitable takes; a subclass offers its conditions."""

    timers = ()
    _wait_set = None
    _on_change = staticmethod(lambda: None)  # the node sets what makes an executor look again

    def __init__(self, callback_group):
        self.callback_group = callback_group
        self.callback_group.add_entity(self)
        self._executor_event = False
        self._futures = []
        self._known_sources = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def add_future(self, future):
        """Let the executor that runs this waitable run the callbacks of this future too."""
        self._futures.append(future)

    def remove_future(self, future):
        """Undo add_future."""
        self._futures.remove(future)

    def conditions(self):
        """Return the DDS conditions that say there is something to take.

        By default those of the handles that add_to_wait_set() adds.
        """
        from rclpy.impl.wait_set import OfWaitable

        self._wait_set = OfWaitable()
        self.add_to_wait_set(self._wait_set)
        return self._wait_set.conditions()

    def _sources(self):
        known = self._known_sources
        found = {at: known.get(at) or _Source(self, at) for at in self.conditions()}
        self._known_sources = found
        return found.values()

    def _all_timers(self):
        yield from self.timers
        for handle in self._wait_set.handles["timer"] if self._wait_set is not None else ():
            yield _Source(self, timer=handle.timer)

    def is_ready(self, wait_set):
        raise NotImplementedError("Must be implemented by subclass")

    def take_data(self):
        raise NotImplementedError("Must be implemented by subclass")

    async def execute(self, taken_data):
        raise NotImplementedError("Must be implemented by subclass")

    def get_num_entities(self):
        raise NotImplementedError("Must be implemented by subclass")

    def add_to_wait_set(self, wait_set):
        raise NotImplementedError("Must be implemented by subclass")
