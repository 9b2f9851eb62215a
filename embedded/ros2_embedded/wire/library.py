"""Loads Cyclone DDS from its PyPI wheel without its Python layer, which costs a quarter second."""

from __future__ import annotations

import ctypes as ct
import importlib.machinery
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

DDS_INFINITY = 0x7FFFFFFFFFFFFFFF  # nanoseconds


class DdsError(RuntimeError):
    """Cyclone DDS refused a call; ``code`` is its return code."""

    def __init__(self, code: int, doing: str) -> None:
        super().__init__(f"DDS return code {code} while {doing}")
        self.code = code


class Sample(tuple[Any, ...]):
    """What Cyclone tells about a sample; made by its C layer from positional values."""

    __slots__ = ()

    def __new__(cls, *values: Any) -> Sample:
        """Keep the values in their order."""
        return super().__new__(cls, values)


# Positions in a Sample.
VALID_DATA, SOURCE_TIMESTAMP, PUBLICATION_HANDLE = 3, 4, 6


def _package_folder() -> Path:
    spec = importlib.machinery.PathFinder.find_spec("cyclonedds")
    if spec is None or spec.origin is None:
        raise ImportError(
            "the package cyclonedds is missing; install it with: pip install cyclonedds"
        )
    return Path(spec.origin).parent


def _load() -> tuple[ct.CDLL, ModuleType]:
    folder = _package_folder()
    candidates = [*folder.parent.glob("cyclonedds.libs/libddsc*"), *folder.glob(".dylibs/libddsc*")]
    if not candidates:
        raise ImportError(f"no libddsc beside {folder}; reinstall cyclonedds from a wheel")
    library = ct.CDLL(str(candidates[0]))
    extension = next(iter(sorted(folder.glob("_clayer*"))))
    # The extension asks cyclonedds.internal for one class; a stand-in spares the whole package.
    stand_ins = {
        "cyclonedds": ModuleType("cyclonedds"),
        "cyclonedds.internal": ModuleType("cyclonedds.internal"),
    }
    stand_ins["cyclonedds.internal"].SampleInfo = Sample  # type: ignore[attr-defined]
    stand_ins["cyclonedds"].internal = stand_ins["cyclonedds.internal"]  # type: ignore[attr-defined]
    kept = {name: sys.modules.get(name) for name in stand_ins}
    sys.modules.update(stand_ins)
    try:
        loader = importlib.machinery.ExtensionFileLoader("cyclonedds._clayer", str(extension))
        spec = importlib.util.spec_from_loader("cyclonedds._clayer", loader)
        assert spec is not None
        module = importlib.util.module_from_spec(spec)
        loader.exec_module(module)
    finally:
        for name, before in kept.items():
            if before is None:
                del sys.modules[name]
            else:
                sys.modules[name] = before
        sys.modules.pop("cyclonedds._clayer", None)
    return library, module


# glibc's mallopt(3): what is freed up to this size stays with the process.
_MMAP_THRESHOLD, _TRIM_THRESHOLD = -3, -1
_LARGEST_POOLED, _KEPT = 32 << 20, 64 << 20  # bytes


def _keep_large_buffers() -> None:
    """Let images reuse memory: fresh pages for each one take ten times as long as the copy."""
    mallopt = getattr(ct.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, _LARGEST_POOLED)
        mallopt(_TRIM_THRESHOLD, _KEPT)


ddsc, clayer = _load()
_keep_large_buffers()
Entity = ct.c_int32


def function(name: str, result: Any, *arguments: Any) -> Any:
    """Return a function of libddsc with its types set."""
    found = getattr(ddsc, name)
    found.restype = result
    found.argtypes = list(arguments)
    return found


def checked(code: int, doing: str) -> int:
    """Return an entity or count.

    Raises:
        DdsError: it is a negative return code.

    """
    if code < 0:
        raise DdsError(code, doing)
    return code


create_domain = function("dds_create_domain", Entity, ct.c_uint32, ct.c_char_p)
create_participant = function(
    "dds_create_participant", Entity, ct.c_uint32, ct.c_void_p, ct.c_void_p
)
create_reader = function("dds_create_reader", Entity, Entity, Entity, ct.c_void_p, ct.c_void_p)
create_writer = function("dds_create_writer", Entity, Entity, Entity, ct.c_void_p, ct.c_void_p)
create_readcondition = function("dds_create_readcondition", Entity, Entity, ct.c_uint32)
create_guardcondition = function("dds_create_guardcondition", Entity, Entity)
set_guardcondition = function("dds_set_guardcondition", Entity, Entity, ct.c_bool)
create_waitset = function("dds_create_waitset", Entity, Entity)
waitset_attach = function("dds_waitset_attach", Entity, Entity, Entity, ct.c_ssize_t)
waitset_detach = function("dds_waitset_detach", Entity, Entity, Entity)
waitset_wait = function(
    "dds_waitset_wait", Entity, Entity, ct.POINTER(ct.c_ssize_t), ct.c_size_t, ct.c_int64
)
delete = function("dds_delete", Entity, Entity)
get_guid = function("dds_get_guid", Entity, Entity, ct.c_void_p)
get_instance_handle = function("dds_get_instance_handle", Entity, Entity, ct.POINTER(ct.c_uint64))
wait_for_acks = function("dds_wait_for_acks", Entity, Entity, ct.c_int64)
get_matched_subscriptions = function(
    "dds_get_matched_subscriptions", Entity, Entity, ct.POINTER(ct.c_uint64), ct.c_size_t
)
get_matched_publications = function(
    "dds_get_matched_publications", Entity, Entity, ct.POINTER(ct.c_uint64), ct.c_size_t
)
set_status_mask = function("dds_set_status_mask", Entity, Entity, ct.c_uint32)


def guid_of(entity: int) -> bytes:
    """Return the 16 bytes of an entity's GUID."""
    raw = (ct.c_uint8 * 16)()
    checked(get_guid(entity, raw), "reading a GUID")
    return bytes(raw)


def handle_of(entity: int) -> int:
    """Return an entity's instance handle."""
    handle = ct.c_uint64()
    checked(get_instance_handle(entity, ct.byref(handle)), "reading an instance handle")
    return handle.value
