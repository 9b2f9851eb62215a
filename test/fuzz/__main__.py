"""Throw documents at the loader for a while, guided by the code they reach (`make fuzz`).

``python -m test.fuzz --seconds 60``. A finding is written to ``output/fuzz`` with its trace.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
OUTPUT = ROOT / "output" / "fuzz"
WORDS = (
    "actions", "action_type", "depends_on", "condition", "parameters", "foreach", "parallel",
    "sequence", "conditional", "router", "try", "catch", "finally", "subplan", "return", "delay",
    "wait_for", "items", "cases", "when", "until", "speak", "navigate_to", "{{ ", " }}", "actions.",
    ".output", "exists(o, ", "timeout", "&a", "*a", "!!python", "<<: ", "---",
)  # fmt: skip


def main() -> None:
    """Fuzz for the seconds of the command line."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--seconds", type=int, default=60)
    options = words.parse_args()
    corpus = OUTPUT / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for example in (ROOT / "plans").glob("*.yaml"):
        (corpus / example.name).write_bytes(example.read_bytes())
    dictionary = OUTPUT / "words.txt"
    dictionary.write_text("".join(f'"{word}"\n' for word in WORDS))
    import atheris

    with atheris.instrument_imports(include=["execution_orchestrator.plan", "yaml"]):
        from test.fuzz.documents import judge, robot
    robot()
    seen: Counter[str] = Counter()

    def one_input(data: bytes) -> None:
        seen[judge(data.decode("utf-8", "replace"))] += 1
        total = seen.total()
        if total & (total - 1) == 0:
            print(f"{total} documents: {dict(seen)}", file=sys.stderr)

    settings = [
        f"-max_total_time={options.seconds}",
        "-max_len=4000",
        "-timeout=10",
        f"-dict={dictionary}",
        f"-artifact_prefix={OUTPUT}/",
    ]
    atheris.Setup([sys.argv[0], *settings, str(corpus)], one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
