"""Reads single-mode projects in PSPLIB's ``.sm`` format."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from execution_orchestrator.plan.optimise.project import Activity, Project, ProjectError

_NUMBER = re.compile(r"-?\d+")
MAX_BYTES = 5_000_000  # the largest file of PSPLIB has 12 kB


class InstanceError(ValueError):
    """A file is no single-mode project; the message names file and line."""


def read_instance(file: Path) -> Project:
    """Return the project of a file; blank lines, odd spacing and either line end are allowed.

    Raises:
        InstanceError: it cannot be read, is multi-mode, or contradicts itself.

    """
    try:
        if file.stat().st_size > MAX_BYTES:
            raise InstanceError(f"{file}: larger than {MAX_BYTES} bytes, this is no instance")
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InstanceError(f"{file}: not a text file") from None
    except OSError as failure:
        raise InstanceError(f"{file}: cannot be read: {failure.strerror}") from None
    return parse_instance(text, str(file))


def parse_instance(text: str, name: str = "instance") -> Project:
    """Return the project a text describes.

    Raises:
        InstanceError: see `read_instance`.

    """
    return _Reader(text, name).project()


class _Reader:
    def __init__(self, text: str, name: str) -> None:
        self._name = name
        self._lines = text.splitlines()
        self._sections = self._find_sections()

    def project(self) -> Project:
        count = self._header(r"jobs\b.*:", "the number of jobs")
        renewable = self._header(r"-?\s*renewable\s*:", "the number of renewable resources")
        for kind in ("nonrenewable", "doubly constrained"):
            if self._header(rf"-?\s*{kind}\s*:", "", default=0):
                raise self._error(
                    0, f"{kind} resources, as in multi-mode (.mm) files: not supported"
                )
        followers = self._followers(count)
        after: list[list[int]] = [[] for _ in range(count)]
        for job, names in followers.items():
            for follower in names:
                after[follower].append(job)
        requests = self._requests(count, renewable)
        capacities = self._capacities(renewable)
        activities = tuple(
            Activity(
                str(job + 1),
                requests[job][0],
                tuple(dict.fromkeys(after[job])),
                tuple((r, amount) for r, amount in enumerate(requests[job][1:]) if amount),
            )
            for job in range(count)
        )
        try:
            return Project(activities, capacities)
        except ProjectError as failure:
            raise InstanceError(f"{self._name}: {failure}") from None

    # ------------------------------------------------------------------ sections

    def _followers(self, count: int) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for line, numbers in self._rows("PRECEDENCE RELATIONS"):
            if len(numbers) < 3:
                raise self._error(line, "job, modes, number of successors and successors expected")
            job, modes, number, *names = numbers
            if modes != 1:
                raise self._error(
                    line, f"job {job} has {modes} modes: multi-mode (.mm) is not supported"
                )
            if number != len(names):
                raise self._error(line, f"job {job} names {len(names)} successors, not {number}")
            index = self._job(line, job, count)
            if index in found:
                raise self._error(line, f"job {job} is there twice")
            found[index] = [self._job(line, follower, count) for follower in names]
        if len(found) != count:
            raise self._error(
                self._sections["PRECEDENCE RELATIONS"][0],
                f"{len(found)} jobs in PRECEDENCE RELATIONS, {count} in the header",
            )
        return found

    def _requests(self, count: int, renewable: int) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for line, numbers in self._rows("REQUESTS/DURATIONS"):
            if len(numbers) != 3 + renewable:
                raise self._error(
                    line, f"job, mode, duration and {renewable} amounts expected in each line"
                )
            job, mode, *amounts = numbers
            index = self._job(line, job, count)
            if mode != 1 or index in found:
                raise self._error(
                    line, f"job {job} has more than one mode: multi-mode (.mm) is not supported"
                )
            if any(amount < 0 for amount in amounts):
                raise self._error(line, f"job {job} has a negative duration or amount")
            found[index] = amounts
        if len(found) != count:
            raise self._error(
                self._sections["REQUESTS/DURATIONS"][0],
                f"{len(found)} jobs in REQUESTS/DURATIONS, {count} in the header",
            )
        return found

    def _capacities(self, renewable: int) -> tuple[int, ...]:
        rows = list(self._rows("RESOURCEAVAILABILITIES"))
        if len(rows) != 1 or len(rows[0][1]) != renewable:
            line = rows[0][0] if rows else self._sections["RESOURCEAVAILABILITIES"][0]
            raise self._error(line, f"one line of {renewable} capacities expected")
        return tuple(rows[0][1])

    # ------------------------------------------------------------------ lines

    def _find_sections(self) -> dict[str, tuple[int, int]]:
        """Return the lines of each section: from behind its title to the next line of stars."""
        found: dict[str, tuple[int, int]] = {}
        for title in ("PRECEDENCE RELATIONS", "REQUESTS/DURATIONS", "RESOURCEAVAILABILITIES"):
            pattern = title.replace(" ", r"\s+") + r"\s*:?\s*$"
            starts = [
                n for n, line in enumerate(self._lines) if re.match(pattern, line.strip(), re.I)
            ]
            if len(starts) != 1:
                what = "is missing" if not starts else "is there twice"
                raise self._error(
                    starts[1] if starts else len(self._lines) - 1, f"the section {title} {what}"
                )
            end = next(
                (
                    n
                    for n in range(starts[0], len(self._lines))
                    if self._lines[n].lstrip().startswith("***")
                ),
                len(self._lines),
            )
            found[title] = (starts[0], end)
        return found

    def _rows(self, title: str) -> Iterator[tuple[int, list[int]]]:
        """Yield (line, numbers) of each line of a section; its headings are left out."""
        start, end = self._sections[title]
        for line in range(start + 1, end):
            words = self._lines[line].split()
            if not words or words[0][0].isalpha() or set(words[0]) == {"-"}:
                continue
            try:
                yield line, [int(word) for word in words]
            except ValueError:
                raise self._error(line, "only whole numbers are expected here") from None

    def _header(self, pattern: str, what: str, default: int | None = None) -> int:
        for line, text in enumerate(self._lines):
            if re.match(pattern, text.strip(), re.I):
                number = _NUMBER.search(text.split(":", 1)[1])
                if number is None or int(number.group()) < 0:
                    raise self._error(line, "a number is expected behind the colon")
                return int(number.group())
        if default is None:
            raise self._error(0, f"{what} is missing: this is no .sm file")
        return default

    def _job(self, line: int, job: int, count: int) -> int:
        if not 1 <= job <= count:
            raise self._error(line, f"there is no job {job}: the header says {count} jobs")
        return job - 1

    def _error(self, line: int, message: str) -> InstanceError:
        return InstanceError(f"{self._name}:{max(line, 0) + 1}: {message}")
