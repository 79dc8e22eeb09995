"""Citations in the notes of tables and figures: `@key` names a work in the sentence, `[@key]` in brackets.

Alone, a table prints author and year. In a paper the work is in its list of references, and a Chinese paper
prints the number that it has there (GB/T 7714-2015, 8.1): the note is published with its citations `held`,
and `settled` when the paper is laid out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from research.errors import OptionError, did_you_mean
from research.report.bibliography import Work, known_works

_KEY = r"[A-Za-z0-9_][\w:.-]*\w"
_CITED = re.compile(
    rf"\[(?P<group>@{_KEY}(?:\s*;\s*@{_KEY})*)\]|(?<![\w@\\.\[])@(?P<one>{_KEY})(?: (?=[\u3400-\u9fff]))?",
    re.ASCII,
)
_HELD = re.compile("⟦(?P<keys>[^⟧|]+)[|](?P<form>[^⟧|]*)[|](?P<words>[^⟧|]*)⟧")
_OPENING = re.compile(r"\s*[(（].*")


def printed_citations(text: str, lang: str, bibliography: str = "") -> str:
    """The note as it stands alone: every citation with author and year.

    `bibliography`: BibTeX of a study, beside the packaged methods literature. OptionError where `[@key]`
    names a work that neither holds; a bare `@word` that is no key stays as it is, and so does what is held.

    >>> printed_citations("AVE at least .50 [@fornell1981; @hair2019], after @chen2007.", "en")
    'AVE at least .50 (Fornell & Larcker, 1981; Hair et al., 2019), after Chen (2007).'
    >>> printed_citations("AVE 不低于 0.50[@fornell1981; @hair2019]，依据 @chen2007。", "zh")
    'AVE 不低于 0.50（Fornell & Larcker，1981；Hair 等，2019），依据 Chen（2007）。'
    """
    if _HELD.search(text):
        return text
    return settled(held(text, lang, bibliography), {})


def held(text: str, lang: str, bibliography: str = "") -> str:
    """The note with its citations kept for a paper, each with its keys beside the words of `printed`.

    >>> held("After @chen2007.", "en")
    'After ⟦chen2007|one|Chen (2007)⟧.'
    """
    if "@" not in text:
        return text
    known = known_works(bibliography, lang)

    def hold(match: re.Match[str]) -> str:
        keys = re.findall(_KEY, match["group"] or match["one"])
        missing = [key for key in keys if key not in known]
        if missing and match["one"]:
            return match[0]
        if missing:
            raise OptionError(
                f"a note cites '{missing[0]}', which is in no bibliography.{did_you_mean(missing[0], known)}"
            )
        cited = sorted(
            (known[key] for key in keys), key=lambda work: (_names(work, lang).casefold(), work.year)
        )
        words = _bracketed(cited, lang) if match["group"] else _narrated(cited[0], lang)
        form = "group" if match["group"] else "one"
        return f"⟦{'+'.join(work.key for work in cited)}|{form}|{words}⟧"

    return _CITED.sub(hold, text)


def held_keys(text: str) -> tuple[str, ...]:
    """The keys that a held note cites, in order.

    >>> held_keys(held("[@hair2019; @fornell1981]", "en"))
    ('fornell1981', 'hair2019')
    """
    return tuple(dict.fromkeys(key for match in _HELD.finditer(text) for key in match["keys"].split("+")))


def settled(text: str, numbers: Mapping[str, str]) -> str:
    """The held note as a paper prints it: with `numbers` of its references by key, else author and year.

    >>> settled(held("依据 @chen2007 [@hair2019]", "zh"), {"chen2007": "3", "hair2019": "7"})
    '依据 Chen[3] [7]'
    """

    def settle(match: re.Match[str]) -> str:
        keys = match["keys"].split("+")
        if not all(key in numbers for key in keys):
            return match["words"]
        listed = f"[{','.join(sorted((numbers[key] for key in keys), key=int))}]"
        return listed if match["form"] == "group" else _OPENING.sub("", match["words"]) + listed

    return _HELD.sub(settle, text)


def _bracketed(cited: list[Work], lang: str) -> str:
    if lang == "zh":
        return "（" + "；".join(f"{_names(work, lang)}，{work.year}" for work in cited) + "）"
    return "(" + "; ".join(f"{_names(work, lang)}, {work.year}" for work in cited) + ")"


def _narrated(work: Work, lang: str) -> str:
    return f"{_names(work, lang)}（{work.year}）" if lang == "zh" else f"{_names(work, lang)} ({work.year})"


def _names(work: Work, lang: str) -> str:
    """One name, two joined, the first of three or more with `et al.` (APA 7, 8.17)."""
    names = work.names or (work.fields.get("title", work.key).replace("{", "").replace("}", ""),)
    if len(names) > 2 or names[1:] == ("others",):
        return f"{names[0]}{'等' if _chinese(names[0]) else ' 等'}" if lang == "zh" else f"{names[0]} et al."
    return ("、" if _chinese(names[0]) else " & ").join(names)


def _chinese(name: str) -> bool:
    return "\u3400" <= name[:1] <= "\u9fff"
