"""Whole runs over real text: 1,470 statutes and their neighbours, and 52 files that are broken in every way we know."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.runs import built, do

SOURCE = """\
  - id: {id}
    title: {id}
    paths: {paths}
    industry: {id}
    holder: public
    licence: see SOURCES.md
    grade: 一般1
    obtained: {{on: 2026-11-22, how: public repositories}}
{more}"""


def domain(folder: Path, sources: list[dict[str, str]], quota: float) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "domain.yaml").write_text(f"name: real\nholder: public\npolicy: {{max_quarantined: {quota}}}\n")
    entries = "".join(SOURCE.format(more="", **s) for s in sources)
    (folder / "catalog.yaml").write_text("sources:\n" + entries, "utf-8")
    return folder


@pytest.fixture(scope="session")
def corpora(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A domain over the corpora: one source per industry of the statutes, one per other folder."""
    folder = tmp_path_factory.mktemp("corpora")
    raw = shared / "data" / "corpora"
    shutil.copytree(raw, folder / "raw", copy_function=shutil.copyfile)
    sources = [
        {"id": f"laws-{p.name}", "paths": f"['raw/laws/{p.name}/*']"}
        for p in sorted((raw / "laws").iterdir())
        if p.is_dir()
    ]
    sources += [
        {"id": p.name.lower(), "paths": f"['raw/{p.name}/**/*']"}
        for p in sorted(raw.iterdir())
        if p.is_dir() and p.name != "laws"
    ]
    sources.append({"id": "index", "paths": "[raw/laws/index.jsonl]"})
    return domain(folder, sources, 0.01)


def test_corpora(corpora: Path) -> None:
    report, _ = do(corpora, "baijiu", workers=2)
    counts = report.manifest["counts"]
    assert counts["in"] == counts["kept"] + counts["dropped"] + counts["quarantined"]
    rows = pq.read_table(report.dataset / "ledger").to_pylist()
    assert len(rows) == counts["in"]
    laws = [r for r in rows if r["source_id"].startswith("laws-")]
    assert len(laws) == 1470
    assert all(r["reason"] for r in rows if r["fate"] != "kept")
    lost = [r for r in laws if r["fate"] == "quarantined" or r["stage"] in ("normalise", "language", "quality")]
    assert len(lost) <= 0.03 * 1470, Counter((r["stage"], r["reason"]) for r in lost)


NASTY = {
    # what is right for each file: a kind of quarantine, a reason to be dropped, or kept
    "bad-crc.txt.gz": {"corrupt"},
    "not-really.gz": {"wrong_type"},
    "empty.txt": {"empty"},
    "only-bom.txt": {"empty"},
    "only-space.txt": {"empty"},
    "mojibake-utf8-as-gbk.txt": {"mojibake", "replacement_characters"},
    "mojibake-gbk-as-latin1.txt": {"mojibake", "other_language", "language_unsure", "low_han_share"},
    "mojibake-double-utf8.txt": {"mojibake", "other_language", "language_unsure", "low_han_share", "too_short"},
    "replacement-chars.txt": {"replacement_characters"},
    "repeat-one-char.txt": {"repeated_text", "duplicate_lines", "low_han_share", "language_unsure", "other_language"},
    "repeat-one-sentence.txt": {"repeated_text", "duplicate_lines"},
    "digits-table.txt": {"many_digits", "low_han_share", "no_letters"},
    "half-width-ocr.txt": {"many_spaces", "kept"},
    "pinyin-annotated-traditional.txt": {"mojibake", "kept"},
    "zip-bomb-64MiB.zip": {"bomb"},
    "gzip-bomb-128MiB.txt.gz": {"bomb"},
    "truncated.docx": {"truncated", "corrupt"},
    "entity-expansion.docx": {"entities"},
    "fake.docx": {"wrong_type"},
    "fake.pdf": {"corrupt", "truncated", "wrong_type"},
    "encrypted.pdf": {"encrypted"},
    "image-only.pdf": {"no_text"},
}


def test_nasty_files(shared: Path, tmp_path: Path) -> None:
    """The run ends well, every file has its row, peak memory stays under 1 GB, nothing is written outside."""
    folder = domain(tmp_path / "nasty", [{"id": "nasty", "paths": "['raw/**/*', 'raw/**/.hidden.txt']"}], 1.0)
    shutil.copytree(shared / "data/nasty", folder / "raw", copy_function=shutil.copyfile)
    (folder / "raw/crafted/EXPECT.jsonl").unlink()
    before = {p.relative_to(tmp_path) for p in tmp_path.rglob("*") if "nasty/work" not in p.as_posix()}
    warm = (
        "import importlib, pkgutil, curate.engines.preload, curate.kernels as k; from curate.stages import STAGES;"
        "[importlib.import_module(m.name) for m in pkgutil.iter_modules(k.__path__, k.__name__ + '.')];"
        "[s().open() for s in STAGES.values() if hasattr(s, 'open')]"
    )
    subprocess.run([sys.executable, "-c", warm], check=True)  # compiling is not measured
    run = (
        "import re, resource, sys; from pathlib import Path; from tests.runs import do;"
        "do(Path(sys.argv[1]), 'baijiu', workers=1);"
        # the kernel hands the peak of the process that started us down to getrusage of ourselves, not to VmHWM
        "own = int(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1]);"
        "print(max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))"
    )
    done = subprocess.run(
        [sys.executable, "-c", run, str(folder)],
        capture_output=True,
        text=True,
        timeout=240,
        cwd=Path(__file__).parent.parent,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert int(done.stdout.split()[-1]) < 1_000_000, "kB at the peak of any process"
    rows = pq.read_table(built(folder) / "ledger").to_pylist()
    by_file: dict[str, set[str]] = {}
    for r in rows:
        by_file.setdefault(Path(r["source_path"]).name, set()).add(r["reason"] or r["fate"])
    files = {p.name for p in (folder / "raw").rglob("*") if p.is_file()}
    assert set(by_file) == files
    wrong = {name: by_file[name] for name, right in NASTY.items() if not by_file[name] & right}
    assert not wrong
    lines = [r for r in rows if r["source_path"].endswith("broken-lines.jsonl")]
    assert Counter(r["fate"] == "quarantined" for r in lines) == {False: 53, True: 12}
    after = {
        p.relative_to(tmp_path)
        for p in tmp_path.rglob("*")
        if "nasty/work" not in p.as_posix() and "nasty/outbox" not in p.as_posix()
    }
    assert after == before
