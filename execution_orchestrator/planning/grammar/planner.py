"""Plans a command by the grammar; deterministic, without a network, in milliseconds."""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from lark import Token, Tree
from lark.exceptions import UnexpectedEOF, UnexpectedInput

from execution_orchestrator.planning.going_on import going_on
from execution_orchestrator.planning.grammar.addressed import (
    Addressing,
    answer_about_robot,
    done_by,
    of_another,
    side_by_side,
)
from execution_orchestrator.planning.grammar.attempts import attempts_of
from execution_orchestrator.planning.grammar.courtesies import asks_for_nothing
from execution_orchestrator.planning.grammar.examples import (
    CAN,
    alternatives,
    answered,
    nearest_sentence,
)
from execution_orchestrator.planning.grammar.meaning import new_draft
from execution_orchestrator.planning.grammar.memory import (
    DRIVES,
    Situation,
    situation_of,
    spoken_outcome,
)
from execution_orchestrator.planning.grammar.parsing import Parser
from execution_orchestrator.planning.grammar.phrases import ADJECTIVES, LOUDNESS, SPEEDS
from execution_orchestrator.planning.grammar.rates import rated
from execution_orchestrator.planning.grammar.references import (
    ORDINALS,
    Offers,
    in_full,
    only_joins,
)
from execution_orchestrator.planning.grammar.refusals import (
    Talk,
    names_a_robot,
    not_understood,
    refused,
)
from execution_orchestrator.planning.grammar.spelling import near, readings
from execution_orchestrator.planning.grammar.timing import Timed, parted, timed
from execution_orchestrator.planning.grammar.tokens import (
    MAX_COMMAND,
    SEVERAL,
    Tokenizer,
    Tokens,
    Word,
)
from execution_orchestrator.planning.grammar.tree import CommandError, UnclearError
from execution_orchestrator.planning.grammar.wording import corrections, described, plainly
from execution_orchestrator.planning.ports import (
    EarlierCommand,
    PlanningRequest,
    PlanningResult,
    ReplanningRequest,
)
from execution_orchestrator.planning.stopping import stop_of
from execution_orchestrator.planning.vocabulary import Vocabulary, kind_of

NAME = "grammar"
EXAMPLES = '"bring me the red cup" or "go to the kitchen and then look around"'
_OR = "or"
# Of a whole command: after what is carried out now.
_DONE = (
    r"(?:when|once|as\s+soon\s+as|after)\s+(?:you(?:'re|\s+are|\s+have)\s+)?(?:all\s+)?(?:done|finished)"
    r"(?:\s+(?:with\s+)?(?:that|this|it))?"
)
_WHEN_DONE = re.compile(
    rf"\W*{_DONE}\b[\s,]*(?=\w)|(?P<errand>(?:(?!,|\b(?:and|then)\b).)+)\b{_DONE}\W*$",
    re.IGNORECASE,
)
# What is said of a time that comes beside the one before.
_ADDS = re.compile(r"^\W*(?:and|also|plus)\b(?!\s+only\b)|\b(?:do|too|as\s+well)\b", re.IGNORECASE)
JOINT = " and then"
# With these a command goes on.
_GOES_ON = frozenset(
    {"TO", "ON", "FOR", "FROM", "OF", "PLACE", "OBJECT", "NUMBER", "STOP", "NEAR", "LEFT", "RIGHT",
     "FORWARDS", "BACKWARDS", "LATER"}
)  # fmt: skip
MAX_JOINED = 6  # errands that follow each other without a word between
# Words of so many phrases that to list some of them tells nothing.
_IN_MANY = frozenset(
    {
        "you", "i", "how", "what", "where", "is", "are", "it", "did", "do", "does", "have", "has",
        "can", "could", "to", "of", "in", "at", "on", "with", "for",
    }
)  # fmt: skip
_SEEN_AT = re.compile(
    rf"\b(?:the\s+)?(?P<which>{'|'.join(ORDINALS)})\s+(?P<kind>\w+)\s+(?:(?:that|which)\s+)?(?:you|we)(?:'ve|\s+have)?"
    r"\s+(?:just\s+|already\s+)?(?:saw|seen|found|detected|spotted|noticed|listed|mentioned|named)\b",
    re.IGNORECASE,
)
_SOME = frozenset({"few", "several", "many", "couple", "various"})
# A number without a unit; "2:30" may be minutes or hours.
_BARE = re.compile(r"\d+(?:[.,:]\d+)*\W*")
_BESIDE = (
    'where "{}" something is cannot be told to the robot; it knows places and objects by their '
    "names"
)
_HANDLING = frozenset({"BRING", "PICK", "PUT"})
_TURNS = frozenset({"GO", "GO_THERE", "TAKE", "FORWARD", "BACK_UP"})
_WAYS_TO = frozenset({"GO", "GO_THERE", "TO", "HOW_FAR", "FAR", "HOW_FAR_FROM"})
MAX_STRANGERS = 3  # unknown names in one command that are told apart


