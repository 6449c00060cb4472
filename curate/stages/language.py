"""Language: by script where the script says it, by a detector where it does not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Literal, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, model_validator

from ..config import Strict
from ..records import mark, set_column, text_buffers
from .detect import DETECTORS, Detector
from .tables import points, rows

__all__ = ["Language"]

UNKNOWN = "und"  # ISO 639-2: undetermined; language 0
NO_SCRIPT = "Zyyy"  # ISO 15924: nothing but digits and signs
MARKS = "Zinh"  # ISO 15924: marks, which take the script of the letter before them
JAPANESE = "Jpan"  # ISO 15924: Han and kana

COLUMNS: dict[Detector, int] = {"pycld2": 2, "langdetect": 3}
"""Where in languages.tsv each detector's languages stand."""

OPEN = -1
"""In place of a language: the script does not settle it."""

LETTERS = 1_000
"""Letters that the detector is shown."""

CHINESE_BELOW, JAPANESE_FROM = 0.05, 0.10
"""Kana's share of Han and kana: a Chinese text may name a shop or quote a word, a Japanese one needs its particles."""


class Language(Strict):
    """Finds the language and the script of each record and drops the languages that are not kept.

    Letters are counted by script, a letter of an alphabet as a quarter of a Han character. The script with the greatest
    share settles the language if only one is written in it; `lang_score` is that share. What it leaves open (Latin,
    Cyrillic, Arabic, Devanagari, and Han with a few kana) is put to the detector, which sees the letters of that script
    alone; `lang_score` is then the share times its probability. Where nothing is known the language is `und`, the score 0;
    where nobody was asked it is `und` too, and the score is the share of the script. Chinese is `Hans` or `Hant` by the
    characters used in that form only, `Hani` where there are as many of each.

    Dropped are `no_letters`: there are only digits and signs; `language_unsure`: `und`, or a kept language whose score (the
    value) is under `least`; and `other_language`: its value is the share of the letters of scripts that only a kept language
    is written in.
    """

    kind: Literal["language"] = "language"
    keep: tuple[str, ...] = Field(("zh",), min_length=1)
    """ISO 639 codes of the languages to keep."""
    least: float = Field(0.65, ge=0, le=1)
    """Least score of a kept language."""
    detector: Detector = "pycld2"
    """What decides where scripts do not: pycld2 some 50,000 records a second, langdetect some 500; scripts alone, a million."""
    ask: Literal["kept", "all"] = "all"
    """Put to the detector what may be a kept language, or all that is open: to name a language that is dropped anyway."""

    version: ClassVar[int] = 3
    adds: ClassVar[Mapping[str, pa.DataType]] = {"lang": pa.string(), "script": pa.string(), "lang_score": pa.float32()}
    reasons: ClassVar[tuple[str, ...]] = ("language_unsure", "other_language", "no_letters")

    @model_validator(mode="after")
    def _known(self) -> Self:
        known = {lang for line in rows("languages.tsv") for lang in line[COLUMNS[self.detector]].split()}
        unknown = sorted(set(self.keep) - known)
        if unknown:
            raise ValueError(
                f"keep: {self.detector} tells no such language apart: {', '.join(unknown)}; "
                f"expected any of {' '.join(sorted(known))}"
            )
        return self

    def open(self, root: Path = Path()) -> Callable[[pa.RecordBatch], pa.RecordBatch]:  # noqa: ARG002
        """A function that adds `lang`, `script` and `lang_score` and marks what is not kept."""
        from ..kernels.script import count, letters

        scripts = Scripts.load(self.detector)
        detect = DETECTORS[self.detector]

        def language(batch: pa.RecordBatch) -> pa.RecordBatch:
            data, offsets = text_buffers(batch.column("text"))
            counts = count(data, offsets, scripts.table, len(scripts.codes))
            found = decide(counts, scripts)
            for row in np.flatnonzero(found.lang == OPEN):
                wanted, candidates = scripts.questions[found.leader[row]]
                if self.ask == "kept" and not set(candidates) & set(self.keep):
                    continue
                shown = letters(data, offsets[row], offsets[row + 1], scripts.table, wanted, LETTERS)
                lang, probability = detect(shown.tobytes().decode("utf-32-le"), candidates)
                found.lang[row] = scripts.languages.index(lang)
                found.score[row] *= probability
                if lang == "ja":
                    found.script[row] = scripts.shown.index(JAPANESE)
            batch = set_column(batch, "lang", _named(np.maximum(found.lang, 0), scripts.languages))
            script = _named(found.script, scripts.shown)
            if "script" in batch.schema.names:  # repair turned it to simplified characters: the script it came in stays
                script = pc.coalesce(batch["script"], script)
            batch = set_column(batch, "script", script)
            batch = set_column(batch, "lang_score", pa.array(found.score.astype(np.float32)))
            return self._mark(batch, found, counts, scripts)

        return language

    def _mark(
        self, batch: pa.RecordBatch, found: Verdict, counts: npt.NDArray[np.int32], scripts: Scripts
    ) -> pa.RecordBatch:
        kept = np.isin(found.lang, [i for i, name in enumerate(scripts.languages) if name in self.keep])
        unsure = (kept | (found.lang == 0)) & (found.score < self.least)
        other = ~kept & ~unsure
        bare = counts[:, 2:].sum(axis=1) == 0
        value = found.score.copy()
        value[other] = scripts.share(counts[other], self.keep)
        reasons: list[str | None] = [None] * batch.num_rows
        values: list[float | None] = [None] * batch.num_rows
        thresholds: list[float | None] = [None] * batch.num_rows
        for row in np.flatnonzero(unsure | other):
            reasons[row] = "other_language" if other[row] else "no_letters" if bare[row] else "language_unsure"
            values[row] = float(value[row])
            thresholds[row] = self.least
        return mark(batch, reasons, values=values, thresholds=thresholds)


