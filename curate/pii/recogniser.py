"""One Presidio recogniser for all structured personal data in Chinese text, and an engine that needs no model.

Importing this module imports Presidio and with it spaCy: one CPU second, so callers do it when they need it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from presidio_analyzer import AnalyzerEngine, EntityRecognizer, RecognizerRegistry, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts, NoOpNlpEngine

from . import ENTITIES
from .kept import Cover
from .normal import DIGITS, normal
from .rules import Hit, Rule, lead_rules, rules, safe

__all__ = ["LEAST", "ChineseRecognizer", "analyzer_engine", "resolve"]

LEAST = 0.5
"""Finds below this score are not reported."""

RUN = re.compile(r"[0-9A-Za-z_+(][0-9A-Za-z_@.%+() ·转分机\n-]{5,}")
"""What digits and addresses are made of: every pattern behind the gates `digits`, `at`, `code` and `quad` lies within such a run."""

CODE = re.compile("[A-Z][0-9A-HJ-NP-Z]?[0-9]{6}|[0-9A-Z]{17}")
"""What every pattern behind the gate `code` holds."""

QUAD = re.compile(r"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]")
"""What every pattern behind the gate `quad` holds."""

COLON = re.compile("[0-9A-Fa-f:][0-9A-Fa-f:.-]{4,}")
"""What every pattern behind the gate `colon` lies within."""

DEGREES = re.compile(r"\.[0-9]{4}|[°度][ ]?[0-9]")
"""What every pattern behind the gate `degrees` holds."""

FIGURES = re.compile(r"[0-9EN东北][0-9EN东西南北经纬度分秒°′″'\".,:;/、 ]{7,}")
"""And what it lies within."""

BEFORE, BEHIND = 40, 16
"""Characters before and behind a find in which a safe number that touches it is looked for; none reaches over the end of a sentence."""

PLATE = re.compile("[京津沪渝冀豫辽黑湘皖鲁苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼云新][ ·]?[A-HJ-NP-Z]")
"""How every number plate begins."""

GATES = ("at", "code", "colon", "degrees", "digits", "plate", "quad")

LONGEST = 12
"""Characters of a plate with all its separators, and more."""


class ChineseRecognizer(EntityRecognizer):  # type: ignore[misc]  # Presidio's classes are untyped
    """Finds every entity of `ENTITIES`; one pass with gates, so that text without such data costs little.

    It scores by the words around a find itself: Presidio's own enhancer needs tokens, which only a model gives.
    `kept` are patterns of professional numbers (`kept.pattern_of`): a find within one is dropped as well, unless its row is firm
    or a word announces it that is of that number, or before one that begins with the find. A find that only touches one stays.
    The same object serves `AnalyzerEngine` and, ten times faster on short records, direct calls of `analyze`.
    """

    def __init__(self, least: float = LEAST, kept: Sequence[str] = ()) -> None:
        self.least = least
        self._kept = tuple(re.compile(pattern) for pattern in kept)
        super().__init__(supported_entities=list(ENTITIES), supported_language="zh", name="QiancuiChinese")
        self._about = {
            RecognizerResult.RECOGNIZER_NAME_KEY: self.name,
            RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
        }

    def load(self) -> None:
        """Read and compile the tables."""
        gates = {gate: [rule for rule in rules() if rule.row.gate == gate] for gate in GATES}
        self._digits, self._at, self._plates = gates["digits"], gates["at"], gates["plate"]
        self._code, self._quad, self._colon, self._degrees = (
            gates[gate] for gate in ("code", "quad", "colon", "degrees")
        )
        self._led = lead_rules()
        self._lead = _alternation(self._led)
        self._safe = safe()

    def analyze(
        self,
        text: str,
        entities: list[str] | None = None,
        nlp_artifacts: NlpArtifacts | None = None,  # noqa: ARG002  # Presidio's signature; a model would fill it
    ) -> list[RecognizerResult]:
        """The finds in `text`, none overlapping another, by position; offsets are code points of the text given."""
        return [
            RecognizerResult(hit.entity, hit.start, hit.end, hit.score, recognition_metadata=self._about)
            for hit in self.hits(text)
            if entities is None or hit.entity in entities
        ]

    def hits(self, text: str) -> list[Hit]:
        """The same as plain data."""
        plain = normal(text)
        return self.decide(plain, self._candidates(plain))

    def decide(self, plain: str, candidates: Iterable[tuple[Rule, Hit]]) -> list[Hit]:
        """What remains of the candidates in a text in normal form: sure enough, no safe number, no overlap."""
        sure = [(rule, hit) for rule, hit in candidates if hit.score >= self.least]
        doubted = [hit for rule, hit in sure if not rule.firm]
        if doubted:
            numbers = self._safe_numbers(plain, doubted)
            sure = [(rule, hit) for rule, hit in sure if rule.firm or numbers.free(hit.start, hit.end)]
            kept = Cover(found.span() for pattern in self._kept for found in pattern.finditer(plain))
            sure = [(rule, hit) for rule, hit in sure if rule.firm or not _is_kept(rule, hit, plain, kept)]
        return resolve(hit for _, hit in sure)

    def _safe_numbers(self, plain: str, near: Iterable[Hit]) -> _Spans:
        """The safe numbers around some finds."""
        windows = _Spans()
        for hit in sorted(near, key=lambda hit: hit.start):
            first = max(0, hit.start - BEFORE)
            windows.join(max(first, plain.rfind("。", first, hit.start) + 1), hit.end + BEHIND)
        spans: list[tuple[int, int]] = []
        for start, end in zip(windows.starts, windows.ends, strict=True):
            window = plain[start:end]
            for needs, patterns in self._safe:
                if any(map(window.__contains__, needs)):
                    spans += [found.span() for pattern in patterns for found in pattern.finditer(plain, start, end)]
        numbers = _Spans()
        for first, last in sorted(spans):
            numbers.join(first, last)
        return numbers

    def _candidates(self, plain: str) -> Iterator[tuple[Rule, Hit]]:
        for run in RUN.finditer(plain):
            start, stop = run.start(), run.end() + 1  # the sign behind a run may matter to a pattern, but is in none
            written = run[0]
            if "@" in written:
                yield from self._all(self._at, plain, start, stop)
            if DIGITS.search(written):
                digits = sum(map(written.count, "0123456789"))
                some = [rule for rule in self._digits if rule.row.digits <= digits]
                yield from self._all(some, plain, start, stop)
            if CODE.search(written):
                yield from self._all(self._code, plain, start, stop)
            if QUAD.search(written):
                yield from self._all(self._quad, plain, start, stop)
        for begin in PLATE.finditer(plain):
            at = begin.start()
            yield from (find for find in self._all(self._plates, plain, at, at + LONGEST) if find[1].start == at)
        if ":" in plain or "-" in plain:
            for run in COLON.finditer(plain):
                if run[0].count(":") >= 2 or run[0].count("-") >= 5:
                    yield from self._all(self._colon, plain, run.start(), run.end() + 1)
        if DEGREES.search(plain):
            for run in FIGURES.finditer(plain):
                yield from self._all(self._degrees, plain, run.start(), run.end() + 1)
        yield from self._announced(plain)

    def _announced(self, plain: str) -> Iterator[tuple[Rule, Hit]]:
        """What lead words lead to; at one place there may be several of them, one beginning with the other."""
        at = 0
        while word := self._lead.search(plain, at):
            at = word.start() + 1
            for size in range(1, len(word[0]) + 1):
                for rule in self._led.get(word[0][:size], ()):
                    for hit in rule.at(plain, word.start(), word.start() + size):
                        yield rule, hit

    @staticmethod
    def _all(some: Iterable[Rule], plain: str, start: int, stop: int) -> Iterator[tuple[Rule, Hit]]:
        for rule in some:
            for hit in rule.hits(plain, start, stop):
                yield rule, hit


class _Spans:
    """Spans that do not overlap, in order, so that a text with many finds stays fast."""

    def __init__(self) -> None:
        self.starts: list[int] = []
        self.ends: list[int] = []

    def free(self, start: int, end: int) -> bool:
        """Whether [start, end) touches none of them."""
        i = bisect_right(self.ends, start)
        return i == len(self.starts) or end <= self.starts[i]

    def add(self, start: int, end: int) -> None:
        """Take in a free span."""
        i = bisect_right(self.ends, start)
        self.starts.insert(i, start)
        self.ends.insert(i, end)

    def join(self, start: int, end: int) -> None:
        """Take in a span that begins no earlier than the last one; if they overlap, both become one."""
        if self.ends and start < self.ends[-1]:
            self.ends[-1] = max(self.ends[-1], end)
        else:
            self.starts.append(start)
            self.ends.append(end)


def _alternation(words: Iterable[str]) -> re.Pattern[str]:
    """Any of some words, the longest of those that begin alike; words with one first character stand together, for speed."""
    groups: dict[str, list[str]] = {}
    for word in sorted(words, key=lambda word: (-len(word), word)):
        groups.setdefault(word[0], []).append(re.escape(word[1:]))
    return re.compile("|".join(f"{re.escape(first)}(?:{'|'.join(rest)})" for first, rest in groups.items()))


def _is_kept(rule: Rule, hit: Hit, plain: str, kept: Cover) -> bool:
    """Whether a find lies within a professional number, and no word of that, nor one right before it, announces the find."""
    if (span := kept.around(hit.start, hit.end)) is None:
        return False
    start = span[0] if hit.start > span[0] else 0  # a number that begins with the find says nothing before it
    return not rule.announced(plain[start : span[1]], hit.start - start, hit.end - start)


def resolve(hits: Iterable[Hit]) -> list[Hit]:
    """Of finds that overlap, the one a check confirmed, then one a word announced, then the longer, then the surer."""
    taken = _Spans()
    kept: list[Hit] = []
    for hit in sorted(set(hits), key=lambda h: (-h.rank, h.start - h.end, -h.score, h.start, h.entity)):
        if taken.free(hit.start, hit.end):
            taken.add(hit.start, hit.end)
            kept.append(hit)
    return sorted(kept, key=lambda h: h.start)


def analyzer_engine(least: float = LEAST) -> AnalyzerEngine:
    """Presidio's `AnalyzerEngine` for `zh` with this recogniser alone and no model, so nothing is ever fetched."""
    nlp = NoOpNlpEngine([{"lang_code": "zh", "model_name": ""}])
    nlp.load()
    registry = RecognizerRegistry(recognizers=[ChineseRecognizer(least)], supported_languages=["zh"])
    return AnalyzerEngine(registry=registry, nlp_engine=nlp, supported_languages=["zh"])
