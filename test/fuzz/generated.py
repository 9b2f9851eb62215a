"""Time the whole analysis of generated documents: valid, nearly valid and hostile ones.

``python -m test.fuzz.generated --count 100000 [--seed N]``. Every document is read, validated,
resolved, optimised and analysed as the node does it; one that takes longer than ``--limit`` seconds
of processor time, or that ends in anything but a plan or issues, is written to ``output/fuzz``.
"""

from __future__ import annotations

import argparse
import copy
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from execution_orchestrator.plan.issues import MOST_ISSUES
from execution_orchestrator.runtime.intake import Intake, IntakeSettings
from test.fuzz.__main__ import OUTPUT
from test.fuzz.documents import robot

LEAVES: tuple[Callable[[random.Random], dict[str, Any]], ...] = (
    lambda r: {"action_type": "speak", "parameters": {"text": r.choice(("hello", "{{ 1 + 1 }}"))}},
    lambda r: {"action_type": "delay", "duration": r.random()},
    lambda r: {
        "action_type": "navigate_to",
        "parameters": {"target_location": {"x": r.uniform(-3, 3), "y": r.uniform(-3, 3)}},
    },
    lambda r: {"action_type": "wait_for", "until": "robot.battery > 0.2", "timeout": 5.0},
    lambda _: {"action_type": "return", "value": {"a": [1, 2]}},
)
CONDITIONS = ("true", "size(objects) > 0", "robot.battery > 0.1 && input.x == 1")
# Values that stand where others were expected.
STRANGE: tuple[Any, ...] = (
    None, True, -1, 0, 1e308, 5e-324, 10**30, "", "x" * 3000, "{{", "}}", "{{ 1", "{{ item }}",
    "actions.zz.output", "nonsense(3)", "1 + 'a'", "((((", [], {}, [[]], {"id": "a"}, "yes", "\x00",
    "\ud800", float("nan"), float("inf"), "sequence", ["a", "a"], {"{{ 1 }}": "{{ 2 }}"},
)  # fmt: skip


def actions(r: random.Random, depth: int = 0) -> list[dict[str, Any]]:
    """Return a list of actions that is valid."""
    made: list[dict[str, Any]] = []
    for _ in range(r.randint(1, 6)):
        one = _block(r, depth) if depth < 3 and r.random() < 0.3 else r.choice(LEAVES)(r)
        one["id"] = f"n{r.getrandbits(48):x}"
        if made and r.random() < 0.3:
            one["depends_on"] = [r.choice(made)["id"]]
        if r.random() < 0.2:
            one["condition"] = r.choice(CONDITIONS)
        made.append(one)
    return made


def _block(r: random.Random, depth: int) -> dict[str, Any]:
    inside = actions(r, depth + 1)
    kind = r.choice(("sequence", "parallel", "conditional", "router", "foreach", "try", "subplan"))
    return {"action_type": kind} | {
        "sequence": {"actions": inside},
        "parallel": {"actions": inside},
        "conditional": {"if": r.choice(CONDITIONS), "then": inside, "else": actions(r, 3)},
        "router": {"cases": [{"when": "true", "actions": inside}], "default": actions(r, 3)},
        "foreach": {"items": [1, 2, 3], "actions": inside},
        "try": {"actions": inside, "catch": [{"actions": actions(r, 3)}]},
        "subplan": {"plan": {"actions": inside}},
    }[kind]


def valid(r: random.Random) -> str:
    """Return a plan that nothing, or little, is wrong with."""
    document: dict[str, Any] = {"version": 1, "actions": actions(r)}
    if r.random() < 0.3:
        document["ordering"] = r.choice(("sequence", "dependencies"))
    return json.dumps(document)


def nearly_valid(r: random.Random) -> str:
    """Return a plan with some of its values replaced, moved, or taken away."""
    document = json.loads(valid(r))
    for _ in range(r.randint(1, 5)):
        places = list(_places(document))
        holder, key = r.choice(places)
        other, name = r.choice(places)
        how = r.random()
        if how < 0.5:
            holder[key] = copy.deepcopy(r.choice(STRANGE))
        elif how < 0.7:
            holder[key] = copy.deepcopy(other[name])
        elif how < 0.85 and isinstance(holder, dict):
            holder["depends_on"] = [f"n{r.getrandbits(4)}", str(holder.get("id"))]
        else:
            holder.pop(key)
        if not document:
            break
    return json.dumps(document)


def _places(value: Any) -> Any:
    for key in list(value) if isinstance(value, dict) else range(len(value)):
        yield value, key
        if isinstance(value[key], dict | list):
            yield from _places(value[key])


