"""Makes the Python class of a message, with the interface of the classes rosidl generates."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from ros2_embedded.idl.array_bytes import TYPECODE
from ros2_embedded.idl.definition import Field, FieldType, MessageDefinition

_IDL_NAME = {
    "float32": "float",
    "float64": "double",
    "bool": "boolean",
    "byte": "octet",
    "char": "uint8",
}
ClassOf = Callable[[str], type]


class MessageType(type):
    """Metaclass of all messages; `__import_type_support__` does nothing here and must exist."""

    _definition_: MessageDefinition

    def __import_type_support__(cls) -> None:
        """Exist for programs that call it; there is no C type support to import."""


def make_class(kind: MessageDefinition, module: str, class_of: ClassOf) -> type:
    """Make the class; classes of nested messages are asked for when a default is needed."""
    attributes: dict[str, Any] = {
        "__slots__": [f"_{field.name}" for field in kind.fields],
        "__module__": module,
        "__doc__": f"Message class '{kind.short_name}'.",
        "_definition_": kind,
        "_fields_and_field_types": OrderedDict(
            (field.name, idl_type(field.type)) for field in kind.fields
        ),
        "__init__": _initializer(kind, class_of),
        "__repr__": _representation(kind),
        "__eq__": _equality(kind),
        "__hash__": None,
        "__copy__": _copy(kind),
        "get_fields_and_field_types": classmethod(lambda cls: cls._fields_and_field_types.copy()),
    }
    for field in kind.fields:
        attributes[field.name] = _property(field)
    for constant in kind.constants:
        attributes[constant.name] = (
            bytes([constant.value]) if constant.type == "byte" else constant.value
        )
    for field in kind.fields:
        if field.default is not None:
            attributes[f"{field.name.upper()}__DEFAULT"] = field.default
    return MessageType(kind.short_name, (), attributes)


def idl_type(kind: FieldType) -> str:
    """Name a type the way `get_fields_and_field_types` does."""
    base = _IDL_NAME.get(kind.base, kind.base)
    if kind.is_message:
        package, _, name = kind.base.split("/")
        base = f"{package}/{name}"
    elif kind.string_bound:
        base = f"{base}<{kind.string_bound}>"
    if kind.array == "static":
        return f"{base}[{kind.size}]"
    if kind.array == "bounded":
        return f"sequence<{base}, {kind.size}>"
    return f"sequence<{base}>" if kind.array else base


def default_source(field: Field, names: dict[str, Any], class_of: ClassOf) -> str:
    """Return an expression that makes a new default value."""
    kind, value = field.type, field.default
    if kind.array:
        return _array_default(field, names, class_of)
    if kind.is_message:
        alias = "C_" + kind.base.replace("/", "_")
        names.setdefault(alias, class_of(kind.base))
        return f"{alias}()"
    if value is None:
        value = {"bool": False, "float32": 0.0, "float64": 0.0, "string": "", "wstring": ""}.get(
            kind.base, 0
        )
    if kind.base == "byte":
        value = bytes([value])
    return repr(value)


def _array_default(field: Field, names: dict[str, Any], class_of: ClassOf) -> str:
    kind, value = field.type, field.default
    if kind.is_message:
        if kind.array != "static":
            return "[]"
        alias = "C_" + kind.base.replace("/", "_")
        names.setdefault(alias, class_of(kind.base))
        return f"[{alias}() for _ in range({kind.size})]"
    if kind.base == "byte":
        items = [bytes([item]) for item in value or [0] * kind.size]
        return repr(items if kind.array == "static" or value else [])
    if kind.is_text or kind.base == "bool":
        empty = "" if kind.is_text else False
        return repr(
            list(value) if value else [empty] * (kind.size if kind.array == "static" else 0)
        )
    if kind.array == "static":
        names["numpy_array"] = numpy_array
        return f"numpy_array({list(value) if value else kind.size!r}, {kind.base!r})"
    names["array"] = array
    return f"array({TYPECODE[kind.base]!r}, {list(value) if value else ()!r})"


def numpy_array(values: Any, base: str) -> Any:
    """Return a numpy array of these values, or of so many zeros."""
    import numpy  # noqa: PLC0415

    dtype = "uint8" if base == "char" else base
    return numpy.zeros(values, dtype) if isinstance(values, int) else numpy.array(values, dtype)


def _initializer(kind: MessageDefinition, class_of: ClassOf) -> Callable[..., None]:
    names: dict[str, Any] = {}
    lines = ["def __init__(self, **kwargs):", "    if not kwargs:"]
    for field in kind.fields:
        lines.append(f"        self._{field.name} = {default_source(field, names, class_of)}")
    lines += ["        return"]
    for field in kind.fields:
        lines += [
            f"    if {field.name!r} in kwargs:",
            f"        setattr(self, {field.name!r}, kwargs[{field.name!r}])",
            "    else:",
            f"        self._{field.name} = {default_source(field, names, class_of)}",
        ]
    exec(compile("\n".join(lines), f"<{kind.name}>", "exec"), names)
    made: Callable[..., None] = names["__init__"]
    return made


def _property(field: Field) -> property:
    slot = f"_{field.name}"
    kind = field.type
    names: dict[str, Any] = {}
    convert = "value"
    if kind.array and kind.is_primitive and kind.base not in ("bool", "byte"):
        if kind.array == "static":
            names["as_numpy"] = _as_numpy
            convert = f"as_numpy(value, {kind.base!r})"
        else:
            names["array"] = array
            code = TYPECODE[kind.base]
            convert = (
                f"value if type(value) is array and value.typecode == {code!r} "
                f"else array({code!r}, value)"
            )
    source = (
        f"def get(self): return self.{slot}\ndef put(self, value):\n    self.{slot} = {convert}\n"
    )
    exec(compile(source, f"<{field.name}>", "exec"), names)
    return property(names["get"], names["put"], doc=f"Message field '{field.name}'.")


def _as_numpy(value: Any, base: str) -> Any:
    import numpy  # noqa: PLC0415

    dtype = "uint8" if base == "char" else base
    if isinstance(value, numpy.ndarray) and value.dtype == dtype:
        return value
    return numpy.array(value, dtype=dtype)


def _representation(kind: MessageDefinition) -> Callable[[Any], str]:
    plain = frozenset(
        field.name
        for field in kind.fields
        if field.type.array in ("bounded", "unbounded")
        and field.type.is_primitive
        and field.type.base not in ("bool", "byte")
    )

    def represent(self: Any) -> str:
        parts = type(self).__module__.split(".")
        parts[-1] = type(self).__name__
        told = []
        for field in kind.fields:
            value = getattr(self, f"_{field.name}")
            shown = repr(list(value)) if field.name in plain else repr(value)
            told.append(f"{field.name}={shown}")
        return f"{'.'.join(parts)}({', '.join(told)})"

    return represent


def _equality(kind: MessageDefinition) -> Callable[[Any, Any], Any]:
    slots = [f"_{field.name}" for field in kind.fields]

    def equal(self: Any, other: Any) -> Any:
        if type(other) is not type(self):
            return False
        for slot in slots:
            mine, theirs = getattr(self, slot), getattr(other, slot)
            same = mine == theirs
            if same is not True and not (
                hasattr(same, "all") and len(mine) == len(theirs) and same.all()
            ):
                return False
        return True

    return equal


def _copy(kind: MessageDefinition) -> Callable[[Any], Any]:
    slots = [f"_{field.name}" for field in kind.fields]

    def copy(self: Any) -> Any:
        made = object.__new__(type(self))
        for slot in slots:
            setattr(made, slot, getattr(self, slot))
        return made

    return copy