class GrammarPlanner:
    """Understands commands made of the grammar's verbs and one vocabulary's names."""

    def __init__(self, vocabulary: Vocabulary, robots: Sequence[str] = ()) -> None:
        """``robots`` are the names of those that plans may send, where there are several."""
        self._vocabulary = vocabulary
        self._robots = tuple(robots)
        self._addressing = Addressing(self._robots)

    @cached_property
    def _parser(self) -> Parser:
        # Made for the first command: a node that gets plans starts without it.
        return Parser()

    def plan(self, request: PlanningRequest) -> PlanningResult:
        """Return the plan document of a command, or what is not understood about it."""
        result = self._planned(request)
        replaced = _replaced_schedule(request, result.plan)
        return replace(result, cancels=(*result.cancels, replaced)) if replaced else result

    def _planned(self, request: PlanningRequest) -> PlanningResult:
        goes_on = going_on(request)
        if goes_on is not None:
            return goes_on
        stop = stop_of(request)
        if stop is not None:
            rest = self.plan(replace(request, command=stop.rest)) if stop.rest else None
            return stop.result(rest)
        vocabulary = self._vocabulary.with_objects((*request.known_objects, *request.held))
        situation = _with_mentions(situation_of(request, vocabulary), request, vocabulary)

        def reader(command: str) -> Tokenizer:
            return Tokenizer(vocabulary.with_objects(_variants(command, vocabulary)))

        def offers(command: str) -> list[str]:
            tokenizer = reader(command)
            return list(self._offers(command, tokenizer.read(command), tokenizer, situation))

        command = rated(_unwrapped(plainly(request.command)))
        asked_of = self._addressing.asked(command)
        if asked_of is not None:
            message = answer_about_robot(*asked_of, request, vocabulary)
            return _problem(message[0], final=True) if message[1] else _saying(command, message[0])
        after = _WHEN_DONE.match(command)
        if after is not None and request.running:
            return _problem(_carried_out(request.running), final=True)
        if after is not None:
            command = after["errand"] or command[after.end() :]
        try:
            if len(command) <= MAX_COMMAND:
                command = _in_order_seen(command, request.poses)
                more = [
                    *_variants(command, vocabulary),
                    *_kinds_named_by(command, request.earlier, vocabulary),
                ]
                words = Tokenizer(vocabulary.with_objects(more))
                command = described(command, reader)
                for meant, unwanted in _corrected(command, request.earlier, words, offers):
                    result = self._plan_in_time(meant, vocabulary, situation)
                    done = result.plan is not None and _has_to_do(result.plan["actions"], unwanted)
                    if (result.plan is not None or result.asks) and not done:
                        return result
                when, errand = parted(command)
                said = when and not only_joins(errand)  # more than "no, at 8"
                full = in_full(errand, request.earlier, words, offers) if said else errand
                if full != errand:  # "do that again tomorrow at 8"
                    command = f"{when} {full}"
                else:
                    command = in_full(command, request.earlier, words, offers)
        except CommandError as failure:
            return _problem(str(failure), asks=isinstance(failure, UnclearError))
        return self._plan_in_time(command, vocabulary, situation)

    def replan(self, request: ReplanningRequest) -> PlanningResult:
        """Return the plan of the command again, without what failed, if there is another way.

        Only plans of this planner are replaced: of others it does not know what their actions have
        to do with the words of the command.
        """
        if request.made_by != NAME:
            return _problem("the grammar finds other ways only for the plans it made itself")
        vocabulary = self._vocabulary.with_objects(request.known_objects)
        attempts = attempts_of(request.failures, vocabulary)
        command = str(request.plan.get("command") or request.command)
        situation = Situation(avoided=attempts.places, again=bool(attempts.failures))
        left = vocabulary.without_objects(attempts.objects)
        result = self._plan_in_time(command, left, situation)
        if result.plan is None:
            return result
        again = attempts.repeated_in(result.plan["actions"])
        if again:
            return _problem(f"the command leaves no other way than {again}, which failed")
        return result

    def _plan_in_time(self, command: str, vocabulary: Vocabulary, now: Situation) -> PlanningResult:
        """Plan a command that may say who is to do it, and when."""
        robots, errand = self._addressing.parted(command)
        if robots:
            plans = {
                robot: done_by(
                    self._plan_in_time(errand, vocabulary, of_another(now, robot)), robot, command
                )
                for robot in robots
            }
            return plans[robots[0]] if len(robots) == 1 else side_by_side(plans, command)
        try:
            timeless = asks_for_nothing(command) or Talk.PAST.fits(command)
            when = Timed(command) if timeless else timed(command)
        except CommandError as failure:
            asks = isinstance(failure, UnclearError)
            return _problem(str(failure), final=True, asks=asks)
        later = bool(when.delay or when.fields.keys() - {"deadline", "timeout"})
        result = self._plan(when.command, vocabulary, replace(now, later=later))
        if result.plan is None or when.command == command:
            return result
        plan = {**result.plan, "command": command, **when.fields}
        if when.delay:
            wait = {"id": "wait_first", "action_type": "delay", "duration": when.delay}
            plan["actions"] = [wait, *plan["actions"]]
        return replace(result, plan=plan)

    def _plan(self, command: str, vocabulary: Vocabulary, now: Situation) -> PlanningResult:
        if not command.strip():
            return _problem(f"there is no command; say for example {EXAMPLES}")
        if len(command) > MAX_COMMAND:
            return _problem(f"the command is longer than {MAX_COMMAND} characters; send a plan")
        tokenizer = Tokenizer(vocabulary.with_objects(_variants(command, vocabulary)))
        tokens = tokenizer.read(command)
        of_a_kind = _of_a_kind(command, tokenizer.vocabulary)
        if of_a_kind:
            return _saying(command, of_a_kind)
        if Talk.WHAT_IS_KNOWN.fits(command):
            return _problem(_known(tokenizer.vocabulary), final=True)
        message = refused(command, tokens.unknown) or names_a_robot(command, self._robots)
        if message:
            return _problem(message, final=True)
        if Talk.PAST.fits(command):
            return _problem(
                "what was done at another time is shown by the web page and by the command "
                "`history`; the last command of this conversation is told by "
                '"what happened?"',
                final=True,
            )
        if Talk.BECAME.fits(command) and (tokens.unknown or self._stuck_at(tokens) is not None):
            return _saying(command, spoken_outcome(now.last))
        if not tokens.unknown:
            result = self._built(command, tokens, tokenizer.vocabulary, now)
            joined = "" if result.plan or result.final else self._joined(command, tokenizer, now)
            return _problem(f"did you mean: {joined}?", asks=True) if joined else result
        message = not_understood(command, tokens.unknown)
        if message:
            return _problem(message)
        offers = self._offers(command, tokens, tokenizer, now)
        if offers:
            known = [f"did you mean: {' or: '.join(offers)}?"]
        else:
            known = list(self._not_there(tokens, tokenizer.vocabulary))
        problems = [*known, *_unknown(tokens, tokenizer)]
        if not offers:
            problems.append(_nearest(command, tokens, tokenizer.vocabulary))
        return PlanningResult(None, 0.0, tuple(problems), planner=NAME, asks=bool(offers))

    def _built(
        self, command: str, tokens: Tokens, vocabulary: Vocabulary, now: Situation
    ) -> PlanningResult:
        draft = new_draft(vocabulary, now)
        try:
            tokens = tokens.pointing(
                now.place or now.here, user=vocabulary.user, home=vocabulary.home, things=now.things
            )
            tree = self._parsed(tokens)
            sentences = [child for child in tree.children if isinstance(child, Tree)]
            actions = [action for sentence in sentences for action in draft.actions(sentence)]
        except CommandError as failure:
            # The command is understood: a language model knows no better.
            asks = isinstance(failure, UnclearError)
            other = "" if asks else not_understood(command, ())
            return _problem(other or str(failure), final=True, asks=asks)
        except UnexpectedEOF:
            if not tokens.words:
                return _problem(not_understood(command, ()) or f"say for example {EXAMPLES}")
            if {"PUT", "NEAR"} <= {word.type for word in tokens.words}:
                beside = next(word.value for word in tokens.words if word.type == "NEAR")
                return _problem(_BESIDE.format(beside))
            last = command.rsplit(maxsplit=1)[-1]
            if _BARE.fullmatch(last):
                message = f'of what "{last}" is the number is not clear; say it with its unit'
            else:
                message = f'the command ends too early after "{last}"'
            near_it = _nearest(command, tokens, vocabulary)
            return _problem(not_understood(command, ()) or f"{message}; {near_it}")
        except UnexpectedInput as failure:
            message = f"{_where(command, failure, tokens)}; {_nearest(command, tokens, vocabulary)}"
            return _problem(not_understood(command, ()) or message)
        plan: dict[str, Any] = {
            "version": 1,
            "command": command,
            "ordering": "sequence",
            "actions": actions,
        }
        if draft.signals:
            plan["signals"] = draft.signals
        if draft.success:
            plan["success"] = draft.success
        return PlanningResult(plan, planner=NAME)

    def _parsed(self, tokens: Tokens) -> Tree[Token]:
        try:
            return self._parser.parse(tokens)
        except UnexpectedInput:
            return self._parser.parse(tokens, whole=True)  # says where the words cease to fit

    def _offers(
        self, command: str, tokens: Tokens, tokenizer: Tokenizer, now: Situation
    ) -> list[str]:
        """Return the commands it may have meant: without typing errors, or one of "A or B"."""
        if not tokens.unknown:
            joined = self._joined(command, tokenizer, now)
            return [joined] if joined else []
        offers: dict[str, str] = {}
        if SPEEDS.issuperset(word.lower() for word in tokens.unknown):
            plain = _without(command, tokens.unknown)
            result = self._built(plain, tokenizer.read(plain), tokenizer.vocabulary, now)
            return [plain] if result.plan is not None else []
        # "Whichever is closer, A or B" is not B.
        either = alternatives(command) if {_OR} == set(map(str.lower, tokens.unknown)) else ()
        for reading in either or readings(command, tokens.unknown, tokenizer.known_words):
            again = tokenizer.read(reading)
            if again.unknown or not again.words:  # a greeting alone asks for nothing
                continue
            if not either and _guesses_what_is_said(command, again):
                continue
            result = self._built(reading, again, tokenizer.vocabulary, now)
            if result.plan is not None:
                offers.setdefault(str(result.plan["actions"]), reading)
            elif not either and not result.final and not offers:
                joined = self._joined(reading, tokenizer, now)
                if joined:
                    offers.setdefault(joined, joined)
        return list(offers.values())

    def _joined(self, command: str, tokenizer: Tokenizer, now: Situation) -> str:
        """Return it with "and then" where an errand follows another without it; else nothing."""
        for _ in range(MAX_JOINED):
            tokens = tokenizer.read(command)
            stuck = self._stuck_at(tokens)
            if stuck is None:
                built = self._built(command, tokens, tokenizer.vocabulary, now)
                return command if built.plan is not None else ""
            before = command[:stuck].rstrip(" ,")
            if not before or before.endswith(JOINT):
                return ""
            command = f"{before}{JOINT} {command[stuck:]}"
        return ""

    def _stuck_at(self, tokens: Tokens) -> int | None:
        """Return the column of the first word that does not fit, 0 if one is missing."""
        try:
            self._parser.parse(tokens)
        except UnexpectedEOF:
            return 0
        except UnexpectedInput as failure:
            token = getattr(failure, "token", None)
            column = getattr(token, "column", 0)
            # "turn to the kitchen" is not to turn, and then to go to the kitchen.
            begins = isinstance(column, int) and getattr(token, "type", "") not in _GOES_ON
            return column if begins else 0
        return None

    def _not_there(self, tokens: Tokens, vocabulary: Vocabulary) -> Iterator[str]:
        """Name unknown objects and places as what they are, and those there are instead."""
        runs: list[list[Word]] = []
        likely: list[list[str]] = []  # what each run may name, the likelier first
        known = {"OBJECT": list(vocabulary.objects), "PLACE": list(vocabulary.places)}
        before = ""
        for strange, group in itertools.groupby(tokens.words, lambda w: w.type == "UNKNOWN"):
            found = list(group)
            if strange:
                runs.append(found)
                kinds = ("PLACE", "OBJECT") if before in _WAYS_TO else ("OBJECT", "PLACE")
                likely.append([kind for kind in kinds if known[kind]])
            before = found[-1].type
        if len(runs) > MAX_STRANGERS:
            return
        for choice in itertools.product(*likely):
            if not self._fits(_with_known_names(tokens, choice, known)):
                continue
            for run, kind in zip(runs, choice, strict=True):
                name = " ".join(word.value for word in run)
                there = ", ".join(one.replace("_", " ") for one in known[kind])
                yield f"the {kind.lower()} {name!r} is not known; there is: {there}"
            return

    def _fits(self, tokens: Tokens) -> bool:
        try:
            self._parser.parse(tokens)
        except UnexpectedInput:
            return False
        return True


