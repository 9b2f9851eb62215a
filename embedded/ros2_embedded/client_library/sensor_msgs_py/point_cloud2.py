"""Point clouds as structured numpy arrays, and back."""

from __future__ import annotations

import array
import sys
from collections import namedtuple
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.lib.recfunctions import structured_to_unstructured, unstructured_to_structured
from sensor_msgs.msg import PointCloud2, PointField

DUMMY_FIELD_PREFIX = "unnamed_field"

_DATATYPES: dict[int, np.dtype[Any]] = {
    PointField.INT8: np.dtype(np.int8),
    PointField.UINT8: np.dtype(np.uint8),
    PointField.INT16: np.dtype(np.int16),
    PointField.UINT16: np.dtype(np.uint16),
    PointField.INT32: np.dtype(np.int32),
    PointField.UINT32: np.dtype(np.uint32),
    PointField.FLOAT32: np.dtype(np.float32),
    PointField.FLOAT64: np.dtype(np.float64),
}


def _require(condition: bool, message: str) -> None:
    """Raise an AssertionError, which programs expect of these functions, also under -O."""
    if not condition:
        raise AssertionError(message)


def read_points(
    cloud: Any,
    field_names: Sequence[str] | None = None,
    skip_nans: bool = False,
    uvs: Iterable[int] | np.ndarray | None = None,
    reshape_organized_cloud: bool = False,
) -> np.ndarray:
    """Return the points of a cloud as a structured array, a view of its data where it can be one.

    Only these fields; without points that have a NaN; only the points at the indices ``uvs``; with
    two dimensions if the cloud has them.

    Raises:
        AssertionError: it is no PointCloud2, or has not these fields.

    """
    _require(isinstance(cloud, PointCloud2), "Cloud is not a sensor_msgs.msg.PointCloud2")
    native = dtype_from_fields(cloud.fields, point_step=cloud.point_step)
    stored = native.newbyteorder(">" if cloud.is_bigendian else "<")
    points = np.ndarray((cloud.width * cloud.height,), dtype=stored, buffer=cloud.data)
    if stored != native:
        points = points.astype(native)
    if field_names is not None:
        _require(
            set(field_names) <= set(native.names or ()),
            f"The cloud has the fields {native.names}, not all of {list(field_names)}",
        )
        points = points[list(field_names)]
    if skip_nans and not cloud.is_dense:
        whole = np.ones(len(points), dtype=bool)
        for name in points.dtype.names or ():
            whole &= ~np.isnan(points[name])
        points = points[whole]
    if uvs is not None:
        points = points[uvs if isinstance(uvs, np.ndarray) else np.fromiter(uvs, int)]
    if reshape_organized_cloud and cloud.height > 1:
        points = points.reshape(cloud.width, cloud.height)
    return points


def read_points_numpy(
    cloud: Any,
    field_names: Sequence[str] | None = None,
    skip_nans: bool = False,
    uvs: Iterable[int] | np.ndarray | None = None,
    reshape_organized_cloud: bool = False,
) -> np.ndarray:
    """Return the points as a plain array, a row a point; arguments as of read_points.

    Raises:
        AssertionError: the fields asked for are not of one datatype, or read_points raises it.

    """
    wanted = [one for one in cloud.fields if field_names is None or one.name in field_names]
    _require(
        len({one.datatype for one in wanted}) <= 1,
        "All fields need to have the same datatype. Use `read_points()` otherwise.",
    )
    points = read_points(cloud, field_names, skip_nans, uvs, reshape_organized_cloud)
    return structured_to_unstructured(points)


def read_points_list(
    cloud: Any,
    field_names: Sequence[str] | None = None,
    skip_nans: bool = False,
    uvs: Iterable[int] | np.ndarray | None = None,
) -> list[Any]:
    """Return the points as named tuples; arguments as of read_points, which is faster."""
    _require(isinstance(cloud, PointCloud2), "cloud is not a sensor_msgs.msg.PointCloud2")
    names = [one.name for one in cloud.fields] if field_names is None else list(field_names)
    point = namedtuple("Point", names)  # type: ignore[misc]  # noqa: PYI024 - names at run time
    return [point._make(values) for values in read_points(cloud, names, skip_nans, uvs)]


def dtype_from_fields(fields: Iterable[Any], point_step: int | None = None) -> np.dtype:
    """Return the numpy type of a point with these PointFields, ``point_step`` bytes apart.

    A field with a count above 1 becomes as many, with the suffixes _0, _1 and so on.

    Raises:
        AssertionError: a count is 0, or a name is there twice.

    """
    names: list[str] = []
    offsets: list[int] = []
    formats: list[str] = []
    for index, one in enumerate(fields):
        datatype = _DATATYPES[one.datatype]
        name = one.name or f"{DUMMY_FIELD_PREFIX}_{index}"
        _require(one.count > 0, "Can't process fields with count = 0.")
        for part in range(one.count):
            part_name = f"{name}_{part}" if one.count > 1 else name
            _require(part_name not in names, "Duplicate field names are not allowed!")
            names.append(part_name)
            offsets.append(one.offset + part * datatype.itemsize)
            formats.append(datatype.str)
    layout: dict[str, Any] = {"names": names, "formats": formats, "offsets": offsets}
    if point_step is not None:
        layout["itemsize"] = point_step
    made: np.dtype[Any] = np.dtype(layout)  # type: ignore[call-overload]
    return made


def create_cloud(
    header: Any,
    fields: Sequence[Any],
    points: Iterable[Any],
    point_step: int | None = None,
) -> Any:
    """Return a PointCloud2 of points: an array, plain or structured, or a sequence for each point.

    A second dimension of the array becomes the height of the cloud.

    Raises:
        AssertionError: the array does not fit the fields, or has more than two dimensions.

    """
    layout = dtype_from_fields(fields, point_step)
    if not isinstance(points, np.ndarray):
        points = np.array([tuple(point) for point in points], dtype=layout)
    elif points.dtype.names is None:
        _require(
            len({one.datatype for one in fields}) <= 1,
            "All fields need to have the same datatype. Pass a structured NumPy array with "
            "multiple dtypes otherwise.",
        )
        points = unstructured_to_structured(points, dtype=layout)
    else:
        _require(
            points.dtype == layout,
            "PointFields and structured NumPy array dtype do not match for all fields! Check "
            "their field order, names and types.",
        )
    _require(
        points.ndim <= 2,
        "Too many dimensions for organized cloud! Points can only be organized in max. two "
        "dimensional space",
    )
    width = points.shape[0]
    cloud = PointCloud2(
        header=header,
        height=points.shape[1] if points.ndim == 2 else 1,
        width=width,
        is_dense=False,
        is_bigendian=sys.byteorder != "little",
        fields=fields,
        point_step=points.dtype.itemsize,
        row_step=points.dtype.itemsize * width,
    )
    cloud.data = array.array("B", points.tobytes())
    return cloud


def create_cloud_xyz32(header: Any, points: Iterable[Any]) -> Any:
    """Return a PointCloud2 with x, y and z as 32 bit floats."""
    fields = [
        PointField(name=name, offset=4 * index, datatype=PointField.FLOAT32, count=1)
        for index, name in enumerate("xyz")
    ]
    return create_cloud(header, fields, points)
