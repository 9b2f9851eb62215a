"""Questions about classes."""

import inspect
from typing import Any


def isclassinstance(obj: object) -> bool:
    """Tell whether an object is an instance rather than a class."""
    return hasattr(obj, "__class__") and not inspect.isclass(obj)


def is_a(obj: object, entity_type: Any) -> bool:
    """Tell whether an object is an instance of a class."""
    return isinstance(obj, entity_type)


def is_a_subclass(obj: object, entity_type: Any) -> bool:
    """Tell whether an object's class, or the object as a class, derives from a class."""
    if inspect.isclass(obj):
        return issubclass(obj, entity_type)
    return isinstance(obj, entity_type)