def _guesses_what_is_said(command: str, reading: Tokens) -> bool:
    """Whether a reading has words to be spoken that nobody said: "facing north", "saying forth"."""
    said = command.lower()
    return any(
        word not in said
        for spoken in reading.words
        if spoken.type == "SPOKEN"
        for word in spoken.value.lower().split()
    )


def _with_known_names(
    tokens: Tokens, choice: Sequence[str], known: Mapping[str, list[str]]
) -> Tokens:
    """Return the tokens with known names of the chosen kinds in place of the unknown words."""
    words: list[Word] = []
    kinds = iter(choice)
    for strange, group in itertools.groupby(tokens.words, lambda word: word.type == "UNKNOWN"):
        found = list(group)
        if strange:
            kind = next(kinds)
            # "the coffee cup" is one name
            words.append(Word(kind, known[kind][0], found[0].column))
        else:
            words.extend(found)
    return Tokens(tuple(words), ())


def _corrected(
    command: str, earlier: Sequence[EarlierCommand], words: Tokenizer, offers: Offers
) -> Iterator[tuple[str, list[Any]]]:
    """Yield what a command may mean in which the speaker corrects what was said first.

    With it comes what is not to be: the ids of objects and the poses of places that follow "don't".
    """
    known = words.vocabulary
    for said, rest, forbidden in corrections(command):
        unwanted: list[Any] = []
        for word in words.read(said).words if forbidden else ():
            if word.type == "PLACE":
                unwanted.append(known.places[word.value].pose.model_dump(exclude_none=True))
            elif word.type == "OBJECT":
                unwanted += word.value.removesuffix(SEVERAL).split(SEVERAL)
        for before in ((*earlier, EarlierCommand("", said, "")), earlier):
            with contextlib.suppress(CommandError):
                yield in_full(rest, before, words, offers, corrects=True), unwanted