@dataclass(frozen=True)
class Scripts:
    """The scripts that letters are counted by: class i of the kernel's table is `codes[i]`."""

    codes: tuple[str, ...]
    weights: npt.NDArray[np.float64]
    """What one letter of each counts."""
    written: tuple[tuple[str, ...], ...]
    """The languages written in each that the detector tells apart."""
    table: npt.NDArray[np.uint8]
    """The class of each code point; 0 for what is no letter, 1 for marks."""

    @classmethod
    def load(cls, detector: Detector) -> Scripts:
        """The scripts of `languages.tsv` as `detector` knows them, their letters of `scripts.tsv` and `one_sided.tsv`."""
        from ..kernels.utf8 import CODE_POINTS

        lines = rows("languages.tsv")
        codes = (NO_SCRIPT, MARKS, *(line[0] for line in lines))
        table = np.zeros(CODE_POINTS, np.uint8)
        for field, code in rows("scripts.tsv"):
            table[points(field)] = codes.index(code)
        for code, characters in rows("one_sided.tsv"):
            table[[ord(c) for c in characters]] = codes.index(code)
        weights = np.array([0.0, 0.0, *(float(line[1]) for line in lines)])
        written = (tuple(line[COLUMNS[detector]].split()) for line in lines)
        return cls(codes, weights, ((), (), *written), table)

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """Every language that may be found."""
        return (UNKNOWN, *sorted({lang for langs in self.written for lang in langs}))

    @cached_property
    def shown(self) -> tuple[str, ...]:
        """Every script that may be found."""
        return (*self.codes, JAPANESE)

    def share(self, counts: npt.NDArray[np.int32], languages: tuple[str, ...]) -> npt.NDArray[np.float64]:
        """The share of each document's letters in scripts that only one of `languages` is written in."""
        own = [len(langs) == 1 and langs[0] in languages for langs in self.written]
        weighted = counts * self.weights  # no matrix product: BLAS would wake threads of its own
        share: npt.NDArray[np.float64] = weighted[:, own].sum(axis=1) / np.maximum(weighted.sum(axis=1), 1e-9)
        return share

    @cached_property
    def questions(self) -> tuple[tuple[npt.NDArray[np.bool_], tuple[str, ...]], ...]:
        """Which classes the detector is shown where each script leads, and the languages it may answer."""
        asked = []
        for code, languages in zip(self.codes, self.written, strict=True):
            shown, answers = ({"Hani", "Hans", "Hant", "Kana"}, ("zh", "ja")) if code == "Hani" else ({code}, languages)
            asked.append((np.isin(self.codes, [MARKS, *shown]), answers))
        return tuple(asked)


@dataclass(frozen=True)
class Verdict:
    """What is known of n documents, arrays of n."""

    leader: npt.NDArray[np.int64]
    """The class with the greatest share; Han and kana are one, under `Hani`."""
    lang: npt.NDArray[np.int64]
    """Index into `Scripts.languages`, or OPEN."""
    script: npt.NDArray[np.int64]
    """Index into `Scripts.shown`."""
    score: npt.NDArray[np.float64]
    """The share of what leads."""


def decide(counts: npt.NDArray[np.int32], scripts: Scripts) -> Verdict:
    """What letters by script, shape (n, classes), say of the language."""
    hani, hans, hant, kana = (scripts.codes.index(code) for code in ("Hani", "Hans", "Hant", "Kana"))
    languages = scripts.languages
    weighted = counts * scripts.weights
    han_share = weighted[:, [hani, hans, hant]].sum(axis=1)
    both = han_share + weighted[:, kana]
    kana_part = weighted[:, kana] / np.maximum(both, 1e-9)
    weighted[:, hani] = both
    weighted[:, [hans, hant, kana]] = 0.0
    total = np.maximum(weighted.sum(axis=1), 1e-9)

    leader = weighted.argmax(axis=1)  # of equals the first: Han before all others, no script where there is no letter
    score = weighted[np.arange(len(leader)), leader] / total
    settled = [languages.index(langs[0]) if len(langs) == 1 else OPEN if langs else 0 for langs in scripts.written]
    lang = np.array(settled, np.int64)[leader]
    script = leader.copy()

    chinese = leader == hani
    lang[chinese & (kana_part >= CHINESE_BELOW)] = OPEN
    japanese = chinese & (kana_part >= JAPANESE_FROM)
    lang[japanese] = languages.index("ja")
    score = np.where(lang == languages.index("zh"), han_share / total, score)
    script[chinese & (counts[:, hans] > counts[:, hant])] = hans
    script[chinese & (counts[:, hant] > counts[:, hans])] = hant
    script[japanese] = scripts.shown.index(JAPANESE)
    return Verdict(leader, lang, script, np.where(lang == 0, 0.0, score))


def _named(codes: npt.NDArray[np.int64], names: tuple[str, ...]) -> pa.Array:
    """A string for each code."""
    return pa.DictionaryArray.from_arrays(
        pa.array(codes.astype(np.int32)), pa.array(names, pa.string())
    ).dictionary_decode()
