"""Lexicons: how lines are read and what is wrong with them, contexts, coverage against the least numbers."""

from __future__ import annotations

import itertools
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.stages.safety_lexicon import (
    Listing,
    contexts_of,
    coverage,
    digest_of,
    group_of,
    read_lexicon,
    risk_named,
    risks,
    sample,
    shortfall,
    spelled,
)


def test_the_risks_are_those_of_annex_a() -> None:
    single = [code for code in risks() if group_of(code)]
    per_group = [sum(group_of(code) == f"A.{n}" for code in single) for n in range(1, 6)]
    assert per_group == [8, 9, 5, 7, 2]
    assert len(single) == 31
    assert {risks()[c].least for c in single if group_of(c) == "A.1"} == {200}
    assert {risks()[c].least for c in single if group_of(c) == "A.2"} == {100}
    assert {risks()[c].least for c in single if group_of(c) in ("A.3", "A.4", "A.5")} == {None}
    assert risks()["all"].least == 10_000
    assert all(risk.title and risk.english for risk in risks().values())


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("A.1.a", "A.1.a"),
        ("A1-a", "A.1.a"),
        ("A.2 i)", "A.2.i"),
        ("a.2.I", "A.2.i"),
        ("A.1", None),
        ("A.1.i", None),
        ("all", None),
        ("", None),
    ],
)
def test_codes_in_the_usual_ways(written: str, code: str | None) -> None:
    assert risk_named(written) == code


SPELLED = [
    ("恐怖主義", "恐怖主义", "traditional"),
    ("ＫＴＶ包房", "ktv包房", "full-width and capitals"),
    ("毒 * 品", "毒品", "signs and spaces between characters"),
    (" -毒品*", "毒品", "and around it"),
    ("毒\u200b品\u0336", "毒品", "what is not seen"),
    ("GB/T 1", "gb/t 1", "signs between letters of ASCII stay"),
    ("k 粉", "k粉", "but not beside a Han character"),
    ("甲，乙", "甲，乙", "clause marks stay"),
    ("甲， 乙", "甲， 乙", "and what stands beside them, as in texts"),
    ("①号", "1号", "a digit in a circle"),
]


@pytest.mark.parametrize(("written", "expected", "why"), SPELLED)
def test_spelling(written: str, expected: str, why: str) -> None:
    assert spelled(written) == expected, why
    assert spelled(expected) == expected, "once is enough"


LINES = """\ufeff# a comment
甜味騙局\tA1-a

酸味圈套\tA.2 b)\t3
苦味 骗术\tA.1.c\t\t苦味骗术史|反苦味骗术
"""


def test_lines() -> None:
    found, problems = read_lexicon(LINES.encode(), "own.tsv")
    assert problems == []
    assert found == [
        Listing(2, "甜味骗局", "A.1.a", 1, ()),
        Listing(4, "酸味圈套", "A.2.b", 3, ()),
        Listing(5, "苦味骗术", "A.1.c", 1, ("苦味骗术史", "反苦味骗术")),
    ]
    assert read_lexicon(LINES.replace("\n", "\r\n").encode(), "own.tsv") == (found, [])


SECRET = "秘密词语"
WRONG = [
    (f"{SECRET}", "line", "no risk"),
    (f"{SECRET}\tA.1.a\t1\t{SECRET}甲\tmore", "line", "too many fields"),
    (f"{SECRET}\tA.9.a", "risk", "no such risk"),
    (f"A.1.a\t{SECRET}", "risk", "the other way round: the term must not be shown"),
    (f"A.1.a\t{'secret-word'}", "risk", "nor a long one in letters"),
    (f"{SECRET}\tA.1", "risk", "a group is no risk"),
    (f"{SECRET}\tA.1.a\t4", "level", "levels go to 3"),
    (f"{SECRET}\tA.1.a\t{SECRET}", "level", "a context in the place of the level"),
    (f"{SECRET}\tA.1.a\t1\t无关文字", "contexts", "does not hold the term"),
    (f"{SECRET}\tA.1.a\t1\t{SECRET}", "contexts", "is the term"),
    (f"{SECRET}\tA.1.a\t1\t{SECRET}甲|", "contexts", "an empty one"),
    ("av片\tA.1.f\t1\tlav片", "contexts", "where it stands inside a longer word it is not found anyway"),
    ("密\tA.1.a", "term", "one character"),
    ("-密*\tA.1.a", "term", "one character and signs"),
    ("\tA.1.a", "term", "none"),
    (f"{SECRET * 20}\tA.1.a", "term", "longer than a term may be"),
]


@pytest.mark.parametrize(("line", "field", "why"), WRONG)
def test_mistakes_have_their_line_and_no_term(line: str, field: str, why: str) -> None:
    found, problems = read_lexicon(f"# comment\n甜味骗局\tA.1.a\n\n{line}\n酸味圈套\tA.1.b\n".encode(), "own.tsv")
    assert [x.line for x in found] == [2, 5], "the others are read"
    assert [(p.file, p.line, p.field) for p in problems] == [("own.tsv", 4, field)], why
    assert not set(SECRET) & set(str(problems[0])), why
    assert "secret" not in str(problems[0])


