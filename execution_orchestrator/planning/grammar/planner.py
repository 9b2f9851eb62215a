"""Plans a command by the grammar; deterministic, without a network, in milliseconds."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedEOF, UnexpectedInput
from lark.lexer import Lexer

from execution_orchestrator.planning.grammar.attempts import Attempts, attempts_of
from execution_orchestrator.planning.grammar.build import Builder
from execution_orchestrator.planning.grammar.tokens import MAX_COMMAND, Tokenizer, Tokens
from execution_orchestrator.planning.grammar.tree import CommandError
from execution_orchestrator.planning.ports import PlanningResult, ReplanningRequest
from execution_orchestrator.planning.vocabulary import Vocabulary, nearest

NAME = "grammar"
EXAMPLES = '"bring me the red cup" or "go to the kitchen and then look around"'
# Who says this wants something now that no plan can give.
STOPPING = frozenset({"stop", "halt", "freeze", "cancel", "abort", "emergency stop", "stop now"})


class _ReadyTokens(Lexer):
    """Hands Lark the tokens that were made before."""

    def __init__(self, _configuration: Any) -> None:
        """Take Lark's configuration, which holds nothing these tokens need."""

    def lex(self, text: Any) -> Iterator[Token]:  # type: ignore[override]
        """Yield the tokens."""
        for word in text.words:
            yield Token(word.type, word.value, column=word.column)


class GrammarPlanner:
    """Understands commands made of the grammar's verbs and one vocabulary's names."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        grammar = files(__package__).joinpath("command.lark").read_text(encoding="utf-8")
        self._parser = Lark(grammar, parser="earley", lexer=_ReadyTokens, maybe_placeholders=False)

    def plan(self, command: str, *, known_objects: tuple[str, ...] = ()) -> PlanningResult:
        """Return the plan document of ``command``, or what is not understood about it."""
        return self._plan(command, self._vocabulary.with_objects(known_objects), Attempts())

    def replan(self, request: ReplanningRequest) -> PlanningResult:
        """Return the plan of the command again, without what failed, if there is another way.

        Only plans of this planner are replaced: of others it does not know what their actions have
        to do with the words of the command.
        """
        if request.made_by != NAME:
            return _problem("the grammar finds other ways only for the plans it made itself")
        vocabulary = self._vocabulary.with_objects(request.known_objects)
        attempts = attempts_of(request.failures, vocabulary)
        result = self._plan(request.command, vocabulary.without_objects(attempts.objects), attempts)
        if result.plan is None:
            return result
        again = attempts.repeated_in(result.plan["actions"])
        if again:
            return _problem(f"the command leaves no other way than {again}, which failed")
        return result

    def _plan(self, command: str, vocabulary: Vocabulary, attempts: Attempts) -> PlanningResult:
        if not command.strip():
            return _problem(f"there is no command; say for example {EXAMPLES}")
        if len(command) > MAX_COMMAND:
            return _problem(f"the command is longer than {MAX_COMMAND} characters; send a plan")
        if command.strip().rstrip(".!").lower() in STOPPING:
            text = (
                f"{command.strip()!r} is no errand: call ~/cancel to end an execution, "
                "~/pause to hold it, or ~/emergency_stop to stop everything"
            )
            return PlanningResult(None, 0.0, (text,), planner=NAME, final=True)
        tokenizer = Tokenizer(vocabulary)
        tokens = tokenizer.read(command)
        if tokens.unknown:
            problems = tuple(_unknown(tokens, tokenizer))
            return PlanningResult(None, 0.0, problems, planner=NAME)
        try:
            tree = self._parser.parse(tokens)
            builder = Builder(vocabulary, attempts.places)
            sentences = [child for child in tree.children if isinstance(child, Tree)]
            actions = [action for sentence in sentences for action in builder.actions(sentence)]
        except CommandError as failure:
            return _problem(str(failure))
        except UnexpectedEOF:
            return _problem(f'the command ends too early after "{command.rsplit(maxsplit=1)[-1]}"')
        except UnexpectedInput as failure:
            return _problem(_where(command, failure))
        plan: dict[str, Any] = {
            "version": 1,
            "command": command,
            "ordering": "sequence",
            "actions": actions,
        }
        if builder.success:
            plan["success"] = builder.success
        return PlanningResult(
            plan,
            tokenizer.certainty(tokens),
            planner=NAME,
        )


def _problem(text: str) -> PlanningResult:
    return PlanningResult(None, 0.0, (text,), planner=NAME)


def _unknown(tokens: Tokens, tokenizer: Tokenizer) -> Iterator[str]:
    for word in dict.fromkeys(tokens.unknown):
        phrases = tokenizer.phrases_with(word.lower())
        if phrases:
            yield f"{word!r} alone is not understood; known: {', '.join(phrases)}"
            continue
        close = nearest(word.lower(), tokenizer.known_words)
        told = f"the word {word!r} is not known"
        yield f"{told}; nearest: {', '.join(close)}" if close else told


def _where(command: str, failure: UnexpectedInput) -> str:
    token = getattr(failure, "token", None)
    column = getattr(token, "column", None)
    if isinstance(column, int) and 0 <= column < len(command):
        rest = command[column:].split()
        return f'"{rest[0]}" is not expected there; say for example {EXAMPLES}'
    return f"the order of the words is not understood; say for example {EXAMPLES}"
