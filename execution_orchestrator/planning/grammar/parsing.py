"""Parses the tokens of a command with Lark, quickly."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from lark import Lark, Token, Tree
from lark.lexer import Lexer

from execution_orchestrator.planning.grammar.tokens import Tokens


class _ReadyTokens(Lexer):
    """Hands Lark the tokens that were made before."""

    def __init__(self, _configuration: Any) -> None:
        """Take Lark's configuration, which holds nothing these tokens need."""

    def lex(self, text: Any) -> Iterator[Token]:  # type: ignore[override]
        """Yield the tokens."""
        for word in text.words:
            yield Token(word.type, word.value, column=word.column)


class Parser:
    """The grammar of command.lark, of which only the rules are tried that a command has words for.

    An Earley parser predicts at each word every rule that may begin there, thousands, of which
    most need a word that the command does not have. Without those it takes a tenth of the time,
    and finds the same tree.
    """

    def __init__(self) -> None:
        grammar = files(__package__).joinpath("command.lark").read_text(encoding="utf-8")
        self._lark = Lark(grammar, parser="earley", lexer=_ReadyTokens, maybe_placeholders=False)
        predictions: dict[Any, list[Any]] = self._lark.parser.parser.predictions
        self._rules = [
            (symbol, [(rule, _words_of(rule)) for rule in rules])
            for symbol, rules in predictions.items()
        ]

    def parse(self, tokens: Tokens, *, whole: bool = False) -> Tree[Token]:
        """Return the tree of a command; ``whole``: with all rules, to tell where it ends to fit.

        Raises:
            UnexpectedInput: the words do not fit together; UnexpectedEOF: some are missing.

        """
        if whole:
            return self._lark.parse(tokens)
        said = {word.type for word in tokens.words}
        lark = copy.copy(self._lark)
        lark.parser = copy.copy(lark.parser)
        lark.parser.parser = copy.copy(lark.parser.parser)
        lark.parser.parser.predictions = {
            symbol: [rule for rule, words in rules if words <= said]
            for symbol, rules in self._rules
        }
        return lark.parse(tokens)


def _words_of(rule: Any) -> frozenset[str]:
    return frozenset(symbol.name for symbol in rule.expansion if symbol.is_term)
