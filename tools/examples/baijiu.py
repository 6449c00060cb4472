"""Writes examples/baijiu: the raw files of a sauce-aroma distillery (酱酒厂) and what must become of each record.

    python -m tools.examples.baijiu

Running it again gives the same bytes. The texts stand in baijiu_documents.txt and baijiu_rows.txt beside this file;
baijiu_files.py says into which file each goes and what fate is meant for it. Survivors of duplicates are computed,
and a text that has drifted from its declared fate is an error.
"""

from __future__ import annotations

import shutil
import struct
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path
from typing import Any

from curate.catalog import load_catalog, source_files
from curate.records import record_id

from . import formats
from .baijiu_files import (
    BAD_LINES,
    BROKEN,
    DOCUMENTS,
    FOOTER,
    KEPT,
    MENU,
    NEWS,
    PACKED,
    PERSONAL,
    ROW_FATES,
    SCRIPT,
    TABLES,
    ZIP,
    ZIPPED,
    Fate,
    Table,
)
from .marked import Entry, Rendered, load, render, shingles

__all__ = ["main"]

HERE = Path(__file__).parent
DOMAIN = HERE.parent.parent / "examples" / "baijiu"

NEAR = 0.85  # least Jaccard similarity of what is meant to be found as a near duplicate
APART = 0.6  # most that two records which must both stay may have
LEAST = 150  # characters of a record that must stay


@dataclass
class Record:
    """One place in the raw files with the fate meant for it."""

    path: str
    locator: str
    text: Rendered
    fate: Fate = KEPT
    near: str = ""
    twin: Record | None = None
    extra_gone: list[str] = field(default_factory=list)

    def entry(self) -> dict[str, Any]:
        """Its entry in expected.json."""
        out: dict[str, Any] = {"path": f"raw/{self.path}", "locator": self.locator, "fate": self.fate.fate}
        if self.fate.stage:
            out["stage"] = self.fate.stage
        if self.fate.reason:
            out["reason"] = self.fate.reason
        if self.twin:
            out["duplicate_of"] = {"path": f"raw/{self.twin.path}", "locator": self.twin.locator}
        if self.fate == KEPT:
            out["pii"] = dict(sorted(self.text.pii.items()))
            out["must_not_appear"] = sorted({*self.text.gone, *self.extra_gone})
            out["names"] = self.text.names
            out["must_appear"] = self.text.stays
        return out


def main() -> None:
    """Write raw/ and expected.json anew."""
    raw = DOMAIN / "raw"
    shutil.rmtree(raw, ignore_errors=True)
    records = [*_documents(raw), *_archives(raw), *_tables(raw), *_broken(raw)]
    _find_duplicates(records)
    _check(records)
    entries = [r.entry() for r in sorted(records, key=lambda r: (r.path, r.locator))]
    formats.json(DOMAIN / "expected.json", entries)


# --- files ----------------------------------------------------------------------------------------------------------


def _texts() -> dict[str, str]:
    texts = {entry.head[0]: entry.text for entry in load(HERE / "baijiu_documents.txt")}
    sacrificed = texts.pop("truncated-manual")
    texts["mojibake"] = sacrificed.encode().decode("gb18030", "ignore")
    texts["lost-characters"] = "".join("\ufffd" if i % 6 == 5 else c for i, c in enumerate(sacrificed))
    texts["slogan"] = texts["slogan"].replace("@repeat", "进车间先换鞋，上甑前看压力，揭盖时等两分钟。" * 20)
    texts["thermometers"] = texts["thermometers"].replace("@table", _thermometers())
    strip = "首页｜集团概况｜新闻中心｜产品展示｜在线商城｜人才招聘"
    news = [f"{strip}\n{title}\n下一页　返回列表　分享到朋友圈　字号放大缩小" for title in NEWS]
    texts["crawl-list"] = "\n".join(news)
    return texts


def _thermometers() -> str:
    """Readings in tenths of a degree, which leave more digits than Han."""
    rows = []
    for i in range(48):
        top, side, core = 312 + i * 4 + i % 3, 301 + i * 3 + i % 5, 297 + i * 3 + i % 2
        rows.append(f"{i:02d}时顶温{top}腰温{side}底温{core}")
    return "\n".join(rows)


def _documents(raw: Path) -> Iterator[Record]:
    texts = _texts()
    for doc in DOCUMENTS:
        text = render(texts[doc.text], doc.edits)
        _write_document(raw / doc.path, text.text, doc.options)
        if "table" in doc.options:
            rows = "\n".join("\t".join(row) for row in doc.options["table"])
            text = replace(text, text=f"{text.text}\n{rows}")
        page = [*MENU[1:], "网站地图"] if doc.path.endswith(".html") else []
        yield Record(doc.path, "1", text, doc.fate, doc.near, extra_gone=page)


def _write_document(path: Path, text: str, options: dict[str, Any]) -> None:
    title, *paragraphs = text.split("\n")
    match path.suffix:
        case ".docx":
            formats.docx(path, title, paragraphs, **options)
        case ".pdf":
            formats.pdf(path, title, paragraphs)
        case ".html":
            formats.html(path, title, paragraphs, menu=MENU, footer=FOOTER, script=SCRIPT, **options)
        case _:
            formats.txt(path, text, **options)


def _archives(raw: Path) -> Iterator[Record]:
    texts = _texts()
    members = {}
    for name, key in ZIPPED:
        text = render(texts[key])
        part = raw / "part" / name
        _write_document(part, text.text, {})
        members[name] = part.read_bytes()
        yield Record(ZIP, f"{name}::1", text)
    shutil.rmtree(raw / "part")
    formats.zip_(raw / ZIP, members)
    formats.compress(raw / "process/2026/qu-storage.txt", raw / PACKED, "gz")
    yield Record(PACKED, "1", render(texts["qu-storage"]))


