"""YAML as people mean it: `on`, `off`, `yes`, `no` and dates are texts; true and false are not.

YAML 1.1, which PyYAML reads, would make the parameter `on` of a light the key True.
"""

from __future__ import annotations

from typing import Any

import yaml


class Reader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):  # type: ignore[misc]
    """PyYAML's safe loader with the booleans of YAML 1.2."""


Reader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag not in ("tag:yaml.org,2002:timestamp",)
        and not (tag == "tag:yaml.org,2002:bool" and first in "yYnNoO")
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_yaml(text: str) -> Any:
    """Read a document.

    Raises:
        yaml.YAMLError: it is none.

    """
    return yaml.load(text, Loader=Reader)