def _has_to_do(planned: Any, unwanted: Sequence[Any]) -> bool:
    """Whether something of a plan is one of the values."""
    if planned in unwanted:
        return True
    if isinstance(planned, Mapping):
        return any(_has_to_do(one, unwanted) for one in planned.values())
    return isinstance(planned, list) and any(_has_to_do(one, unwanted) for one in planned)


def _unwrapped(command: str) -> str:
    """Return a command without the quotes around the whole of it, and dots before it."""
    text = command.strip().lstrip(".").lstrip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" and text.count(text[0]) == 2:
        return text[1:-1].strip()
    return text if text else command


def _without(command: str, words: Sequence[str]) -> str:
    """Return a command without some words."""
    pattern = "|".join(map(re.escape, words))
    return " ".join(re.sub(rf"(?<!\w)(?:{pattern})(?!\w)", "", command).split()).strip(" ,")


def _variants(command: str, vocabulary: Vocabulary) -> list[str]:
    """Return ids of known objects that an adjective distinguishes: the blue cup."""
    kinds = {kind_of(name) for name in vocabulary.objects}
    words = re.findall(r"[a-z]+", command.lower())
    found = [
        f"{which}_{kind}"
        for which, noun in itertools.pairwise(words)
        if which in ADJECTIVES
        for kind in (noun, noun.removesuffix("s"))
        if kind in kinds
    ]
    spoken = vocabulary.object_names()
    return [name for name in dict.fromkeys(found) if name.replace("_", " ") not in spoken]


