"""`ros2 run execution_orchestrator history export`: a run as an MCAP file for Foxglove."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from execution_orchestrator.cli.history import opened
from execution_orchestrator.cli.ids import UnknownIdError, id_in_journal
from execution_orchestrator.monitoring.kept_map import KeptMap
from execution_orchestrator.monitoring.mcap import McapUnavailableError, export_run
from execution_orchestrator.storage import StorageError
from execution_orchestrator.storage.database import default_state_directory
from execution_orchestrator.storage.pictures import PictureFolder


def parser() -> argparse.ArgumentParser:
    """Describe the arguments."""
    words = argparse.ArgumentParser(
        prog="ros2 run execution_orchestrator history export",
        description="Write a run's events, markers, ways, pictures and map as an MCAP file.",
    )
    words.add_argument("run", help="id of the execution, or its beginning")
    words.add_argument("--mcap", type=Path, required=True, metavar="FILE", help="file to write")
    words.add_argument("--state-directory", type=Path, default=None, help="folder of the journal")
    words.add_argument("--database-url", default="", help="journal elsewhere, as the node has it")
    return words


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the file; 1 if there is no such run, 2 if the file cannot be written."""
    options = parser().parse_args(arguments)
    errors = Console(stderr=True)
    folder = options.state_directory or default_state_directory()
    try:
        with opened(folder, options.database_url) as journal:
            name = id_in_journal(journal, options.run)
            entries = list(journal.read(execution_id=name))
        floor = KeptMap(folder).read()
        message = export_run(name, entries, options.mcap, PictureFolder(folder).read, floor)
    except (StorageError, UnknownIdError) as failure:
        errors.print(str(failure), markup=False)
        return 1
    except (McapUnavailableError, LookupError) as failure:
        errors.print(str(failure), markup=False)
        return 2
    except OSError as failure:
        errors.print(f"{options.mcap} cannot be written: {failure.strerror}", markup=False)
        return 2
    print(f"{options.mcap}: {message}")
    return 0
