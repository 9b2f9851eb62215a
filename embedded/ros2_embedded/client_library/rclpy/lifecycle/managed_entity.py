"""Entities that follow the state of a managed node."""

from enum import Enum
from functools import wraps


class TransitionCallbackReturn(Enum):
    """What the callback of a transition says."""

    SUCCESS = 97
    FAILURE = 98
    ERROR = 99

    def to_label(self):
        """Return the label of the transition that follows."""
        return f"transition_{self.name.lower()}"


class ManagedEntity:
    """Base: agrees to everything."""

    def on_configure(self, state):
        return TransitionCallbackReturn.SUCCESS

    def on_cleanup(self, state):
        return TransitionCallbackReturn.SUCCESS

    def on_shutdown(self, state):
        return TransitionCallbackReturn.SUCCESS

    def on_activate(self, state):
        return TransitionCallbackReturn.SUCCESS

    def on_deactivate(self, state):
        return TransitionCallbackReturn.SUCCESS

    def on_error(self, state):
        return TransitionCallbackReturn.SUCCESS


class SimpleManagedEntity(ManagedEntity):
    """Works only between activation and deactivation."""

    def __init__(self):
        self._enabled = False

    def on_activate(self, state):
        self._enabled = True
        return TransitionCallbackReturn.SUCCESS

    def on_deactivate(self, state):
        self._enabled = False
        return TransitionCallbackReturn.SUCCESS

    @property
    def is_activated(self):
        return self._enabled

    @staticmethod
    def when_enabled(wrapped=None, *, when_not_enabled=None):
        """Make a method do nothing (or call ``when_not_enabled``) while it is not active."""

        def decorate(method):
            @wraps(method)
            def only_when_enabled(self, *args, **kwargs):
                if self._enabled:
                    method(self, *args, **kwargs)
                elif when_not_enabled is not None:
                    when_not_enabled()

            return only_when_enabled

        return decorate if wrapped is None else decorate(wrapped)