def _kinds_named_by(
    command: str, earlier: Sequence[EarlierCommand], vocabulary: Vocabulary
) -> list[str]:
    """Return the ids of what "the green one" may mean after a command about a cup."""
    words = re.findall(r"[a-z]+", command.lower())
    which = [one for one in words if one in ADJECTIVES]
    if not which or ("one" not in words and "ones" not in words and len(words) > 2):
        return []
    # "Bring me the cup, no, the blue one" is about a cup, too.
    kinds = _kinds_in((*earlier, EarlierCommand("", command, "")), vocabulary)
    said = " ".join(f"{one} {kind}" for one in which for kind in kinds)
    return _variants(said, vocabulary)


def _kinds_in(earlier: Sequence[EarlierCommand], vocabulary: Vocabulary) -> list[str]:
    """Return the kinds of objects that the newest command about any names."""
    kinds = {kind_of(name) for name in vocabulary.objects}
    for one in reversed(earlier):
        words = re.findall(r"[a-z]+", one.command.lower())
        named = [kind for word in words for kind in (word, word.removesuffix("s")) if kind in kinds]
        if named:
            return named
    return []


def _of_a_kind(command: str, vocabulary: Vocabulary) -> str:
    """Return which things of a kind are known where that is asked: "what cups are there?"."""
    asked = Talk.WHICH.value.match(command)
    known = vocabulary.namesakes(asked["kind"].lower()) if asked else []
    return (
        f"I know {' and '.join('the ' + one.replace('_', ' ') for one in known)}." if known else ""
    )


