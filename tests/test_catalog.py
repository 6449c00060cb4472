"""The register: what a domain and a catalog may say, and which files are found."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from curate.catalog import Limits, load_catalog, load_domain, source_files
from curate.errors import ConfigError, DomainError

SOURCE = """\
  - id: {id}
    title: 班次记录
    paths: {paths}
    industry: baijiu
    holder: 车间
    licence: internal
    grade: 一般2
    obtained: {{on: 2026-03-01, how: 导出}}
"""


def catalog(*sources: tuple[str, str], more: str = "") -> str:
    return "sources:\n" + "".join(SOURCE.format(id=i, paths=p) for i, p in sources) + more


def domain(folder: Path, text: str, files: tuple[str, ...] = ()) -> Path:
    (folder / "domain.yaml").write_text("name: d\nholder: h\n")
    (folder / "catalog.yaml").write_text(text, "utf-8")
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")
    return folder


def found(folder: Path) -> list[tuple[str, str]]:
    return [(source.id, path) for source, path in source_files(folder, load_catalog(folder))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", ["1: sources: missing field; expected sources"], id="empty"),
        pytest.param("sources: []\n", ["1: sources: tuple should have at least 1 item *"], id="no source"),
        pytest.param(
            catalog(("a", "[raw/a]"), ("b", "[raw/b]")).replace("grade: 一般2", "grade: 一般5", 1),
            ["8: sources[0].grade: input should be '核心', *; got \"一般5\". Did you mean 一般*?"],
            id="a grade that does not exist",
        ),
        pytest.param(
            catalog(("a", "[raw/a]"), ("b", "[raw/b]"), ("a", "[raw/c]")),
            ["18: sources[2].id: id used twice; got a"],
            id="id used twice",
        ),
        pytest.param(
            catalog(("a", "[raw/a]"), ("a", "[/etc/passwd]")),
            [
                "10: sources[1].id: id used twice; got a",
                '12: sources[1].paths[0]: leaves the domain; expected a path or glob below it; got "/etc/passwd"',
            ],
            id="id used twice is found beside other mistakes",
        ),
        pytest.param(
            catalog(("a", "['../x', 'raw/../../x']")),
            ["4: sources[0].paths[0]: leaves the domain*", "4: sources[0].paths[1]: leaves the domain*"],
            id="up and out",
        ),
        pytest.param(catalog(("a", "['']")), ["4: sources[0].paths[0]: is empty*"], id="empty pattern"),
        pytest.param(
            catalog(("a", "[raw/**.txt]")),
            ["4: sources[0].paths[0]: ** must be a whole part*"],
            id="a pattern that no file system knows",
        ),
        pytest.param(
            catalog(("a", "[outbox/**/*]")),
            ["4: sources[0].paths[0]: is a folder that the toolkit writes*"],
            id="what runs write is no input",
        ),
        pytest.param(
            catalog(("A b", "[raw/a]")), ["2: sources[0].id: string should match pattern *"], id="an id with a blank"
        ),
        pytest.param(
            catalog(("a", "raw/a")),
            ['4: sources[0].paths: input should be a valid array; got "raw/a"'],
            id="paths is a list",
        ),
        pytest.param(
            catalog(("a", "[raw/a]")).replace("2026-03-01", "2026-02-30"),
            ['9: sources[0].obtained.on: input should be a valid date *; got "2026-02-30"'],
            id="a day that does not exist",
        ),
        pytest.param(
            catalog(("a", "[raw/a]"), more="    encoding: gbk18030\n"),
            ['10: sources[0].encoding: no such encoding; *; got "gbk18030"'],
            id="an encoding that does not exist",
        ),
        pytest.param(
            catalog(("a", "[raw/a]"), more="    encoding: base64\n"),
            ["10: sources[0].encoding: no such encoding*"],
            id="a codec that is no encoding of text",
        ),
        pytest.param(
            catalog(("a", "[raw/a]"), more="limits: {pages: 0, ratoi: 3}\n"),
            [
                "10: limits.pages: input should be greater than 0; got 0",
                "10: limits.ratoi: unknown field; got ratoi; *. Did you mean ratio?",
            ],
            id="limits",
        ),
        pytest.param(
            catalog(("a", "[raw/a]"), more="    personal: {电话: CN_MOBILE, 姓名: 3}\n"),
            ["10: sources[0].personal.姓名: input should be a valid string; got 3"],
            id="personal",
        ),
    ],
)
def test_mistakes(text: str, expected: list[str], tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_catalog(domain(tmp_path, text))
    got = [str(p).removeprefix(f"{tmp_path}/catalog.yaml:") for p in caught.value.problems]
    assert len(got) == len(expected), got
    for one, wanted in zip(got, expected, strict=True):
        parts = wanted.split("*", 1) if "**" not in wanted else [wanted.rstrip("*")]
        assert one.startswith(parts[0]), (one, wanted)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("name: d\n", "1: holder: missing field", id="no holder"),
        pytest.param(
            "name: d\nholder: h\npolicy:\n  max_quarantined: 2\n",
            "4: policy.max_quarantined: input should be less",
            id="more than all",
        ),
        pytest.param(
            "name: d\nholder: h\npolicy: {max_quarantine: 0}\n",
            "3: policy.max_quarantine: unknown field",
            id="misspelt",
        ),
    ],
)
def test_mistakes_of_a_domain(text: str, expected: str, tmp_path: Path) -> None:
    (tmp_path / "domain.yaml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_domain(tmp_path)
    assert str(caught.value).startswith(f"{tmp_path}/domain.yaml:{expected}")


def test_no_domain(tmp_path: Path) -> None:
    with pytest.raises(DomainError, match="curate init"):
        load_domain(tmp_path)
    domain(tmp_path, "")
    (tmp_path / "catalog.yaml").unlink()
    with pytest.raises(ConfigError, match="no such file"):
        load_catalog(tmp_path)


def test_files_by_source_and_path(tmp_path: Path) -> None:
    text = catalog(("b", "[raw/b/*.txt]"), ("a", "[raw/a/**/*.txt, raw/a/1.txt]"))
    folder = domain(tmp_path, text, ("raw/b/z.txt", "raw/a/x/y.txt", "raw/a/1.txt", "raw/a/x.md", "raw/b/a.txt"))
    assert found(folder) == [("a", "raw/a/1.txt"), ("a", "raw/a/x/y.txt"), ("b", "raw/b/a.txt"), ("b", "raw/b/z.txt")]


def test_hidden_files_need_a_pattern_that_names_their_dot(tmp_path: Path) -> None:
    files = ("raw/a.txt", "raw/.b.txt", "raw/.git/c.txt")
    assert found(domain(tmp_path, catalog(("a", "[raw/**/*.txt]")), files)) == [("a", "raw/a.txt")]
    assert ("a", "raw/.b.txt") in found(domain(tmp_path, catalog(("a", "[raw/**/*.txt, raw/.*.txt]")), files))


def test_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    folder = domain(tmp_path / "d", catalog(("a", "[raw/*/*.txt, raw/*.txt]")), ("raw/x/a.txt", "raw/b.txt"))
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("x")
    (folder / "raw" / "link").symlink_to(outside)
    (folder / "raw" / "c.txt").symlink_to(outside / "secret.txt")
    assert found(folder) == [("a", "raw/b.txt"), ("a", "raw/x/a.txt")]


def test_what_a_run_writes_is_no_input(tmp_path: Path) -> None:
    files = ("raw/a.json", "work/made/inputs.json", "outbox/made/0.1.0/manifest.json", "audit/log.json")
    assert found(domain(tmp_path, catalog(("a", "['**/*.json']")), files)) == [("a", "raw/a.json")]


@pytest.mark.parametrize(
    ("text", "files", "expected"),
    [
        pytest.param(
            catalog(("a", "[raw/*.txt, raw/*.md]")),
            ("raw/a.txt",),
            "source a: pattern matches no file; got raw/*.md",
            id="nothing matches",
        ),
        pytest.param(
            catalog(("a", "[raw/*.txt]")),
            ("raw/.a.txt",),
            "source a: pattern matches no file",
            id="only hidden files match",
        ),
        pytest.param(
            catalog(("a", "[raw/*.txt]"), ("b", "[raw/1.*]")),
            ("raw/1.txt", "raw/2.txt"),
            "sources a and b: file belongs to two sources; got raw/1.txt; expected exactly one source for each file",
            id="one file, two sources",
        ),
    ],
)
def test_files_that_are_not_as_the_catalog_says(
    text: str, files: tuple[str, ...], expected: str, tmp_path: Path
) -> None:
    with pytest.raises(DomainError) as caught:
        found(domain(tmp_path, text, files))
    assert expected in str(caught.value)


def test_a_name_that_is_not_utf8_is_refused_with_its_escapes(tmp_path: Path) -> None:
    folder = domain(tmp_path, catalog(("a", "[raw/*.txt]")), ("raw/a.txt",))
    Path(os.fsdecode(os.fsencode(folder) + b"/raw/" + "记录".encode("gb18030") + b".txt")).write_text("x")
    with pytest.raises(DomainError) as caught:
        found(folder)
    assert "not UTF-8" in str(caught.value)
    str(caught.value).encode()


def test_limits_have_no_silent_infinity() -> None:
    assert all(isinstance(v, int | float) and v > 0 for v in Limits().model_dump().values())
