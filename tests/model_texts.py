"""Random model texts: plausible ones, mutilated ones and noise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

COLUMNS = tuple(f"x{k}" for k in range(1, 13))
_LATENT = ("f", "g", "h", "k")
_SIGNS = "=~ ~ ~~ ~1 := == < > | ~*~ <~ + - * / ^ ** ( ) , ? : ; # ! 0 1 0.5 1e999 -1 NA Inf"
_WORDS = "a b x1 x2 nosuch f g c( start( equal( lower( upper( efa( label( rv( exp( c(1,2)* c(a,a)*"
_ODD = ("group: 1", "level: 2", "é", "题", "（", "🙂", "%", "@", "$", "\\", '"', "'")
_SPACES = (" ", "\n", "\t", "\r", "\x00", "\u2028")
_PIECES = (*_SIGNS.split(), *_WORDS.split(), *_ODD, *_SPACES)
_MODIFIERS = (
    "a*",
    "b*",
    "NA*",
    "0*",
    "1*",
    "0.5*",
    "start(1)*",
    "lower(0)*",
    "upper(2)*",
    '"q"*',
    "a*start(2)*",
    "0.3?",
)
_RARE = ("c(1,2)*", "c(a,b)*", 'equal("f=~x1")*', "(1/0)*", "c(NA,NA,NA)*", "b*c(a,NA)*")


class Draw:
    """A random stream with the few draws that the texts need."""

    def __init__(self, seed: int) -> None:
        self.stream = np.random.default_rng(seed)

    def chance(self, probability: float) -> bool:
        """True with that probability."""
        return bool(self.stream.random() < probability)

    def between(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return int(self.stream.integers(low, high + 1))

    def one(self, words: Sequence[str]) -> str:
        """One of the words."""
        return words[self.between(0, len(words) - 1)]

    def some(self, words: Sequence[str], count: int) -> list[str]:
        """That many different words."""
        return [words[k] for k in self.stream.permutation(len(words))[:count]]


def random_texts(seed: int, count: int) -> Iterator[str]:
    """`count` texts of the stream `seed`."""
    draw = Draw(seed)
    for _ in range(count):
        if draw.chance(0.15):
            yield "".join(draw.one(_PIECES) for _ in range(draw.between(0, 60)))
            continue
        text = _plausible(draw)
        yield _mutilated(draw, text) if draw.chance(0.4) else text


def _plausible(draw: Draw) -> str:
    if draw.chance(0.05):
        return "\n".join(f"group: {k}\n{_formulas(draw)}" for k in (1, 2))
    lines = [_formulas(draw)]
    if draw.chance(0.15):
        lines.append(f"d := {_expression(draw)}")
        lines.append(f"e := {_expression(draw)}")
    if draw.chance(0.1):
        lines.append(f"{_expression(draw)} {draw.one(['==', '<', '>'])} {_expression(draw)}")
    return "\n".join(lines)


def _formulas(draw: Draw) -> str:
    lines = []
    names = COLUMNS
    for latent in draw.some(_LATENT, draw.between(0, 4)):
        block = 'efa("e")*' if draw.chance(0.1) else ""
        lines.append(f"{block}{latent} =~ {_terms(draw, names, 4)}")
        names = (*names, latent)
    for _ in range(draw.between(0, 4)):
        op = draw.one(["~", "~", "~~", "~~", "~ 1 +", "|", "<~", "~*~"])
        lines.append(f"{draw.one(names)} {op} {_terms(draw, names, 3)}")
    return draw.one(["\n", "; ", "\n\n", " # remark\n"]).join(lines)


def _terms(draw: Draw, names: Sequence[str], most: int) -> str:
    plus = draw.one([" + ", "+", " +\n  ", "\n + "])
    return plus.join(_modifier(draw) + name for name in draw.some(names, draw.between(1, most)))


def _modifier(draw: Draw) -> str:
    if draw.chance(0.02):
        return draw.one(_RARE)
    return draw.one(_MODIFIERS) if draw.chance(0.3) else ""


def _expression(draw: Draw) -> str:
    parts = [draw.one(["a", "b", "q", "d", "e", "2", ".p1.", "exp(a)", "(a+b)", "-1"])]
    for _ in range(draw.between(0, 4)):
        parts += [draw.one(["+", "-", "*", "/", "^"]), draw.one(["a", "b", "2", "log(a)", "-b"])]
    return "".join(parts)


def _mutilated(draw: Draw, text: str) -> str:
    """Pieces put in, characters taken out, halves exchanged."""
    for _ in range(draw.between(1, 4)):
        place = draw.between(0, len(text))
        what = draw.one(["put in", "put in", "take out", "take out", "exchange"])
        if what == "put in":
            text = text[:place] + draw.one(_PIECES) + text[place:]
        elif what == "take out":
            text = text[:place] + text[place + draw.between(1, 3) :]
        else:
            text = text[place:] + text[:place]
    return text