def _in_order_seen(command: str, poses: Mapping[str, Any]) -> str:
    """Return "the first one you saw" by its name, in the order in which things were seen.

    Raises:
        CommandError: so many were not seen.

    """
    found = _SEEN_AT.search(command)
    if found is None:
        return command
    kind = found["kind"].lower().removesuffix("s")
    seen = [one for one in poses if kind in ("one", "thing", "object", "item", kind_of(one))]
    at = ORDINALS[found["which"].lower()]
    if not seen or not -1 <= at < len(seen):
        names = ", ".join(one.replace("_", " ") for one in seen) or "nothing"
        raise CommandError(f'{names} was seen so far; "{found.group().strip()}" is none of it')
    return f"{command[: found.start()]}the {seen[at].replace('_', ' ')}{command[found.end() :]}"


def _known(vocabulary: Vocabulary) -> str:
    places = ", ".join(name.replace("_", " ") for name in vocabulary.places)
    objects = ", ".join(name.replace("_", " ") for name in vocabulary.objects)
    return f"say for example {EXAMPLES}; places: {places}; objects: {objects}"


def _with_mentions(now: Situation, request: PlanningRequest, vocabulary: Vocabulary) -> Situation:
    """Let "there" be the place that a question was about which moved nothing."""
    last = request.earlier[-1] if request.earlier else None
    if last is None or any(action.get("action_type") in DRIVES for action in last.actions):
        return now
    words = Tokenizer(vocabulary).read(last.command).words
    named = [word.value for word in words if word.type == "PLACE"]
    return replace(now, place=named[-1]) if len(set(named)) == 1 and last.planned else now


def _carried_out(running: Sequence[EarlierCommand]) -> str:
    names = ", ".join(f'"{one.command or one.execution_id}"' for one in running[:3])
    return (
        f"{names} is carried out now, and a command begins at once; say it when that has ended, or "
        f'"stop that and then ..."'
    )