def _tables(raw: Path) -> Iterator[Record]:
    entries = load(HERE / "baijiu_rows.txt")
    for table in TABLES:
        groups = {g: [e for e in entries if e.head[0] == g] for g in table.groups}
        _write_table(raw / table.path, table, groups)
        for group, rows in groups.items():
            for locator, entry in zip(_locators(table.path, group, len(rows)), rows, strict=True):
                text = render(entry.text)
                cells = dict(zip(table.columns, entry.head[1:], strict=False))
                personal = [render(cells[column]).text for column in PERSONAL if column in cells]
                text.pii.update(entity for column, entity in PERSONAL.items() if column in cells)
                yield Record(table.path, locator, text, ROW_FATES.get(text.text, KEPT), extra_gone=personal)
    for line in BAD_LINES:
        yield Record("equipment/alarms.jsonl", f"L{line}", Rendered(""), Fate("quarantined", "ingest", "bad_record"))


def _locators(path: str, group: str, n: int) -> list[str]:
    match Path(path).suffix:
        case ".xlsx":
            return [f"{group}!R{i}" for i in range(2, n + 2)]  # the header is row 1 of a sheet
        case ".csv":
            return [f"R{i}" for i in range(1, n + 1)]
        case ".json":
            return [f"I{i}" for i in range(1, n + 1)]
        case _:
            bad = BAD_LINES if path.endswith("alarms.jsonl") else {}
            return [f"L{i}" for i in range(1, n + len(bad) + 1) if i not in bad]


def _write_table(path: Path, table: Table, groups: dict[str, list[Entry]]) -> None:
    sheets = {
        group: [[render(cell).text for cell in (*entry.head[1:], entry.text)] for entry in rows]
        for group, rows in groups.items()
    }
    only = next(iter(sheets.values()))
    objects: list[object] = [dict(zip(table.columns, row, strict=True)) for row in only]
    match path.suffix:
        case ".xlsx":
            formats.xlsx(path, {group: [table.columns, *rows] for group, rows in sheets.items()})
        case ".csv":
            formats.csv(path, [table.columns, *only], "gb18030")
        case ".json":
            formats.json(path, objects)
        case _:
            for line, bad in BAD_LINES.items() if path.name == "alarms.jsonl" else ():
                objects.insert(line - 1, bad)
            formats.jsonl(path, objects)


def _broken(raw: Path) -> Iterator[Record]:
    text = next(e.text for e in load(HERE / "baijiu_documents.txt") if e.head[0] == "truncated-manual")
    manual = raw / "equipment/manual-truncated.docx"
    _write_document(manual, text, {})
    formats.truncate(manual, 0.6)
    formats.txt(raw / "knowledge/empty.txt", "")
    formats.txt(raw / "knowledge/fake.pdf", "导出失败，请联系管理员重新生成。\n")
    formats.txt(raw / "knowledge/notes.txt.gz", "这个文件没有压缩，只是改了名字。\n")
    words = [(i * 2_654_435_761 + 12_345) % 2**32 for i in range(1, 1025)]
    (raw / "equipment/plc-dump.dat").write_bytes(struct.pack("<1024I", *words))
    (raw / "portal/scan.png").write_bytes(b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + bytes(17))
    for path, kind in BROKEN:
        yield Record(path, "", Rendered(""), Fate("quarantined", "ingest", kind))


# --- what must become of them ----------------------------------------------------------------------------------------


def _find_duplicates(records: Sequence[Record]) -> None:
    """Give every duplicate its fate and its survivor: of exact ones the smallest id, of near ones the longest text."""
    owner = {path.removeprefix("raw/"): source.id for source, path in source_files(DOMAIN, load_catalog(DOMAIN))}

    def id_of(record: Record) -> str:
        return record_id(owner[record.path], f"raw/{record.path}", record.locator)

    alive = [r for r in records if r.fate == KEPT]
    for text, n in Counter(r.text.text for r in alive).items():
        if n > 1:
            first, *rest = sorted((r for r in alive if r.text.text == text), key=id_of)
            for record in rest:
                record.fate, record.twin = Fate("dropped", "exact_dedup", "exact_duplicate"), first
    for group in sorted({r.near for r in alive if r.near}):
        members = [r for r in alive if r.near == group]
        first, *rest = sorted(members, key=lambda r: (-len(r.text.text), id_of(r)))
        for record in rest:
            record.fate, record.twin = Fate("dropped", "near_dedup", "near_duplicate"), first


def _check(records: Sequence[Record]) -> None:
    """Raise if a text does not bear out the fate declared for it.

    Raises:
        ValueError: with the two paths, or the path, and the measure that is out of bounds.
    """
    meant = [r for r in records if r.fate == KEPT or r.twin]
    grams = {id(r): shingles(r.text.text) for r in meant}
    for a, b in combinations([r for r in meant if r.fate.stage != "exact_dedup"], 2):
        one, two = grams[id(a)], grams[id(b)]
        share = len(one & two) / len(one | two)
        near = a.near != "" and a.near == b.near
        if (near and share < NEAR) or (not near and share >= APART):
            raise ValueError(f"{a.path} {a.locator} and {b.path} {b.locator}: Jaccard {share:.2f}")
    for record in meant:
        if len(record.text.text) < LEAST:
            raise ValueError(f"{record.path} {record.locator}: {len(record.text.text)} characters")


if __name__ == "__main__":
    main()
