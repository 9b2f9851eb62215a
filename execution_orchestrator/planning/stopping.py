"""Commands that end what runs: "stop", "stop the patrol", "stop there and then come home"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from execution_orchestrator.plan.counted import some
from execution_orchestrator.planning.ports import EarlierCommand, PlanningRequest, PlanningResult

NAME = "stop"
STOP = "stop"
# They answer a question.
_ANSWERS = frozenset({"no", "nope", "never", "mind", "please", "ok", "okay"})
STOPPING = frozenset({"stop", "e-stop", "estop", "halt", "freeze", "cancel", "abort", "emergency"})
_EVERYTHING = frozenset({"everything", "all", "both", "emergency", "every", "anything"})
# They say nothing about what is to be stopped.
_EMPTY = frozenset(
    {
        *STOPPING, *_EVERYTHING, "it", "that", "this", "them", "moving", "driving", "there", "here",
        "right", "at", "once", "what", "you", "you're", "are", "doing", "motion", "of", "please",
        "pls", "now", "immediately", "robot", "hey", "the", "a", "your", "my", "current", "running",
        "mission", "task", "job", "command", "execution", "errand", "plan", "with", "one", "just",
        "and", "ones", "can", "could", "would", "will", "do", "want", "told",
        "said", "need", "must", "should", "have", "to", "i", "i'd", "like",
        "go", "going", "around", "away", "turning", "spinning", "so", "oh", "no", "ok", "okay",
        "wait", "everybody",
    }
)  # fmt: skip
_ORDINALS = {"first": 0, "1st": 0, "second": 1, "2nd": 1, "third": 2, "3rd": 2, "last": -1}
_OTHER_COMMAND = re.compile(r"[,;.!]+\s*(?:(?:and|then)\s+)*|\s+(?:and\s+then|then|and)\s+", re.I)
_BEGINNING = re.compile(
    r"^\W*(?:(?:hey|please|pls|robot|no|oh|ok|okay|now|just|can|could|would|will|you|wait|do"
    r"|i(?:\s+want|\s+told|\s+need|'d\s+like|\s+would\s+like)\s+you\s+to|i\s+said|you\s+(?:must|should)"
    r"|you\s+have\s+to|have\s+to)\b\W*)*"
    rf"(?P<stop>{'|'.join(sorted(STOPPING))})\b(?!\s*(?:sign|watch))",
    re.IGNORECASE,
)
# What is said to a robot that does something, so that it does no more; nothing else is meant.
_ENOUGH = re.compile(
    r"^(?!\W*(?:no|nope)\W+now\b)"  # "no, now" is another time
    r"\W*(?:(?:hey|please|robot|no|oh|ok|okay|wait|whoa)\b\W*)*(?:"
    r"no|nope|don'?t|do\s+not|not\s+(?:there|that|now|this|like\s+(?:that|this))"
    r"|watch\s+out|look\s+out|careful|be\s+careful|danger|attention|ouch|not\s+so\s+fast"
    r"|get\s+off(?:\s+me)?|(?:stay|get|keep)\s+away(?:\s+from\s+(?:me|there|it|that))?"
    r"|(?:don'?t|do\s+not)\s+touch\s+(?:me|it|that|this)"
    r"|kill\s+(?:it|that)|(?:shut|turn|switch)\s+(?:it\s+|yourself\s+)?(?:down|off)"
    r"|(?:don'?t|do\s+not)\s+(?:move|do\s+(?:it|that|this)|go(?:\s+there|\s+any\s+(?:further|farther))?)"
    r"|(?:stand|hold|keep|stay|sit)\s+still|stay\s+(?:where\s+you\s+are|put|there|here|back)|stay"
    r"|(?:that'?s\s+|that\s+is\s+)?enough|never\s+mind|forget\s+(?:it|that|about\s+(?:it|that))"
    r"|quit(?:\s+(?:it|that))?|end\s+(?:it|that|this)|leave\s+it|drop\s+everything|cease|whoa"
    # as people shout it in their own language
    r"|stopp|stoppen|halte|anhalten|halt\s+an|arr[êe]te[zr]?|alto|para|pare|detente|basta|ferma|fermo"
    r"|stehen\s*bleiben|bleib\s+stehen|abbruch|aufhören|stahp|fermati|стоп|стой|停|止まれ|ストップ"
    r"|parar|parad|parem|pare|detener|stoppe|stoppa|stanna|halt\s+stopp|stoj|stůj|állj|dur|seis|zatrzymaj(?:\s+się)?"
    r"|停止|停下|止めて|やめて|정지|멈춰|قف|σταμάτα"
    r")(?:\W+(?:sofort|jetzt|bitte|sogleich|toi|vous|immédiatement|maintenant|subito|ora|ya|ahora|por\s+favor)"
    r"|\W+(?:please|thanks|thank\s+you|now|right\s+now|immediately|robot|there|it|that|at\s+once))*\W*$",
    re.IGNORECASE,
)
# "for heaven's sake, stop", "it is ok, you can stop"
_LAST_WORD = re.compile(
    r"^(?!.*\b(?:don'?t|not|never|until|till|before|after|when|if|say|tell|ask|why|did|how)\b)(?:[^\"]*\W)?"
    r"(?<!the\s)(?<!\ba\s)(?<!bus\s)(?<!next\s)stop(?:\W+(?:it|that|now|please|immediately|right\s+now))*\W*$",
    re.IGNORECASE | re.DOTALL,
)
MOST_SHOUTED = 10  # words
_OR_ELSE = re.compile(r"\s+or\s+.*$", re.IGNORECASE | re.DOTALL)
_NOT_DO = re.compile(
    r"^\W*(?:please\s+)?(?:don'?t|do\s+not)\s+(?P<what>(?!stop\b|halt\b|cancel\b).+)$",
    re.IGNORECASE | re.DOTALL,
)
_STILL = re.compile(r"\b(?:move|still|stay|everything)\b", re.IGNORECASE)
# What is said instead of what was just begun.
_INSTEAD = re.compile(
    r"^\W*(?:no|nope|wrong|sorry|oops|never\s+mind|(?:scratch|strike|forget)\s+(?:that|it))\b[\s,.;:!]+(?:wait\b[\s,.;:!]*)?(?P<rest>\w.*)$"
    r"|^(?P<other>.*\w)[\s,]+instead\W*$"
    r"|^\W*(?:actually|rather|i\s+meant?)\b[\s,:]+(?P<rather>\w.*)$",
    re.IGNORECASE | re.DOTALL,
)
_NOT_BUT = re.compile(
    r"^\W*(?:please\s+)?(?:don'?t|do\s+not)\s+(?P<what>[^,;.!]+?)\s*[,;.!]+\s*(?:but\s+)?(?P<rest>\w.*)$",
    re.IGNORECASE | re.DOTALL,
)
_WAIT_A_MOMENT = re.compile(r"^wait\s*[,.!]+\s*", re.IGNORECASE)  # "wait, the bottle instead"
_STAY = re.compile(r"\bstay(?:\s+(?:here|there|back))?\W*$", re.IGNORECASE)  # which asks how long
_QUESTION = re.compile(
    r"\?\W*$|^(?:what|where|how|who|which|when|why|is|are|do|does|did|have|tell|say)\b",
    re.IGNORECASE,
)
_AGAIN_AND_AGAIN = re.compile(r"\b(?:every|each|hourly|daily|(?:once|twice|times)\s+an?)\b", re.I)
_OF_SCHEDULES = re.compile(rf"\bschedules?\b|{_AGAIN_AND_AGAIN.pattern}", re.IGNORECASE)
_SCHEDULES = (
    "Schedules are named by ~/list_schedules and ended by ~/remove_schedule (or on the web page, "
    "or: schedules remove)"
)
_STEM = 4  # letters by which "patrolling" is "patrol"


@dataclass(frozen=True)
class Stop:
    """What is to be stopped (ids of executions), and the command that comes after it.

    ``problem``: it is not clear what is to be stopped, and nothing is; ``asks``: which of several.
    """

    ids: tuple[str, ...] = ()
    answer: str = ""
    rest: str = ""
    problem: str = ""
    asks: bool = False

    def result(self, rest: PlanningResult | None = None) -> PlanningResult:
        """Return the plan of what follows the stop, or one that only reports what was stopped."""
        if self.problem:
            return PlanningResult(
                None, 0.0, (self.problem,), planner=NAME, final=True, asks=self.asks
            )
        if rest is not None:
            return replace(rest, cancels=self.ids)
        plan = {
            "version": 1,
            "actions": [{"id": "stopped", "action_type": "return", "value": self.answer}],
        }
        return PlanningResult(plan, planner=NAME, cancels=self.ids)


def wants_stop(command: str) -> bool:
    """Say whether a command begins by stopping something."""
    return _BEGINNING.match(command) is not None


def may_stop(command: str) -> bool:
    """Say whether a command stops something if something runs: "stop", "don't move", "enough"."""
    return (
        wants_stop(command)
        or _ENOUGH.match(command) is not None
        or _NOT_DO.match(command) is not None
        or _ends_in_stop(command)
        or any(map(_mistyped, _words(command)[:1]))
    )


def stop_of(request: PlanningRequest) -> Stop | None:
    """Return what a command stops, None if it is another command."""
    command = request.command
    if request.running and _means_enough(request):
        command = "stop everything" if _STILL.search(command) else "stop"
    if not wants_stop(command):
        if not request.running and (_ends_in_stop(command) or _wants_rest(request)):
            return _nothing("", request.earlier)  # "everyone stop", and nothing runs
        corrected = _corrected(request)
        if corrected is not None:
            return corrected
        command = _answer(request)
        if not command:
            return None
    first, rest = _parted(_OR_ELSE.sub("", command) if request.running else command)
    named = [word for word in _words(first) if word not in _EMPTY]
    running = request.running
    if not running:
        return _nothing(rest, request.earlier, first)
    everything = not named and not _EVERYTHING.isdisjoint(_words(first))
    chosen = list(running) if everything else _chosen(named, running)
    if not named and len(running) == 1:
        chosen = list(running)
    if not chosen and named:
        words = f'nothing that runs is called "{" ".join(named)}"; {_which(running)}'
        of_schedules = f". {_SCHEDULES}" if _OF_SCHEDULES.search(first) else ""
        return Stop(problem=words + of_schedules)
    if len(chosen) != 1 and not everything:
        return Stop(problem=f"several are running: {_which(running)}", asks=True)
    words = f"stopped: {', '.join(map(_name, chosen))}"
    return Stop(tuple(one.execution_id for one in chosen), words, rest)


def _means_enough(request: PlanningRequest) -> bool:
    """Whether a command that does not say "stop" can only mean it, as something runs."""
    command, earlier = request.command, request.earlier
    asked = bool(earlier) and not earlier[-1].planned
    if _ends_in_stop(command) and not wants_stop(command):
        return True
    if _ENOUGH.match(command) is not None:
        return not asked or not _ANSWERS.issuperset(_words(command))
    unwanted = _NOT_DO.match(command)
    if unwanted is not None:  # "don't go to the kitchen", and it is on its way there
        return len(request.running) == 1 and _is_about(request.running[0], unwanted["what"])
    words = _words(command)
    return len(words) == 1 and words[0] not in _ANSWERS and _mistyped(words[0])


def _wants_rest(request: PlanningRequest) -> bool:
    """Whether the robot is told to do nothing: "stand still", and it answers no question."""
    command = request.command
    asked = bool(request.earlier) and not request.earlier[-1].planned
    waits = _STAY.search(command) is not None or _NOT_DO.match(command) is not None
    rests = _ENOUGH.match(command) is not None and not _ANSWERS.issuperset(_words(command))
    return rests and not waits and not asked


def _is_about(command: EarlierCommand, what: str) -> bool:
    words = [word for word in _words(what) if word not in _EMPTY]
    own = _words(command.command)
    return bool(words) and all(_names(own, word) for word in words)


def _ends_in_stop(command: str) -> bool:
    return _LAST_WORD.match(command) is not None and len(_words(command)) <= MOST_SHOUTED


def _names(own: Sequence[str], word: str) -> bool:
    return any(_alike(word, other) for other in own)


def _mistyped(word: str) -> bool:
    """Whether a single word is "stop" with a letter too many or two that changed places."""
    swapped = {f"{STOP[:i]}{STOP[i + 1]}{STOP[i]}{STOP[i + 2 :]}" for i in range(len(STOP) - 1)}
    return word in swapped or re.fullmatch(r"s+t+o+p+", word) is not None


def _corrected(request: PlanningRequest) -> Stop | None:
    """Return what "no, go to the shelf" stops: the command before it, if that is not done yet."""
    running = {one.execution_id for one in request.running}
    # What was only asked meanwhile is not what is corrected.
    moved = (one for one in reversed(request.earlier) if one.execution_id in running or _did(one))
    last = next(moved, None)
    if last is None or last.execution_id not in running:
        return None
    unwanted = _NOT_BUT.match(request.command)
    if unwanted is not None and _is_about(last, unwanted["what"]):
        return Stop((last.execution_id,), f"stopped: {_name(last)}", unwanted["rest"].strip())
    instead = _INSTEAD.match(request.command)
    if instead is None:
        return None
    rest = (instead["rest"] or instead["other"] or instead["rather"]).strip(" ,")
    rest = _WAIT_A_MOMENT.sub("", rest)
    if instead["rather"] and _QUESTION.search(rest):
        return None  # "actually, how full is the battery?" ends nothing
    return Stop((last.execution_id,), f"stopped: {_name(last)}", rest)


def _did(command: EarlierCommand) -> bool:
    """Whether a command did, or was to do, more than to answer a question."""
    kinds = {action.get("action_type") for action in command.actions}
    return not kinds or kinds != {"speak"}


def _nothing(rest: str, earlier: Sequence[EarlierCommand], command: str = "") -> Stop:
    if rest:
        return Stop(rest=rest)
    if _OF_SCHEDULES.search(command):
        return Stop(problem=f"nothing runs here now. {_SCHEDULES}")
    scheduled = next((one for one in reversed(earlier) if _sets_a_schedule(one)), None)
    if scheduled is not None:
        return Stop(
            problem=f"nothing runs here now. What {_name(scheduled)} set is a schedule. "
            f"{_SCHEDULES}"
        )
    return Stop(
        problem="nothing runs here that could be stopped; ~/emergency_stop stops whatever moves "
        "the robot, whoever sent it"
    )


def _sets_a_schedule(command: EarlierCommand) -> bool:
    return command.planned and _AGAIN_AND_AGAIN.search(command.command) is not None


def _answer(request: PlanningRequest) -> str:
    """Return a command that answers which of several is to be stopped, empty if it does not."""
    earlier, words = request.earlier, _words(request.command)
    if not earlier or earlier[-1].planned or not wants_stop(earlier[-1].command):
        return ""
    ids = {one.execution_id.lower() for one in request.running}
    clear = words and (
        not _EVERYTHING.union(_ORDINALS, ids).isdisjoint(words)
        or (words[0] == "the" and len(words) <= 4)
    )
    return f"stop {request.command}" if clear and len(words) <= 5 else ""


def _parted(command: str) -> tuple[str, str]:
    """Part "stop there and then come home" into the stop and what comes after it."""
    begins = _BEGINNING.match(command)
    at = begins.end() if begins is not None else 0
    while (found := _OTHER_COMMAND.search(command, at)) is not None:
        rest = command[found.end() :].strip()
        words = _words(rest)
        if not words:
            return command[: found.start()], ""
        if not wants_stop(rest) and not _EMPTY.issuperset(words):
            return command[: found.start()], rest
        at = found.end()
    return command, ""


def _chosen(named: Sequence[str], running: Sequence[EarlierCommand]) -> list[EarlierCommand]:
    """Return the executions that the words fit best."""
    places = [_ORDINALS[word] for word in named if word in _ORDINALS]
    if places:
        return [running[places[0]]] if -1 <= places[0] < len(running) else []
    best: list[EarlierCommand] = []
    most = 0
    for one in running:
        if one.execution_id.lower() in named:
            return [one]
        own = _words(one.command)
        fits = sum(any(_alike(word, other) for other in own) for word in named)
        if fits > most:
            best, most = [one], fits
        elif fits and fits == most:
            best.append(one)
    return best


def _alike(one: str, other: str) -> bool:
    stem = one.removesuffix("s").removesuffix("ing").removesuffix("e")
    if min(len(stem), len(other)) < _STEM:
        return one == other
    return other.startswith(stem) or stem.startswith(other)


def _words(text: str) -> list[str]:
    return [word.lower() for word in re.findall(r"[\w'-]+", text)]


def _name(one: EarlierCommand) -> str:
    return f'"{one.command}" ({one.execution_id})' if one.command else f"plan {one.execution_id}"


def _which(running: Sequence[EarlierCommand]) -> str:
    names = some([_name(one) for one in running], 5)
    return f'{names}. Say which, for example "stop the first one", or "stop everything"'