def test_a_line_in_another_encoding_is_a_mistake() -> None:
    found, problems = read_lexicon("甜味骗局\tA.1.a\n".encode() + "秘密\tA.1.a\n".encode("gb18030"), "own.tsv")
    assert len(found) == 1
    assert str(problems[0]).startswith("own.tsv:2: line: not UTF-8")


def plainly(term: str, unless: list[str], text: str) -> int:
    """Occurrences of the term around which no context stands; without letters of ASCII."""
    count = 0
    for at in range(len(text)):
        if not text.startswith(term, at):
            continue
        around = (
            at >= place and text.startswith(context, at - place)
            for context in unless
            for place in range(len(context))
            if context.startswith(term, place)
        )
        count += not any(around)
    return count


def occurrences(part: str, text: str) -> int:
    return sum(text.startswith(part, at) for at in range(len(text)))


CONTEXTS = [
    ("台独", ["平台独", "台独立"], "平台独立 台独", 1, "two contexts around one occurrence take it away once"),
    ("台独", ["平台独", "台独立"], "平台独立", 0, "and not twice"),
    ("台独", ["平台独", "平台独立"], "平台独立平台独", 0, "one context inside another"),
    ("哈哈", ["哈哈哈"], "哈哈哈", 0, "a context that holds the term twice excuses both"),
    ("哈哈", ["哈哈哈"], "哈哈", 1, "no context"),
]


@pytest.mark.parametrize(("term", "unless", "text", "expected", "why"), CONTEXTS)
def test_contexts(term: str, unless: list[str], text: str, expected: int, why: str) -> None:
    assert plainly(term, unless, text) == expected, why
    assert sum(k * occurrences(part, text) for part, k in contexts_of(term, unless).items()) == expected, why


@given(
    st.text("甲乙", min_size=2, max_size=3),
    st.lists(st.tuples(st.text("甲乙丙", max_size=2), st.text("甲乙丙", max_size=2)).filter(any), max_size=4),
    st.text("甲乙丙", max_size=14),
)
def test_contexts_by_definition(term: str, around: list[tuple[str, str]], text: str) -> None:
    unless = [head + term + tail for head, tail in around]
    assert sum(k * occurrences(part, text) for part, k in contexts_of(term, unless).items()) == plainly(
        term, unless, text
    )


def test_coverage_counts_different_terms() -> None:
    lines = "甜味骗局\tA.1.a\n甜味騙局\tA.1.a\n甜味骗局\tA.1.b\n酸味圈套\tA.3.a\n"
    covered = {c.risk.code: c for c in coverage(read_lexicon(lines.encode(), "x")[0])}
    assert {code: c.terms for code, c in covered.items() if c.terms} == {
        "all": 2,
        "A.1": 1,
        "A.1.a": 1,
        "A.1.b": 1,
        "A.3": 1,
        "A.3.a": 1,
    }
    assert covered["A.1.a"].missing == 199
    assert covered["A.3.a"].missing == 0
    assert covered["A.1"].missing == 0, "a group has no number of its own"
    assert covered["all"].missing == 9_998


def filled(first: int, second: int, others: int) -> list[Listing]:
    """As many terms for each risk of A.1 and A.2, and some more for one of A.3."""
    numbers = itertools.count(10_000)
    wanted = {c: {"A.1": first, "A.2": second}.get(group_of(c), 0) for c in risks() if group_of(c)} | {"A.3.a": others}
    return [Listing(1, f"词{next(numbers)}", code, 1, ()) for code, n in wanted.items() for _ in range(n)]


def test_what_is_missing() -> None:
    assert shortfall(coverage(filled(200, 100, 7_500))) == ""
    assert shortfall(coverage(filled(200, 100, 7_499))).endswith("more sensitive terms: there are 9,999 of 10,000")
    told = shortfall(coverage(filled(199, 100, 9_000)))
    assert told.endswith(": there are too few for A.1.a, A.1.b, A.1.c, A.1.d, A.1.e, A.1.f, A.1.g, A.1.h")
    assert "A.2.i" in shortfall(coverage(filled(200, 99, 9_000)))


def test_the_sample_has_something_for_each_of_the_17_risks() -> None:
    covered = {c.risk.code: c.terms for c in coverage(sample())}
    assert min(covered[c] for c in covered if c.startswith(("A.1.", "A.2."))) >= 2
    assert covered["all"] == len(sample()), "no term twice"
    assert shortfall(coverage(sample()))


def test_the_digest_is_of_what_is_said() -> None:
    a, b = read_lexicon("甜味骗局\tA.1.a\n酸味圈套\tA.1.b\n".encode(), "x")[0]
    assert digest_of([a, b]) == digest_of([b._replace(line=9), a, a])
    for other in (
        a._replace(term="甜味骗术"),
        a._replace(risk="A.1.c"),
        a._replace(level=2),
        a._replace(unless=("反甜味骗局",)),
    ):
        assert digest_of([other, b]) != digest_of([a, b])


def test_a_changed_sample_is_a_changed_stage() -> None:
    from curate.stages.safety import Safety

    assert (Safety.version, digest_of(sample())[:12]) == (1, "67743fc128e7"), "raise the version with the sample"


def test_the_sample_is_read_whole() -> None:
    data = (resources.files("curate.stages") / "data" / "safety_sample.tsv").read_bytes()
    found, problems = read_lexicon(data, "safety_sample.tsv")
    assert problems == []
    assert tuple(found) == sample()
