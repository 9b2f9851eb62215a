"""Callbacks for changed parameters, of this node and of others."""

from itertools import chain
from threading import RLock

from rcl_interfaces.msg import ParameterEvent

from rclpy.qos import qos_profile_parameter_events


class ParameterCallbackHandle:
    """A callback for one parameter of one node."""

    def __init__(self, parameter_name, node_name, callback):
        self.parameter_name = parameter_name
        self.node_name = node_name
        self.callback = callback
        self.mutex = RLock()


class ParameterEventCallbackHandle:
    """A callback for every event."""

    def __init__(self, callback):
        self.callback = callback
        self.mutex = RLock()


class ParameterEventHandler:
    """Watches /parameter_events; the newest callback is called first."""

    class Callbacks:
        """The registered callbacks."""

        def __init__(self):
            self.parameter_callbacks = {}
            self.event_callbacks = []
            self.mutex = RLock()

        def event_callback(self, event):
            with self.mutex:
                for (parameter_name, node_name), handles in list(self.parameter_callbacks.items()):
                    parameter = ParameterEventHandler.get_parameter_from_event(
                        event, parameter_name, node_name
                    )
                    if parameter is None:
                        continue
                    for handle in list(handles):
                        with handle.mutex:
                            handle.callback(parameter)
                for handle in list(self.event_callbacks):
                    with handle.mutex:
                        handle.callback(event)

        def add_parameter_callback(self, parameter_name, node_name, callback):
            handle = ParameterCallbackHandle(parameter_name, node_name, callback)
            with self.mutex:
                key = (parameter_name, node_name)
                self.parameter_callbacks.setdefault(key, []).insert(0, handle)
            return handle

        def remove_parameter_callback(self, handle):
            key = (handle.parameter_name, handle.node_name)
            with self.mutex:
                handles = self.parameter_callbacks.get(key, [])
                if handle not in handles:
                    raise RuntimeError("Callback doesn't exist")
                handles.remove(handle)
                if not handles:
                    del self.parameter_callbacks[key]

        def add_parameter_event_callback(self, callback):
            handle = ParameterEventCallbackHandle(callback)
            with self.mutex:
                self.event_callbacks.insert(0, handle)
            return handle

        def remove_parameter_event_callback(self, handle):
            with self.mutex:
                if handle not in self.event_callbacks:
                    raise RuntimeError("Callback doesn't exist")
                self.event_callbacks.remove(handle)

    def __init__(
        self,
        node,
        qos_profile=qos_profile_parameter_events,
        callback_group=None,
        event_callbacks=None,
        qos_overriding_options=None,
        raw=False,
    ):
        self.node = node
        self.qos_profile = qos_profile
        self._callbacks = ParameterEventHandler.Callbacks()
        self.parameter_event_subscription = node.create_subscription(
            ParameterEvent,
            "/parameter_events",
            self._callbacks.event_callback,
            qos_profile,
            callback_group=callback_group,
            event_callbacks=event_callbacks,
            qos_overriding_options=qos_overriding_options,
            raw=raw,
        )

    def destroy(self):
        self.node.destroy_subscription(self.parameter_event_subscription)

    @staticmethod
    def get_parameter_from_event(event, parameter_name, node_name):
        """Return the parameter's message if the event is about it, else None."""
        if event.node == node_name:
            for parameter in ParameterEventHandler.get_parameters_from_event(event):
                if parameter.name == parameter_name:
                    return parameter
        return None

    @staticmethod
    def get_parameters_from_event(event):
        """Yield the messages of all new and changed parameters."""
        yield from chain(event.new_parameters, event.changed_parameters)

    def add_parameter_callback(self, parameter_name, node_name, callback):
        """Call ``callback(parameter message)``; the name may be relative, empty is this node."""
        return self._callbacks.add_parameter_callback(
            parameter_name, self._resolve_path(node_name), callback
        )

    def remove_parameter_callback(self, handle):
        """Undo add_parameter_callback; raises RuntimeError if there is nothing to undo."""
        self._callbacks.remove_parameter_callback(handle)

    def add_parameter_event_callback(self, callback):
        """Call ``callback(event)`` for every event."""
        return self._callbacks.add_parameter_event_callback(callback)

    def remove_parameter_event_callback(self, handle):
        """Undo add_parameter_event_callback; raises RuntimeError if there is nothing to undo."""
        self._callbacks.remove_parameter_event_callback(handle)

    def _resolve_path(self, node_path=None):
        if not node_path:
            return self.node.get_fully_qualified_name()
        if node_path.startswith("/"):
            return node_path
        return f"{self.node.get_namespace().rstrip('/')}/{node_path}"
