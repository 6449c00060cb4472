"""Quality: what a record is made of, and bounds on it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pydantic import AfterValidator, Field, model_validator

from ..config import Strict
from ..records import QUALITY, mark, set_column, text_buffers
from .quality_model import load_model
from .tables import points, rows

if TYPE_CHECKING:
    from ..industry import Profile

__all__ = ["PRESETS", "REASONS", "Bound", "Least", "Most", "Quality", "Rule", "presets"]

REASONS = {
    ("chars", "least"): "too_short",
    ("chars", "most"): "too_long",
    ("replacement_share", "most"): "replacement_characters",
    ("mojibake_share", "most"): "mojibake",
    ("digit_share", "most"): "many_digits",
    ("space_share", "most"): "many_spaces",
    ("symbol_share", "most"): "many_symbols",
    ("han_share", "least"): "low_han_share",
    ("duplicate_line_share", "most"): "duplicate_lines",
    ("repeated_10gram_share", "most"): "repeated_text",
    ("top_4gram_share", "most"): "frequent_4gram",
    ("top_2gram_share", "most"): "frequent_2gram",
    ("entropy", "least"): "low_entropy",
    ("distinct_share", "least"): "few_distinct_characters",
    ("latin_share", "most"): "many_letters",
    ("url_share", "most"): "many_addresses",
    ("hash_share", "most"): "many_hash_signs",
    ("ellipsis_share", "most"): "many_ellipses",
    ("bracketed_share", "most"): "much_in_brackets",
    ("more_line_share", "most"): "links_to_more",
    ("ellipsis_line_share", "most"): "cut_lines",
    ("bullet_line_share", "most"): "many_bullets",
    ("terminal_line_share", "least"): "unfinished_lines",
    ("mean_line_chars", "least"): "short_lines",
    ("mean_line_chars", "most"): "long_lines",
    ("function_share", "least"): "few_function_characters",
    ("sentences", "least"): "few_sentences",
}
"""The reason of each rule, in the order of the rules; a record is dropped for the first it misses of those that drop."""

PRESETS = ("web", "document", "dialogue", "tabular")

Columns = dict[str, npt.NDArray[np.float64]]


def _reason(name: str) -> str:
    if name not in REASONS.values():
        raise ValueError(f"no such reason: {name}, expected some of {', '.join(REASONS.values())}")
    return name


Reason = Annotated[str, AfterValidator(_reason)]


class Bound(Strict):
    """A number that must lie from `least` to `most`, both included; None is no bound."""

    least: float | None = Field(None, ge=0)
    most: float | None = Field(None, ge=0)

    @model_validator(mode="after")
    def _ordered(self) -> Bound:
        if self.least is not None and self.most is not None and self.least > self.most:
            raise ValueError("least is greater than most: every record would be dropped")
        return self


class Least(Strict):
    """A share that must be `least` or more; None is no bound."""

    least: float | None = Field(None, ge=0, le=1)


class Most(Strict):
    """A share that must be `most` or less; None is no bound."""

    most: float | None = Field(None, ge=0, le=1)


class Quality(Strict):
    """Measures each record, gives it a score, flags each rule it misses, and drops it for those that `drop` names.

    A rule is a bound on a measure. `preset` gives the bounds of a kind of text, which stand with their sources in
    `data/quality_rules.tsv`; a bound given beside it takes the place of the preset's, and null takes it away
    (`digit_share: {most: null}`). Without a preset, the one that the industry of the config names is taken.

    Every rule is tried on every record, and `flags` has the reasons of all that it misses; so thresholds can be chosen later
    from a dataset made with `drop: none`.

    Shares are of the record's characters if nothing else is said; visible characters are those that are not spaces, and
    lines those that have visible characters. `score` is that of a logistic model over the measures, each of which may only
    lower it (`data/quality_model.tsv`).
    """

    kind: Literal["quality"] = "quality"
    preset: Literal["web", "document", "dialogue", "tabular", "none"] | None = None
    """The kind of text whose bounds are taken; `none` for no bounds but those given here."""
    drop: Literal["all", "none"] | tuple[Reason, ...] = "all"
    """Which rules drop what misses them: all, none, or those of the reasons listed."""
    chars: Bound = Bound()
    """Code points of the text."""
    sentences: Bound = Bound()
    """Marks that end a sentence."""
    mean_line_chars: Bound = Bound()
    """Visible characters of a line, on average."""
    entropy: Bound = Bound()
    """Entropy of the visible characters, each by itself, in nats."""
    han_share: Least = Least()
    """Han characters (汉字)."""
    latin_share: Most = Most()
    """Latin letters."""
    digit_share: Most = Most()
    """Digits and other numerals."""
    symbol_share: Most = Most()
    """Punctuation and symbols."""
    space_share: Most = Most()
    """Spaces, tabs and line feeds."""
    function_share: Least = Least()
    """Function characters (虚词, such as 的 是 在 和), of the Han characters."""
    distinct_share: Least = Least()
    """Different ones, of the visible characters; falls with length, to 0.05 in a good text of 30,000 characters."""
    hash_share: Most = Most()
    """Hash signs, of the visible characters."""
    ellipsis_share: Most = Most()
    """Ellipses (…), of the visible characters."""
    bracketed_share: Most = Most()
    """What stands in 【】, of the visible characters."""
    url_share: Most = Most()
    """What stands in web addresses, of the visible characters."""
    terminal_line_share: Least = Least()
    """Lines that end with a mark which a sentence or a part of it may end with."""
    bullet_line_share: Most = Most()
    """Lines that begin with a bullet."""
    ellipsis_line_share: Most = Most()
    """Lines that end with an ellipsis."""
    more_line_share: Most = Most()
    """Lines that end with 展开, 更多 or the like."""
    top_2gram_share: Most = Most()
    """What the most frequent pair of characters covers of the visible characters."""
    top_4gram_share: Most = Most()
    """What the most frequent sequence of four covers of them; 0 where no pair covers 0.05, when it could be 0.1 at most."""
    duplicate_line_share: Most = Most()
    """Visible characters in lines that stood in the record before."""
    repeated_10gram_share: Most = Most()
    """Sequences of ten visible characters that stood in the record before."""
    replacement_share: Most = Most()
    """U+FFFD, in place of what could not be decoded."""
    mojibake_share: Most = Most()
    """Characters of text read in a wrong encoding (乱码), readings in brackets, question marks for lost punctuation."""

    version: ClassVar[int] = 2
    adds: ClassVar[Mapping[str, pa.DataType]] = {"quality": QUALITY}
    reasons: ClassVar[tuple[str, ...]] = tuple(REASONS.values())

    @model_validator(mode="before")
    @classmethod
    def _filled_in(cls, given: Any) -> Any:
        """What is given, with the bounds of its preset where it does not say anything of them."""
        if not isinstance(given, dict):
            return given
        filled = dict(given)
        if isinstance(filled.get("drop"), list):
            filled["drop"] = tuple(
                filled["drop"]
            )  # pydantic no longer knows that it came from JSON, which has no tuples
        preset = filled.get("preset")
        for rule in presets()[preset] if preset in PRESETS else ():
            own = filled.get(rule.measure, {})
            if isinstance(own, Strict):
                own = own.model_dump(exclude_unset=True)
            if isinstance(own, dict):
                filled[rule.measure] = {rule.side: rule.threshold, **own}
        return filled

    def settled(self, profile: Profile) -> Quality:
        """The stage with the preset of the industry, if none is given."""
        if self.preset is not None:
            return self
        return Quality.model_validate({**self.model_dump(exclude_unset=True), "preset": profile.preset})

    def bounds(self) -> list[tuple[str, str, str, float]]:
        """Measure, side, reason and threshold of each rule that has a threshold, in the order of the rules."""
        every = [(name, side, reason, getattr(getattr(self, name), side)) for (name, side), reason in REASONS.items()]
        return [rule for rule in every if rule[3] is not None]

    def open(self, root: Path = Path()) -> Callable[[pa.RecordBatch], pa.RecordBatch]:  # noqa: ARG002
        """A function that adds `quality` and marks what misses a rule that drops."""
        from ..kernels.quality import measure

        classes, lost = character_classes()
        traits, tails = character_traits()
        model = load_model()

        def quality(batch: pa.RecordBatch) -> pa.RecordBatch:
            data, offsets = text_buffers(batch.column("text"))
            columns = shares(measure(data, offsets, classes, lost, traits, tails))
            columns["score"] = model.score(columns)
            missed = self.missed(columns, batch.num_rows)
            fields = [pa.array(columns[field.name].astype(np.float32)) for field in QUALITY if field.name in columns]
            fields.append(self._flags(missed))
            batch = set_column(batch, "quality", pa.StructArray.from_arrays(fields, fields=list(QUALITY)))
            return self._mark(batch, columns, missed)

        return quality

    def missed(self, columns: Mapping[str, npt.NDArray[np.floating[Any]]], n: int) -> npt.NDArray[np.bool_]:
        """Which of n records miss which of `bounds()`, shape (n, rules), by their measures.

        Compared with the precision with which records hold them, so that a dataset gives the answers that the stage gave.
        """
        missed = np.zeros((n, len(self.bounds())), bool)
        for k, (name, side, _, threshold) in enumerate(self.bounds()):
            values, bound = columns[name].astype(np.float32), np.float32(threshold)
            missed[:, k] = values < bound if side == "least" else values > bound
        return missed

    def _flags(self, missed: npt.NDArray[np.bool_]) -> pa.Array:
        """The reasons of the rules that each record misses."""
        reasons = pa.array([reason for _, _, reason, _ in self.bounds()], pa.string())
        offsets = np.concatenate([[0], missed.sum(axis=1).cumsum()]).astype(np.int32)
        return pa.ListArray.from_arrays(offsets, reasons.take(pa.array(missed.nonzero()[1])))

    def _mark(self, batch: pa.RecordBatch, columns: Columns, missed: npt.NDArray[np.bool_]) -> pa.RecordBatch:
        rules = self.bounds()
        drops = [self.drop == "all" or reason in self.drop for _, _, reason, _ in rules]
        reasons: list[str | None] = [None] * batch.num_rows
        values: list[float | None] = [None] * batch.num_rows
        thresholds: list[float | None] = [None] * batch.num_rows
        dropping = missed & np.array(drops, bool)
        for row in np.flatnonzero(dropping.any(axis=1)).tolist():
            name, _, reason, threshold = rules[int(dropping[row].argmax())]
            reasons[row], values[row], thresholds[row] = reason, float(columns[name][row]), float(threshold)
        return mark(batch, reasons, values=values, thresholds=thresholds)


class Rule(NamedTuple):
    """A bound of a preset."""

    measure: str
    side: str
    threshold: float
    reason: str
    source: str


@functools.cache
def presets() -> Mapping[str, tuple[Rule, ...]]:
    """The rules of each preset."""
    found: dict[str, list[Rule]] = {name: [] for name in PRESETS}
    for name, measure, side, threshold, reason, source in rows("quality_rules.tsv"):
        found[name].append(Rule(measure, side, float(threshold), reason, source))
    return {name: tuple(rules) for name, rules in found.items()}


def character_classes() -> tuple[npt.NDArray[np.uint8], int]:
    """The table that `measure` reads, of classes and marks for every code point, and its `lost`."""
    from ..kernels.quality import CLASSES, MARKS, WATCHED
    from ..kernels.utf8 import CODE_POINTS

    table = np.zeros(CODE_POINTS, np.uint8)
    for field, name in rows("classes.tsv"):
        table[points(field)] = CLASSES.index(name)
    lost = 0
    for field, name, _ in rows("mojibake.tsv"):
        if name == "lost":
            lost = int(field, 16)
        else:
            table[points(field)] |= MARKS[name]
    for (characters,) in rows("mojibake_han.tsv"):
        table[[ord(c) for c in characters]] |= MARKS["strong"]
    table[list(WATCHED)] |= MARKS["watched"]
    return table, lost


def character_traits() -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint64]]:
    """The tables that `measure` reads, of traits for every code point, and of what ends a line that goes on elsewhere."""
    from ..kernels.quality import TRAITS, tail
    from ..kernels.utf8 import CODE_POINTS

    table = np.zeros(CODE_POINTS, np.uint8)
    for characters, name, _ in rows("quality_traits.tsv"):
        table[[ord(c) for c in characters]] |= TRAITS[name]
    texts = [text for (text,) in rows("quality_tails.tsv")]
    table[[ord(text[-1]) for text in texts]] |= TRAITS["more"]
    return table, np.array([tail(text) for text in texts], np.uint64)


def shares(counts: npt.NDArray[np.float64]) -> Columns:
    """What the rules look at, by name, from the kernel's counts; 0 where there is nothing to have a share of."""
    from ..kernels.quality import COUNTS

    count = {name: counts[:, i] for i, name in enumerate(COUNTS)}

    def of(part: str, whole: str) -> npt.NDArray[np.float64]:
        # A doubly broken character may be marked twice.
        return np.minimum(count[part] / np.maximum(count[whole], 1.0), 1.0)

    top_2, top_4 = count["top_2gram"] * 2.0, count["top_4gram"] * 4.0
    visible = np.maximum(count["visible"], 1.0)
    return {
        "chars": count["chars"],
        "sentences": count["sentence"],
        "mean_line_chars": count["visible"] / np.maximum(count["lines"], 1.0),
        "entropy": count["entropy"],
        "han_share": of("han", "chars"),
        "latin_share": of("latin", "chars"),
        "digit_share": of("digit", "chars"),
        "symbol_share": of("symbol", "chars"),
        "space_share": of("space", "chars"),
        "function_share": of("function", "han"),
        "distinct_share": of("distinct", "visible"),
        "hash_share": of("hash", "visible"),
        "ellipsis_share": of("ellipsis", "visible"),
        "bracketed_share": of("bracketed", "visible"),
        "url_share": of("url", "visible"),
        "terminal_line_share": of("terminal_lines", "lines"),
        "bullet_line_share": of("bullet_lines", "lines"),
        "ellipsis_line_share": of("ellipsis_lines", "lines"),
        "more_line_share": of("more_lines", "lines"),
        "top_2gram_share": np.minimum(top_2 / visible, 1.0),
        "top_4gram_share": np.minimum(top_4 / visible, 1.0),
        "duplicate_line_share": of("repeated_line_chars", "visible"),
        "repeated_10gram_share": of("repeated_grams", "grams"),
        "replacement_share": of("replacement", "chars"),
        "mojibake_share": of("mojibake", "chars"),
    }
