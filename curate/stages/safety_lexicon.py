"""Lexicons of sensitive terms: the risk classes they speak of, reading them, and how far they cover what the standard asks.

A lexicon is a text file in UTF-8, one term a line: `term, tab, risk`, then, where wanted, a tab and a level from 1 to 3, and
a tab and the contexts in which the term does not count, with `|` between them. Lines that begin with `#` are comments.
No message here holds a term: whoever reads a log need not read those.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from ..errors import Problem
from .folding import folded
from .tables import points, rows

__all__ = [
    "ALL",
    "Covered",
    "Listing",
    "Risk",
    "contexts_of",
    "coverage",
    "digest_of",
    "group_of",
    "read_lexicon",
    "risk_named",
    "risks",
    "sample",
    "shortfall",
    "signs",
    "spelled",
    "spelling",
]

ALL = "all"
"""In place of a group or a risk: all of them."""
LEVELS = {"": 1, "1": 1, "2": 2, "3": 3}
LONGEST = 64
"""Characters of the longest term or context."""
FORM = "term, tab, risk[, tab, level[, tab, contexts]]"


class Risk(NamedTuple):
    """A risk class of Annex A (A.1.a), a group of them (A.1), or all."""

    code: str
    least: int | None
    """Different terms that a lexicon should have for it; None where the standard gives no number."""
    title: str
    english: str


class Listing(NamedTuple):
    """One line of a lexicon, its term and contexts as `spelled` gives them."""

    line: int
    term: str
    risk: str
    level: int
    unless: tuple[str, ...]


class Covered(NamedTuple):
    """How many different terms there are for a risk."""

    risk: Risk
    terms: int

    @property
    def missing(self) -> int:
        """Terms that are missing of the least number."""
        return max(0, (self.risk.least or 0) - self.terms)


@cache
def risks() -> dict[str, Risk]:
    """The risks, the groups and `all` by their codes, in the order of Annex A; a group before its risks."""
    return {
        code: Risk(code, int(least) if least else None, title, english)
        for code, least, title, english, _ in rows("safety_risks.tsv")
    }


def group_of(code: str) -> str:
    """`A.1` of the risk `A.1.a`; nothing of a group."""
    head, _, last = code.rpartition(".")
    return head if last.isalpha() else ""


def risk_named(written: str) -> str | None:
    """The code of a risk written in one of the usual ways: A.1.a, A1-a, `A.1 a)`; None if it is none."""
    return _codes().get(_bare(written))


@cache
def _codes() -> dict[str, str]:
    return {_bare(code): code for code in risks() if group_of(code)}


def _bare(code: str) -> str:
    return "".join(c for c in code if c.isalnum()).lower()


@cache
def signs() -> dict[str, list[slice]]:
    """Code points that are no characters of a term, by their kinds: between, break, nothing."""
    kinds: dict[str, list[slice]] = {}
    for field, kind, _ in rows("safety_signs.tsv"):
        kinds.setdefault(kind, []).append(points(field))
    return kinds


@cache
def spelling() -> dict[int, str]:
    """What `spelled` makes of code points, for `str.translate`: they are folded, and nothing is left of what is not seen."""
    table = {point: new for point, new in folded().items() if len(new) == 1}
    for span in signs()["nothing"]:
        table |= dict.fromkeys(range(span.start, span.stop), "")
    return table


@cache
def _between() -> re.Pattern[str]:
    spans = (f"\\U{span.start:08x}-\\U{span.stop - 1:08x}" for span in signs()["between"])
    return re.compile(f"[{''.join(spans)}]+")


def spelled(text: str) -> str:
    """A term as it is compared: small letters of half width, simplified characters, no signs and spaces between characters.

    Between two letters or digits of ASCII they stay, `gb/t 26760`; clause marks and brackets are part of a term.
    """
    plain = text.translate(spelling())
    between = _between()
    return between.sub(_kept, plain) if between.search(plain) else plain


def _kept(run: re.Match[str]) -> str:
    before, after = run.string[: run.start()][-1:], run.string[run.end() :][:1]
    if not before or not after:
        return ""
    stays = (_is_wordy(before) and _is_wordy(after)) or _is_break(before) or _is_break(after)
    return run[0] if stays else ""


def _is_wordy(c: str) -> bool:
    return c.isascii() and c.isalnum()


def _is_break(c: str) -> bool:
    return any(span.start <= ord(c) < span.stop for span in signs()["break"])


def read_lexicon(data: bytes, shown: str) -> tuple[list[Listing], list[Problem]]:
    """The lines of a lexicon that are right, and what is wrong with the others; `shown` is what messages call the file."""
    found, problems = list[Listing](), list[Problem]()
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").splitlines(), 1):
        if not line.strip() or line.startswith(b"#"):
            continue
        read = _listing(number, line)
        if isinstance(read, Listing):
            found.append(read)
        else:
            field, what, got, expected = read
            problems.append(Problem(shown, number, field, what, got=got, expected=expected))
    return found, problems


def _listing(number: int, line: bytes) -> Listing | tuple[str, str, str, str]:
    """One line of a lexicon, or its mistake: field, what, got, expected."""
    try:
        fields = line.decode().split("\t")
    except UnicodeDecodeError:
        return "line", "not UTF-8", "", FORM
    if not 2 <= len(fields) <= 4:
        return "line", "wrong number of fields", str(len(fields)), FORM
    written, risk, level, contexts = [field.strip() for field in [*fields, "", ""][:4]]
    term = spelled(written)
    if not 2 <= len(term) <= LONGEST:
        return "term", "term of no use", f"{len(term)} characters", f"2 to {LONGEST}, signs and spaces not counted"
    code = risk_named(risk)
    if code is None:
        # a code is short: what is longer may be a term in the wrong field
        return "risk", "no such risk", risk if len(risk) <= 6 and risk.isascii() else "", "a code such as A.1.a"
    if level not in LEVELS:
        return "level", "no such level", "", "1, 2 or 3"
    unless = tuple(dict.fromkeys(spelled(c) for c in contexts.split("|"))) if contexts else ()
    for context in unless:
        if len(context) > LONGEST or context == term or next(_places(term, context), None) is None:
            return "contexts", "not a context of the term", "", f"longer than the term, which it holds, to {LONGEST}"
    return Listing(number, term, code, LEVELS[level], unless)


@cache
def sample() -> tuple[Listing, ...]:
    """The sample that comes with the program: for tests and examples, far from what the standard asks for."""
    data = (files(__package__) / "data" / "safety_sample.tsv").read_bytes()
    return tuple(read_lexicon(data, "safety_sample.tsv")[0])


def coverage(listings: Iterable[Listing]) -> list[Covered]:
    """How many different terms all risks have together, each group and each risk."""
    of: dict[str, set[str]] = {code: set() for code in risks()}
    for listing in listings:
        for code in (ALL, group_of(listing.risk), listing.risk):
            of[code].add(listing.term)
    return [Covered(risk, len(of[code])) for code, risk in risks().items()]


def shortfall(covered: Sequence[Covered]) -> str:
    """A line on what is missing of the least numbers, without any term; nothing if nothing is."""
    short = [c for c in covered if c.missing]
    said = [f"there are {c.terms:,} of {c.risk.least:,}" for c in short if c.risk.code == ALL]
    if codes := [c.risk.code for c in short if c.risk.code != ALL]:
        said.append(f"there are too few for {', '.join(codes)}")
    return f"GB/T 45652 (draft, Annex B) asks for more sensitive terms: {'; '.join(said)}" if said else ""


def digest_of(listings: Iterable[Listing]) -> str:
    """SHA-256 of what lexicons say, whatever the order of their lines."""
    lines = sorted({"\t".join([x.term, x.risk, str(x.level), *sorted(x.unless)]) for x in listings})
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def contexts_of(term: str, unless: Sequence[str]) -> dict[str, int]:
    """Texts and factors: the term counts as often as the sum over these texts of how often each occurs, times its factor.

    An occurrence of the term counts if none of the contexts stands around it, which is the product of 1 - (whether it does)
    over them all. Multiplied out, each summand is the text that contexts make together, where they agree about what stands
    around the term.
    """
    sums = {(term, 0): 1}
    for context in unless:
        for place in _places(term, context):
            for (text, at), factor in list(sums.items()):
                both = _merged(text, at, context, place)
                if both is not None:
                    sums[both] = sums.get(both, 0) - factor
    total: dict[str, int] = {}
    for (text, _), factor in sums.items():  # one that holds the term at two places has both factors
        total[text] = total.get(text, 0) + factor
    return {text: factor for text, factor in total.items() if factor}


def _places(term: str, context: str) -> Iterator[int]:
    """Where a term is found in a context; as everywhere, one of ASCII not inside a longer word."""
    at = context.find(term)
    while at >= 0:
        end = at + len(term)
        inside = at > 0 and _is_wordy(term[0]) and _is_wordy(context[at - 1])
        if not inside and not (end < len(context) and _is_wordy(term[-1]) and _is_wordy(context[end])):
            yield at
        at = context.find(term, at + 1)


def _merged(a: str, a_at: int, b: str, b_at: int) -> tuple[str, int] | None:
    """Two texts laid over each other where they hold the term, and where it stands then; None if they contradict."""
    at = max(a_at, b_at)
    a_start, b_start = at - a_at, at - b_at
    begin, end = max(a_start, b_start), min(a_start + len(a), b_start + len(b))
    if a[begin - a_start : end - a_start] != b[begin - b_start : end - b_start]:
        return None
    head = a[: begin - a_start] or b[: begin - b_start]
    tail = a[end - a_start :] or b[end - b_start :]
    return head + a[begin - a_start : end - a_start] + tail, at
