"""Both runtimes side by side: what is compared, and what is left empty."""

import sys

from benchmarks.on_both import figures, table


def test_medians_are_divided_and_what_one_lacks_is_empty():
    embedded = {
        "call": {"figure": "call", "p50": 1.0, "p99": 2.0, "unit": "ms"},
        "alone": {"figure": "alone", "value": 3.0, "p99": None, "unit": "s"},
    }
    real = {"call": {"figure": "call", "p50": 4.0, "p99": 5.0, "unit": "ms"}}
    _, call, alone = table(embedded, real)
    assert call.split() == ["call", "1.000", "2.000", "4.000", "5.000", "ms", "0.25"]
    assert alone.split() == ["alone", "3.000", "s"]


def test_a_benchmark_prints_one_json_line_a_figure_between_other_words():
    code = 'print("words"); print(\'{"figure": "call", "p50": 1.0, "unit": "ms"}\')'
    assert figures([sys.executable, "-c", code])["call"]["p50"] == 1.0


def test_a_benchmark_that_fails_has_no_figures(capfd):
    assert figures([sys.executable, "-c", "raise SystemExit(3)"]) is None
    assert "exit status 3" in capfd.readouterr().err
