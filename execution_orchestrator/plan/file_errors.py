"""What is wrong with a file, as one error of the caller's own kind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import yaml
from pydantic import BaseModel, ValidationError

from execution_orchestrator.plan.wrong_entries import wrong_entries


@contextmanager
def raised_as(kind: type[Exception], file: object, model: type[BaseModel]) -> Iterator[None]:
    """Read ``file`` into ``model`` inside of this; ``kind`` is raised for all that can go wrong.

    Raises:
        Exception: of ``kind``: the file cannot be read, is no YAML, or the model does not accept
            it; then every wrong place is named.

    """
    try:
        yield
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as failure:
        raise kind(f"{file} cannot be read: {failure}") from failure
    except ValidationError as failure:
        message = "; ".join(str(one) for one in wrong_entries(failure, model))
        raise kind(f"{file}: {message}") from failure
