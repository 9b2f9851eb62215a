"""Things a node waits for that are made of several entities: the two ends of an action, events."""


class _Source:
    """One condition of a waitable, for the executor."""

    _order = 0

    __slots__ = ("callback_group", "condition", "waitable")

    def __init__(self, waitable, condition):
        self.waitable = waitable
        self.condition = condition
        self.callback_group = waitable.callback_group

    def _take(self, executor):
        waitable = self.waitable
        data = waitable.take_data()
        if not data:
            return None
        for future in waitable._futures:
            future._set_executor(executor)
        return waitable.execute, (data,)


class Waitable:
    """Base of what Node.add_waitable takes; a subclass offers its conditions and takes its data."""

    timers = ()
    _on_change = staticmethod(lambda: None)  # the node sets what makes an executor look again

    def __init__(self, callback_group):
        self.callback_group = callback_group
        self.callback_group.add_entity(self)
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
        """Return the DDS conditions that say there is something to take."""
        raise NotImplementedError("own Waitable classes are left to a real ROS 2: make ros2")

    def _sources(self):
        known = self._known_sources
        found = {at: known.get(at) or _Source(self, at) for at in self.conditions()}
        self._known_sources = found
        return found.values()
