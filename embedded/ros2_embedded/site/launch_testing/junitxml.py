"""Writes results of tests as JUnit's XML."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from typing import Any


def unittestResultsToXml(
    *, name: str = "launch_test", test_results: Mapping[Any, Any] | None = None
) -> ET.ElementTree:
    """Make a document with one suite per launch."""
    results = test_results or {}
    root = ET.Element("testsuites", name=name)
    root.extend(unittestResultToXml(str(key), result) for key, result in results.items())
    for total in ("tests", "failures", "errors"):
        root.set(total, str(sum(int(suite.get(total, "0")) for suite in root)))
    root.set("time", _seconds(sum(sum(r.testTimes.values()) for r in results.values())))
    return ET.ElementTree(root)


def unittestResultToXml(name: str, test_result: Any) -> ET.Element:
    """Make the suite of one launch."""
    suite = ET.Element("testsuite", name=name, tests=str(test_result.testsRun))
    for outcomes in ("failures", "errors", "skipped"):
        suite.set(outcomes, str(len(getattr(test_result, outcomes))))
    suite.set("time", _seconds(sum(test_result.testTimes.values())))
    suite.extend(unittestCaseToXml(test_result, case) for case in test_result.testCases)
    return suite


def unittestCaseToXml(test_result: Any, test_case: Any) -> ET.Element:
    """Make the element of one test, with what went wrong in it."""
    # An identifier is `module.Class.method`, perhaps with qualifiers after a space.
    path, _, qualifiers = test_case.id().partition(" ")
    class_name, _, method = path.rpartition(".")
    element = ET.Element(
        "testcase",
        classname=class_name,
        name=f"{method} {qualifiers}".strip(),
        time=_seconds(test_result.testTimes[test_case]),
    )
    kinds = {"failure": "failures", "error": "errors", "skipped": "skipped"}
    for tag, outcomes in kinds.items():
        for case, message in getattr(test_result, outcomes):
            if case == test_case:
                ET.SubElement(element, tag, message=message)
    return element


def _seconds(value: float) -> str:
    """Write a time, in milliseconds at best."""
    return str(round(value, 3))