def hostile(r: random.Random) -> str:
    """Return a text that is meant to keep whoever reads it busy."""
    size = 4 ** r.randint(0, 5) if r.random() < 0.99 else 30_000
    one = {"action_type": "delay", "duration": 1.0}
    many = [{"id": f"a{n}", **one} for n in range(min(size, 4000))]
    names = [action["id"] for action in many]
    reach = min(len(many), 2000 // len(many) + 3)
    backwards = [
        {**action, "depends_on": r.sample(names, min(reach, len(names)))}
        for action in (many if r.random() < 0.5 else many[::-1])
    ]
    speak = {"id": "s", "action_type": "speak", "parameters": {"text": "{{" * size}}
    expression = r.choice(
        ("(" * size + "1" + ")" * size, "!" * size + "true", "1+" * size + "1", "a." * size + "b",
         "[1].map(x," * size + "x" + ")" * size, "{'a':" * size + "1" + "}" * size,
         "'" + "\\" * size + "'", "a?" * size + "b" + ":c" * size)
    )  # fmt: skip
    nest: dict[str, Any] = dict(one)
    for level in range(min(size, 200)):
        nest = {"id": f"l{level}", "action_type": "sequence", "actions": [nest, nest][: r.choice((1, 1, 1, 2)) if level < 8 else 1]}  # fmt: skip
    looped = [many[0] | {"depends_on": [names[-1]]}, *many[1:]]
    return r.choice(
        (
            lambda: "[" * size,
            lambda: "- " * size,
            lambda: "? " * size,
            lambda: '{"a":' * size,
            lambda: "\n".join(" " * n + "a:" for n in range(min(size, 1000))),
            lambda: "a: &a [1]\n" + "\n".join(f"b{n}: &b{n} [*a,*a]" for n in range(size)),
            lambda: "actions: [" + "!!x 1, " * size + "]",
            lambda: "actions: [" + "!!int 0x, &q 1, " * size + "]",
            lambda: json.dumps({"actions": many, "ordering": r.choice(("sequence", None))}),
            lambda: json.dumps({"actions": backwards, "ordering": "sequence"}),
            lambda: json.dumps({"actions": backwards, "ordering": "dependencies"}),
            lambda: json.dumps({"actions": looped, "ordering": "sequence"}),
            lambda: json.dumps({"actions": [{"action_type": "sequence", "actions": looped}]}),
            lambda: json.dumps({"actions": [{**one} for _ in many]}),
            lambda: json.dumps({"actions": [{**a, "condition": expression[:3990]} for a in many[:50]]}),
            lambda: json.dumps({"actions": [{**a, "condition": f"actions.q{a['id']}.output"} for a in many]}),
            lambda: json.dumps({"actions": [speak]}),
            lambda: json.dumps({"actions": [{**a, f"x{a['id']}": 1} for a in many]}),
            lambda: json.dumps({"actions": [nest]}),
            lambda: json.dumps({f"k{n}": n for n in range(size)} | {"actions": many[:1]}),
            lambda: json.dumps({"actions": [{"id": "p", "action_type": "navigate_through_poses", "parameters": {"poses": [{"x": 1, "y": "{{ 1 }}"}] * size}}]}),
            lambda: json.dumps({"actions": [{"action_type": "a" * size, "id": "b" * size}]}),
            lambda: "".join(r.choice("{}[]\"':,-?&*!|> \n\tab01.") for _ in range(size)),
        )
    )()  # fmt: skip


def main() -> int:
    """Print how long the slowest document took; 1 if one took too long or broke something."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--count", type=int, default=100_000)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--limit", type=float, default=2.0, help="seconds of processor time")
    options = words.parse_args()
    OUTPUT.mkdir(parents=True, exist_ok=True)
    intake = Intake(robot(), settings=IntakeSettings(optimise_budget=0.2))
    seen: Counter[str] = Counter()
    slowest, worst, bad = 0.0, 0, 0
    for number in range(options.seed, options.seed + options.count):
        r = random.Random(number)
        kind = r.choice((valid, nearly_valid, hostile))
        text = kind(r)
        began = time.process_time()
        trouble = ""
        try:
            prepared = intake.prepare("", text, "")
            told = all(issue.code and issue.message and issue.hint for issue in prepared.issues)
            if not told or (prepared.plan is None and not prepared.issues):
                trouble = "no issue says what is wrong"
            if len(prepared.issues) > 3 * MOST_ISSUES:
                trouble = f"{len(prepared.issues)} issues"
            outcome = "plan" if prepared.plan is not None else "issues"
        except Exception as failure:
            outcome, trouble = "raised", repr(failure)
        took = time.process_time() - began
        if took > options.limit:
            trouble = f"{took:.2f} s"
        if took > slowest:
            slowest, worst = took, number
        if trouble:
            bad += 1
            (OUTPUT / f"document-{number}.txt").write_text(text, errors="surrogatepass")
            print(f"document {number} ({kind.__name__}): {trouble}", file=sys.stderr)
        seen[f"{kind.__name__}: {outcome}"] += 1
    print(f"{options.count} documents, {dict(sorted(seen.items()))}")
    print(f"slowest: document {worst}, {slowest:.2f} s; {bad} in trouble")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
