"""YAML with line numbers, and mistakes in our words."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import Field

from curate.config import Strict, nearest, validate
from curate.errors import ConfigError
from curate.yaml_files import load_yaml, plain_yaml


class Mask(Strict):
    operator: Literal["mask"] = "mask"
    keep_head: int = Field(0, ge=0)


class Redact(Strict):
    operator: Literal["redact"] = "redact"


class Bound(Strict):
    least: float | None = Field(None, ge=0, le=1)


class Thing(Strict):
    name: str
    preset: Literal["document", "short"] = "document"
    bound: Bound = Bound()
    op: Annotated[Mask | Redact, Field(discriminator="operator")] = Mask()
    bands: int | Literal["auto"] = 3
    items: tuple[Bound, ...] = ()
    tags: dict[str, str] = Field(default_factory=dict)


def problems_in(text: str, tmp_path: Path) -> list[str]:
    file = tmp_path / "thing.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as caught:
        validate(Thing, load_yaml(file, shown="thing.yaml"))
    return [str(p) for p in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", ["thing.yaml:1: name: missing field; expected name"], id="an empty file is an empty mapping"),
        pytest.param(
            "- a\n",
            ['thing.yaml:1: (top): input should be an object; got ["a"]'],
            id="a list is no mapping",
        ),
        pytest.param(
            "name: x\n\nbund: {}\n",
            [
                "thing.yaml:3: bund: unknown field; got bund; "
                "expected one of bands, bound, items, name, op, preset, tags. Did you mean bound?"
            ],
            id="unknown field, with the nearest name",
        ),
        pytest.param(
            "name: x\nitems:\n  - least: 0.5\n  - leest: 0.5\n",
            ["thing.yaml:4: items[1].leest: unknown field; got leest; expected one of least. Did you mean least?"],
            id="inside a list, the line of the item",
        ),
        pytest.param(
            "name: x\npreset: documnt\n",
            ["thing.yaml:2: preset: input should be 'document' or 'short'; got \"documnt\". Did you mean document?"],
            id="the nearest of permitted values",
        ),
        pytest.param(
            "name: x\nop: {operator: mask,\n     keep_hed: 3}\n",
            [
                "thing.yaml:3: op.keep_hed: unknown field; got keep_hed; "
                "expected one of keep_head, operator. Did you mean keep_head?"
            ],
            id="the tag of a union is no part of the field",
        ),
        pytest.param(
            "name: x\nbands: many\n",
            ["thing.yaml:2: bands: input should be a valid integer, or input should be 'auto'; got \"many\""],
            id="all members of a union in one problem",
        ),
        pytest.param(
            "name: 3\nbound:\n  least: 1.5\nextra: 1\n",
            [
                "thing.yaml:1: name: input should be a valid string; got 3",
                "thing.yaml:3: bound.least: input should be less than or equal to 1; got 1.5",
                "thing.yaml:4: extra: unknown field; got extra; "
                "expected one of bands, bound, items, name, op, preset, tags",
            ],
            id="every mistake at once",
        ),
        pytest.param(
            "name: x\nbound: {least: .nan}\n",
            ["thing.yaml:2: bound.least: input should be less than or equal to 1; got NaN"],
            id="not a number is within no bounds",
        ),
        pytest.param(
            "name: " + "长" * 80 + "\nbound: " + "长" * 80 + "\n",
            ['thing.yaml:2: bound: input should be an object; got "' + "长" * 59 + "…"],
            id="a long value is cut",
        ),
        pytest.param(
            "name: true\n", ["thing.yaml:1: name: input should be a valid string; got true"], id="no silent conversion"
        ),
        pytest.param(
            "a: 1\nname: x\na: 2\n",
            ['thing.yaml:3: (yaml): found duplicate key "a" with value "2" (original value: "1")'],
            id="a key given twice",
        ),
        pytest.param(
            "name: [\n", ["thing.yaml:2: (yaml): expected the node content, but found '<stream end>'"], id="not YAML"
        ),
        pytest.param(
            "name:\n\tx\n", ["thing.yaml:2: (yaml): found character '\\t' that cannot start any token"], id="a tab"
        ),
        pytest.param(
            "name: \x01\n", ["thing.yaml:1: (yaml): holds a character that YAML forbids"], id="a control character"
        ),
        pytest.param(
            "name: !!binary aGVsbG8=\n",
            ["thing.yaml:1: name: tagged value; expected text, a number, true, false, a list or a mapping"],
            id="a tag",
        ),
        pytest.param("a: 1\n---\nb: 2\n", ["thing.yaml:2: (yaml): but found another document"], id="two documents"),
    ],
)
def test_mistakes(text: str, expected: list[str], tmp_path: Path) -> None:
    assert problems_in(text, tmp_path) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"\xef\xbb\xbfname: x\r\n", {"name": "x"}, id="a byte order mark and Windows line ends"),
        pytest.param(b"a: &a {b: 1}\nc: {<<: *a, d: 2}\n", {"a": {"b": 1}, "c": {"d": 2, "b": 1}}, id="a merge key"),
        pytest.param(b"on: 2026-13-41\n", {"on": "2026-13-41"}, id="a date is text until its field reads it"),
        pytest.param(b"yes: no\n", {"yes": "no"}, id="YAML 1.2: no is a word"),
        pytest.param(b"1: 0o17\n", {"1": 15}, id="keys are text"),
    ],
)
def test_plain_data(data: bytes, expected: object, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes(data)
    assert load_yaml(tmp_path / "x.yaml").data == expected


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda p: None, "no such file"),
        (lambda p: p.mkdir(), "cannot be read"),
        (lambda p: p.write_bytes("名".encode("gb18030")), "cannot be read"),
    ],
    ids=["missing", "a folder", "not UTF-8"],
)
def test_unreadable_files(make: object, what: str, tmp_path: Path) -> None:
    make(tmp_path / "x.yaml")  # type: ignore[operator]
    with pytest.raises(ConfigError) as caught:
        load_yaml(tmp_path / "x.yaml")
    assert [p.what for p in caught.value.problems] == [what]


def test_lines_of_values(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("# one\na:\n  - b: 1\n    c: 2\n  - {d: 3,\n     e: 4}\n")
    document = load_yaml(tmp_path / "x.yaml")
    assert [
        document.line(p) for p in [("a",), ("a", 0, "c"), ("a", 1), ("a", 1, "e"), ("a", 1, "missing"), ("z",)]
    ] == [2, 4, 5, 6, 5, 1]


def test_a_value_of_a_command_line() -> None:
    assert plain_yaml("[zh, en]", "--set") == ["zh", "en"]
    assert plain_yaml("", "--set") is None
    with pytest.raises(ConfigError):
        plain_yaml("[zh", "--set")


def test_nearest_says_nothing_when_nothing_is_near() -> None:
    assert nearest("xyz", ["quality"]) == ""
    assert nearest("qualty", ["quality", "language"]) == "Did you mean quality?"
