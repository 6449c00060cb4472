"""Builds examples/meteorology: its raw files and expected.json, always with the same bytes.

Run with: python -m tools.examples.meteorology

The texts and what is planted in them stand in `meteorology_texts/` (see `meteorology_reading`), which file holds which
text stands here. Fates are worked out from these two, so expected.json cannot drift from the files.
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from curate.catalog import load_catalog, source_files
from curate.records import record_id

from . import formats
from .meteorology_reading import Text, check, read_texts

__all__ = ["DOMAIN", "build"]

DOMAIN = Path(__file__).parents[2] / "examples" / "meteorology"
TEXTS = Path(__file__).parent / "meteorology_texts"

MENU = ("首页", "天气预报", "预警信号", "雷达图", "气候公报", "办事指南", "联系我们")
FOOTER = "主办：乌岭市气象局 版权所有 黔ICP备00000000号 黔公网安备52990002000001号 建议使用1024以上分辨率浏览"
SCRIPT = "var page = {refresh: 600}; setTimeout(function () { location.reload(); }, page.refresh * 1000);"
BOILERPLATE = ("办事指南", "主办：乌岭市气象局", "location.reload")
"""Parts of menu, footer and script that must not come out of a page."""

NONE: Mapping[str, str] = {}

Writer = Callable[[Path, Text], None]


def _txt(encoding: str = "utf-8", newline: str = "\n", bom: bool = False, end: str = "\n") -> Writer:
    return lambda path, text: formats.txt(path, text.plain + end, encoding, newline, bom)


def _html(encoding: str) -> Writer:
    return lambda path, text: formats.html(path, text.lines[0], text.lines[1:], encoding, MENU, FOOTER, SCRIPT)


def _md(path: Path, text: Text) -> None:
    formats.txt(path, f"# {text.lines[0]}\n\n" + "\n\n".join(text.lines[1:]) + "\n")


def _docx(table: list[list[object]] | None = None) -> Writer:
    return lambda path, text: formats.docx(path, text.lines[0], text.lines[1:], table)


def _pdf(path: Path, text: Text) -> None:
    formats.pdf(path, text.lines[0], text.lines[1:])


def _gz(path: Path, text: Text) -> None:
    plain = path.with_suffix("")
    formats.txt(plain, text.plain + "\n")
    formats.compress(plain, path, "gz")
    plain.unlink()


RAIN: list[list[object]] = [
    ["站号", "乡镇", "最大小时雨强（毫米）", "累计雨量（毫米）"],
    ["R8213", "龙潭口乡", 61.3, 137.6],
]
RAIN += [["R8220", "石门垭镇", 42.8, 96.1], ["R8231", "云雾坡村", 55.0, 121.4]]

DOCUMENTS: dict[str, tuple[str, Writer]] = {
    "nowcast/2025-06-11-1530-会商纪要.txt": ("conference-0611", _txt()),
    "nowcast/2025-06-11-1530-会商纪要-发文稿.docx": ("conference-0611-sent", _docx()),
    "nowcast/2025-07-03-2000-会商纪要.txt": ("conference-0703", _txt("gb18030", "\r\n")),
    "nowcast/review-0611.docx": ("review-0611", _docx(RAIN)),
    "nowcast/verification-2025-06.pdf": ("verification-june", _pdf),
    "nowcast/radar-overview.html": ("radar-overview", _html("utf-8")),
    "nowcast/signals/2025-06-11-red.txt": ("red-rainstorm", _txt(bom=True)),
    "nowcast/signals/2025-06-24-red.txt": ("red-rainstorm-0624", _txt()),  # the same advice as on 11 June: must stay
    "nowcast/signals/2025-06-24-orange.html": ("orange-rainstorm", _html("gb2312")),
    "nowcast/signals/2025-07-19-gale.html": ("yellow-gale", _html("utf-8")),
    "bulletins/hail-0412.pdf": ("hail-0412", _pdf),
    "bulletins/lightning-2024.md": ("lightning-2024", _md),
    "bulletins/freezing-rain-2025-01.html": ("freezing-rain-2025", _html("utf-8")),
    "bulletins/autumn-wind-2025.txt": ("autumn-wind-2025", _txt("utf-16-be", "\r\n", bom=True)),
    "bulletins/first-rainy-season.txt": ("first-rainy-season", _txt("big5", "\r\n")),
    "bulletins/fog-2024-12.txt.gz": ("fog-2024-12", _gz),
    "bulletins/drought-2024-03.txt": ("drought-2024", _txt()),
    "bulletins/rain-notice.txt": ("rain-notice", _txt()),
    "bulletins/farming/2025-17.docx": ("farming-mid-june", _docx()),
    "bulletins/farming/2025-17-draft.txt": ("farming-mid-june-draft", _txt()),
    "bulletins/farming/2025-17-corrected.txt": ("farming-mid-june-corrected", _txt("gb18030", "\r\n")),
    "bulletins/farming/2025-21.txt": ("farming-late-july", _txt()),
    "bulletins/farming/2025-28.md": ("farming-early-october", _md),
    "stations/duty-log-2025-06-11.txt": ("duty-log-0611", _txt()),
    "stations/handover-0624.txt": ("handover-0624", _txt()),
    "stations/handover-0624-copy.txt": ("handover-0624-copy", _txt("gb18030")),
    "stations/modification-application.docx": ("modification-application", _docx()),
    "stations/modification-summary-2025.docx": ("modification-summary", _docx()),
    # the same as the docx to the byte, which has no line end after its last paragraph
    "stations/modification-summary-2025.txt": ("modification-summary", _txt("gb18030", "\r\n", end="")),
    "stations/hourly-57899.txt": ("hourly-table", _txt()),
    "stations/gauge-20250611.txt": ("gauge-dump", _txt()),
    "stations/site-environment.txt": ("site-environment", _txt()),
    "stations/site-move.txt": ("site-move", _txt()),
    "stations/short-note.txt": ("short-note", _txt()),
    "stations/reminder.txt": ("reminder", _txt()),
    "stations/blank.txt": ("blank", _txt()),
    "letters/flood.txt": ("letter-flood", _txt()),
    "letters/hail.txt": ("letter-hail", _txt("gb18030", "\r\n")),
    "letters/hail-again.txt": ("letter-hail-again", _txt()),
    "letters/freezing-rain.md": ("letter-freezing-rain", _md),
    "letters/forwarded-red-signal.txt": ("red-rainstorm", _txt("gb18030", "\r\n")),
    "letters/visit.txt": ("radar-visit-korean", _txt()),
    "training/standard-notes.md": ("standard-notes", _md),
    "training/lecture-radar.md": ("lecture-radar", _md),
    "training/lecture-freezing-rain.pdf": ("lecture-freezing-rain", _pdf),
    "training/signals.html": ("signals", _html("gb2312")),
    "training/modification-steps.docx": ("modification-steps", _docx()),
    "training/poster.txt": ("poster", _txt()),
    "training/patrol-scan.txt": ("patrol-scan", _txt("gb18030")),
    "training/camping.html": ("camping", _html("utf-8")),
}
"""Path below raw/ → the text it holds and how it is written: one record each, locator 1."""


@dataclass
class Example:
    """The example while it is written: its texts, and where each has been put."""

    folder: Path
    texts: Mapping[str, Text]
    placed: list[tuple[str, str, Text, Mapping[str, str]]] = field(default_factory=list)
    """Path below the domain, locator, text, and the personal value of each entity that stands beside it in the table."""
    unreadable: list[tuple[str, str, str]] = field(default_factory=list)
    """Path below the domain, locator, kind of fault."""

    def raw(self, path: str) -> Path:
        """The file at a path below raw/."""
        return self.folder / "raw" / path

    def place(self, path: str, locator: str, name: str, beside: Mapping[str, str] = NONE) -> Text:
        """Note that the text called `name` stands at `locator` of a file, and return it."""
        self.placed.append((f"raw/{path}", locator, self.texts[name], beside))
        return self.texts[name]

    def series(self, name: str) -> list[str]:
        """The names `name-1`, `name-2` ... as far as they go."""
        return [key for key in self.texts if key.rpartition("-")[0] == name and key.rpartition("-")[2].isdigit()]


def build(folder: Path) -> None:
    """Write raw/ and expected.json of the example into `folder`, replacing what is there.

    Raises:
        ValueError: the texts do not keep what is declared of them.
    """
    example = Example(folder, read_texts(TEXTS))
    shutil.rmtree(folder / "raw", ignore_errors=True)
    for path, (name, write) in DOCUMENTS.items():
        write(example.raw(path), example.place(path, "1", name))
    _tables(example)
    _archive(example)
    _broken(example)
    unused = example.texts.keys() - {text.name for _, _, text, _ in example.placed}
    if unused:
        raise ValueError(f"texts in no file: {sorted(unused)}")
    check(example.texts)
    formats.json(folder / "expected.json", _expected(example))


def _tables(example: Example) -> None:
    """One record a row, in each format of tables."""
    path = "nowcast/signals/alerts.jsonl"
    alerts: list[object] = []
    for i, name in enumerate(example.series("alert")):
        if i in (3, 6):  # a line cut off by a full disk, and a line of another program
            alerts.append('{"预警编号": "WL-2025-9' if i == 3 else "ERROR upstream timeout, retry 3 of 5")
            example.unreadable.append((f"raw/{path}", f"L{len(alerts)}", "bad_record"))
        alerts.append(
            {"预警编号": f"WL-2025-{i + 41:04d}", "正文": example.texts[name].plain, "渠道": ["大喇叭", "短信"]}
        )
        example.place(path, f"L{len(alerts)}", name)
    formats.jsonl(example.raw(path), alerts)

    path = "stations/maintenance.csv"
    keepers = ("陆兴国", "岑永福", "班小林")
    rows: list[list[object]] = [["日期", "站号", "维护人员", "手机", "记录内容", "耗时（分钟）"]]
    for i, name in enumerate(example.series("maintenance")):
        who, phone = keepers[i % 3], formats.mobile(720 + i % 3)
        text = example.place(path, f"R{i + 1}", name, {"PERSON": who, "CN_MOBILE": phone})
        rows.append([f"2025-06-{i * 3 + 4:02d}", f"R82{i + 13}", who, phone, text.plain, 40 + i * 15])
    formats.csv(example.raw(path), rows, "gbk")

    path = "enquiries/hotline.csv"
    callers = ("韦秀兰", "罗启明", "杨正发", "潘美仙", "吴道勇", "龙光辉", "王应珍", "田茂林")
    rows = [["工单号", "受理时间", "姓名", "联系电话", "诉求内容"]]
    for i, name in enumerate([*example.series("ticket"), "chat-3"]):
        phone = formats.mobile(740 + i)
        text = example.place(path, f"R{i + 1}", name, {"PERSON": callers[i], "CN_MOBILE": phone})
        rows.append(
            [f"2025071114{i:02d}{3205187 + i * 7919}", f"2025-07-11 14:{i * 6:02d}", callers[i], phone, text.plain]
        )
    formats.csv(example.raw(path), rows, "gb18030")

    path = "enquiries/chats.jsonl"
    chats = [(f"C{i:03d}", name) for i, name in enumerate(example.series("chat"), 1)]
    lines = [
        {"工单号": key, "诉求内容": example.place(path, f"L{i}", name).plain} for i, (key, name) in enumerate(chats, 1)
    ]
    formats.jsonl(example.raw(path), lines)

    path = "stations/radar-inspection.xlsx"
    names = example.series("radar")
    sheets: dict[str, list[list[object]]] = {}
    for sheet, part in {"2025-06": names[:3], "2025-07": names[3:]}.items():
        sheets[sheet] = [["日期", "项目", "记录内容"]]
        for i, name in enumerate(part, 1):
            sheets[sheet].append([f"{sheet}-{i * 7:02d}", "巡检", example.place(path, f"{sheet}!R{i + 1}", name).plain])
    formats.xlsx(example.raw(path), sheets)

    path = "stations/soundings.json"
    items = [
        {"站号": "57899", "施放": f"2025-07-{i + 3:02d}", "记录内容": example.place(path, f"I{i + 1}", name).plain}
        for i, name in enumerate(example.series("sounding"))
    ]
    formats.json(example.raw(path), items)

    path = "stations/night-watch.tsv"
    rows = [["日期", "班次", "记录内容"]]
    for i, name in enumerate(example.series("night-watch"), 1):
        rows.append([f"2025-06-{i + 10}", "夜班", example.place(path, f"R{i}", name).plain])
    formats.csv(example.raw(path), rows, delimiter="\t")

    path = "stations/quality-control.arrow"
    notes = [
        {"日期": f"2025-05-{i + 1:02d}", "记录内容": example.place(path, f"R{i}", name).plain, "疑误站数": i}
        for i, name in enumerate(example.series("quality-control"), 1)
    ]
    formats.arrow(example.raw(path), notes, "stream")


def _archive(example: Example) -> None:
    path = "bulletins/archive-2024.zip"
    members = {"春旱/drought-2024-03.txt": "drought-2024", "火险/forest-fire-2024-04.txt": "forest-fire-2024"}
    packed = {m: example.place(path, f"{m}::1", name).plain + "\n" for m, name in members.items()}
    formats.zip_(example.raw(path), {m: text.encode("gb18030") for m, text in packed.items()})


def _broken(example: Example) -> None:
    """Files that no reader can read, each with the kind of its fault."""
    text = example.texts["freezing-rain-2025"]
    formats.docx(example.raw("bulletins/freezing-rain-2025-01-draft.docx"), text.lines[0], text.lines[1:])
    formats.truncate(example.raw("bulletins/freezing-rain-2025-01-draft.docx"), 0.6)
    formats.txt(example.raw("bulletins/hail-0412-scan.pdf"), "扫描件上传失败，请重新扫描。\n")
    formats.txt(example.raw("stations/empty.txt"), "")
    formats.txt(example.raw("stations/upload-0611.txt.gz"), example.texts["duty-log-0611"].plain)
    volume = example.raw("stations/Z_RADR_I_Z9899_20250611143600_O_DOR_SAD_CAP_FMT.bin")
    volume.write_bytes(b"RSTM\x01\x00\x02\x00" + random.Random(57899).randbytes(4096))
    kinds = {
        "bulletins/freezing-rain-2025-01-draft.docx": "truncated",
        "bulletins/hail-0412-scan.pdf": "wrong_type",
        "stations/empty.txt": "empty",
        "stations/upload-0611.txt.gz": "wrong_type",
        f"stations/{volume.name}": "unsupported",
    }
    example.unreadable += [(f"raw/{path}", "", kind) for path, kind in kinds.items()]


def _expected(example: Example) -> list[dict[str, object]]:
    """One entry for each record and each file that cannot be read, sorted by path and place."""
    owner = {path: source.id for source, path in source_files(example.folder, load_catalog(example.folder))}
    ids = {(path, at): record_id(owner[path], path, at) for path, at, _, _ in example.placed}
    first: dict[str, tuple[str, str]] = {}
    """Text → the record of it that stays: of equal texts, the one with the smallest id."""
    for path, at, text, _ in sorted(example.placed, key=lambda p: ids[p[0], p[1]]):
        first.setdefault(text.name, (path, at))
    best: dict[str, Text] = {}
    """Base → the text of its near duplicates that stays: the longest, then the one with the smallest id."""
    for text in sorted(example.texts.values(), key=lambda t: (-len(t.plain), ids[first[t.name]])):
        best.setdefault(text.base, text)
    entries: list[dict[str, object]] = [
        {"path": path, "locator": at, "fate": "quarantined", "stage": "ingest", "reason": kind}
        for path, at, kind in example.unreadable
    ]
    for path, at, text, beside in example.placed:
        entry: dict[str, object] = {"path": path, "locator": at}
        stays, winner = first[text.name], best[text.base]
        if text.drop:
            entry |= {"fate": "dropped", "stage": text.drop[0]} | ({"reason": text.drop[1]} if text.drop[1] else {})
        elif (path, at) != stays:
            entry |= _duplicate("exact_dedup", "exact_duplicate", stays)
        elif winner != text:
            entry |= _duplicate("near_dedup", "near_duplicate", first[winner.name])
        else:
            found, page = text.rendered, BOILERPLATE if path.endswith(".html") else ()
            entry |= {"fate": "kept", "pii": dict(sorted((found.pii + Counter(beside.keys())).items()))}
            entry["must_not_appear"] = [*found.gone, *beside.values(), *page]
            entry["must_appear"] = list(dict.fromkeys(found.stays))
        entries.append(entry)
    return sorted(entries, key=lambda e: (str(e["path"]), len(str(e["locator"])), str(e["locator"])))


def _duplicate(stage: str, reason: str, of: tuple[str, str]) -> dict[str, object]:
    return {"fate": "dropped", "stage": stage, "reason": reason, "duplicate_of": {"path": of[0], "locator": of[1]}}


if __name__ == "__main__":
    build(DOMAIN)