def _replaced_schedule(request: PlanningRequest, plan: Mapping[str, Any] | None) -> str:
    """Return the schedule of which a command says another time, empty if it sets one beside it.

    "No, every two hours" is for the same errand as "every hour check the door". What names the
    errand again, or adds to it ("and on fridays", "do that every evening"), leaves the first.
    """
    last = request.earlier[-1] if request.earlier and request.earlier[-1].planned else None
    if last is None or plan is None or "schedule" not in plan or _ADDS.search(request.command):
        return ""
    errand = parted(str(plan["command"]))[1]
    again = errand.lower() in request.command.lower()
    before = "" if again or parted(last.command)[1] != errand else last.command
    try:
        return last.execution_id if before and "schedule" in timed(before).fields else ""
    except CommandError:
        return ""


def _problem(text: str, *, final: bool = False, asks: bool = False) -> PlanningResult:
    return PlanningResult(None, 0.0, (text,), planner=NAME, final=final, asks=asks)


def _saying(command: str, text: str) -> PlanningResult:
    """Return the plan that only says something."""
    speak = {"id": "tell", "action_type": "speak", "parameters": {"text": text}}
    plan = {"version": 1, "command": command, "ordering": "sequence", "actions": [speak]}
    return PlanningResult(plan, planner=NAME)


def _unknown(tokens: Tokens, tokenizer: Tokenizer) -> Iterator[str]:
    for word in dict.fromkeys(tokens.unknown):
        if word.lower() in SPEEDS:
            how = "loud the robot is" if word.lower() in LOUDNESS else "fast the robot moves"
            yield f"how {how} cannot be said in a command"
            continue
        if word.lower() in _SOME:
            yield f"{word!r} is not clear; say how many"
            continue
        if word.lower() == _OR:
            yield 'of "or" one is to be said'
            continue
        phrases = [] if word.lower() in _IN_MANY else tokenizer.phrases_with(word.lower())
        if phrases:
            yield f"{word!r} alone is not understood; known: {', '.join(phrases)}"
            continue
        if word.lower() in tokenizer.known_words:
            yield f"{word!r} is not understood there"
            continue
        close = near(word.lower(), tokenizer.known_words)
        message = f"the word {word!r} is not known"
        yield f"{message}; nearest: {', '.join(close)}" if close else message


def _where(command: str, failure: UnexpectedInput, tokens: Tokens) -> str:
    token = getattr(failure, "token", None)
    column = getattr(token, "column", None)
    if not isinstance(column, int) or not 0 <= column < len(command):
        return "the order of the words is not understood"
    before = [word.type for word in tokens.words if word.column < column]
    if getattr(token, "type", "") in ("LEFT", "RIGHT") and not _TURNS.isdisjoint(before):
        return (
            'the robot drives no way but ahead and back; say "turn left and then drive 1 m ahead"'
        )
    if getattr(token, "type", "") == "PLACE" and before[-1:] and before[-1] in _HANDLING:
        place = str(token).replace("_", " ")
        return f"the {place} is a place, and nothing that can be carried"
    beside = getattr(token, "type", "") == "RELATION" or before[-1:] in (["NEAR"], ["ROAM"])
    if beside or (getattr(token, "type", "") == "NEAR" and "PUT" in before):
        around = "around" if before[-1:] == ["ROAM"] else "next to"
        said = str(token) if getattr(token, "type", "") in ("RELATION", "NEAR") else around
        return _BESIDE.format(said)
    if getattr(token, "type", "") == "OBJECT" and before and before[-1] in ("ON", "TO"):
        thing = str(token).split(SEVERAL)[0].replace("_", " ")
        return f"the {thing} is an object, and no place to put something down or to go to"
    return f'"{command[column:].split(maxsplit=1)[0]}" is not expected there'


def _nearest(command: str, tokens: Tokens, vocabulary: Vocabulary) -> str:
    if Talk.QUESTION.fits(command):
        return answered(tokens.words, vocabulary)
    sentence = nearest_sentence(tokens.words, vocabulary)
    return f'understood is for example "{sentence}"' if sentence else f"{CAN}: {EXAMPLES}"
