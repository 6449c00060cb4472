"""Write examples/coal/raw and examples/coal/expected.json: `python -m tools.examples.coal`.

Every raw file is placed here together with what must become of it; the same texts give the same bytes.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from curate.catalog import load_catalog, load_domain, source_files

from . import formats
from .coal_fates import Placed, Text, Unread, expected, load_texts

__all__ = ["Example", "build"]

FOLDER = Path(__file__).parents[2] / "examples" / "coal"
MENU = ("矿情速览", "要闻图集", "职工园地", "通知下载", "友情链接导航")
FOOTER = "云岭示例煤矿信息中心维护 地址：某县某镇 建议使用一千零二十四像素以上分辨率浏览"
SCRIPT = "var visits = 0; function count() { visits += 1; }"


class Example:
    """The raw folder while it is written: where each text was put."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.texts = load_texts()
        self.placed: list[Placed] = []
        self.unread: list[Unread] = []

    def put(self, path: str, name: str, locator: str = "1") -> Text:
        """Note that text `name` stands at `locator` of `path`."""
        self.placed.append(Placed(path, locator, self.texts[name]))
        return self.texts[name]

    def fault(self, path: str, kind: str, locator: str = "") -> Path:
        """Note that `path`, or the record at `locator` in it, must be quarantined under `kind`."""
        self.unread.append(Unread(path, locator, kind))
        return self.folder / path

    def txt(self, path: str, name: str, **form: Any) -> None:
        """A text file; `form` as in `formats.txt`."""
        formats.txt(self.folder / path, self.put(path, name).whole + "\n", **form)

    def md(self, path: str, name: str) -> None:
        """A Markdown file with the title as its heading."""
        text = self.put(path, name)
        formats.txt(self.folder / path, "\n\n".join((f"# {text.title}", *text.paragraphs)) + "\n")

    def html(self, path: str, name: str, encoding: str = "utf-8") -> None:
        """A page with menu, script and footer."""
        text = self.put(path, name)
        formats.html(self.folder / path, text.title, text.paragraphs, encoding, MENU, FOOTER, SCRIPT)

    def docx(self, path: str, name: str, table: Sequence[Sequence[str]] | None = None) -> None:
        """A Word document, with a table below the text if one is given."""
        text = self.put(path, name)
        formats.docx(self.folder / path, text.title, text.paragraphs, table)

    def pdf(self, path: str, name: str) -> None:
        """A PDF with a text layer."""
        text = self.put(path, name)
        formats.pdf(self.folder / path, text.title, text.paragraphs)

    def packed(self, path: str, kind: str, write: Callable[[str], None]) -> None:
        """What `write` makes of the path without its last suffix, compressed; its records are noted under `path`."""
        plain = path.removesuffix(f".{kind}")
        before = len(self.placed)
        write(plain)
        self.placed[before:] = [placed._replace(path=path) for placed in self.placed[before:]]
        formats.compress(self.folder / plain, self.folder / path, kind)
        (self.folder / plain).unlink()

    def objects(self, path: str, names: Sequence[str], locator: str, first: int = 1) -> list[dict[str, str]]:
        """Rows with the text in the column 内容; a row stands at `locator` followed by its number, from `first`."""
        rows = []
        for number, name in enumerate(names, first):
            text = self.put(path, name, f"{locator}{number}")
            cells = {column: cell.text for column, cell in text.columns.items()}
            rows.append({**cells, "内容": text.whole})
        return rows

    def sheet(self, path: str, sheet: str, names: Sequence[str]) -> dict[str, list[list[str]]]:
        """One sheet whose row 1 is the header."""
        return {sheet: table(self.objects(path, names, f"{sheet}!R", 2))}


def table(rows: Sequence[Mapping[str, str]]) -> list[list[str]]:
    """Rows as lists below their header."""
    return [list(rows[0]), *(list(row.values()) for row in rows)]


def numbered(stem: str, count: int) -> list[str]:
    """`stem-1` to `stem-<count>`."""
    return [f"{stem}-{number}" for number in range(1, count + 1)]


def shift(at: Example) -> None:
    """班次记录: text in many encodings, a Word table, packed files, an archive."""
    folder = "raw/shift"
    at.txt(f"{folder}/掘进一队-0302-早班.txt", "heading1-morning")
    at.txt(f"{folder}/掘进一队-0302-早班-副本.txt", "heading1-morning", encoding="gb18030", newline="\r\n")
    at.txt(f"{folder}/掘进一队-0302-中班.txt", "heading1-evening")
    loads = [
        ["支架号", "初撑力 MPa", "末阻力 MPa"],
        ["20", "25.1", "33.8"],
        ["70", "23.4", "36.2"],
        ["110", "26.0", "31.5"],
    ]
    at.docx(f"{folder}/综采一队-0303-夜班.docx", "longwall-night", loads)
    at.txt(f"{folder}/综采一队-0303-检修.txt", "longwall-morning", encoding="gb18030", newline="\r\n")
    at.txt(f"{folder}/开拓队-0304.txt", "rock-heading", encoding="utf-16-le", bom=True)
    at.md(f"{folder}/机电队-0304-交接.md", "electrician-handover")
    at.txt(f"{folder}/运输队-0305.txt", "haulage-handover", bom=True)
    at.txt(f"{folder}/通防队-0305.txt", "ventilation-patrol", newline="\r\n")
    at.packed(f"{folder}/调度-0306.txt.zst", "zst", lambda path: at.txt(path, "dispatch-log"))
    at.packed(f"{folder}/探放水-0306.txt.bz2", "bz2", lambda path: at.txt(path, "drilling-water", encoding="gb18030"))
    at.txt(f"{folder}/掘进二队-0226.txt", "heading2-morning")
    at.txt(f"{folder}/便条-0307.txt", "note-short")
    formats.txt(at.fault(f"{folder}/空白-0308.txt", "empty"), "")
    archive = f"{folder}/二月归档.tar"
    members = {
        "掘进二队-0226.txt": "heading2-morning-copy",
        "火工品小结.txt": "tar-explosives",
        "离层监测.txt": "tar-roof",
        "巷道爆破要点.txt": "rule-essentials",
    }
    packed = {}
    for member, name in members.items():
        packed[member] = (at.put(archive, name, f"{member}::1").whole + "\n").encode()
    formats.tar_(at.folder / archive, packed)


def gas(at: Example) -> None:
    """瓦斯监测与通风: daily reports that must not be taken for each other, sensor tables, columnar files."""
    folder = "raw/gas"
    at.txt(f"{folder}/瓦斯日报-0301.txt", "gas-daily-0301")
    at.txt(f"{folder}/瓦斯日报-0302.txt", "gas-daily-0302")
    at.txt(f"{folder}/瓦斯日报-0302-重报.txt", "gas-daily-0302-resent", encoding="gb18030")
    at.docx(f"{folder}/通风系统调整.docx", "vent-adjust")
    at.pdf(f"{folder}/抽采周报-第九周.pdf", "drainage-weekly")
    at.md(f"{folder}/区域防突措施.md", "outburst-measures")
    at.txt(f"{folder}/测风旬报.txt", "air-survey", encoding="gb18030", newline="\r\n")
    at.txt(f"{folder}/传感器读数.txt", "sensor-digits")
    at.txt(f"{folder}/测点导出.txt", "sensor-points")
    path = f"{folder}/传感器调校.parquet"
    formats.parquet(at.folder / path, at.objects(path, numbered("calib", 6), "R"))
    path = f"{folder}/瓦斯检查.arrow"
    formats.arrow(at.folder / path, at.objects(path, numbered("gas-check", 6), "R"), "stream")

    def lines(path: str) -> None:
        again = ["gas-check-3", "calib-2"]
        formats.jsonl(at.folder / path, at.objects(path, again, "L"))

    at.packed(f"{folder}/补报.jsonl.xz", "xz", lines)
    noise = b"".join(hashlib.sha256(bytes([i])).digest() for i in range(64))
    at.fault(f"{folder}/分站导出.bin", "unsupported").write_bytes(noise)


def equipment(at: Example) -> None:
    """设备点检与检修: sheets, a GBK table with line feeds in its cells, a JSON array."""
    folder = "raw/equipment"
    path = f"{folder}/皮带点检.xlsx"
    formats.xlsx(at.folder / path, at.sheet(path, "皮带", numbered("belt", 8)))
    path = f"{folder}/提升机检修.xls"
    formats.xls(at.folder / path, at.sheet(path, "副井", numbered("hoist", 5)))
    path = f"{folder}/排水泵.ods"
    formats.ods(at.folder / path, at.sheet(path, "水泵", numbered("pump", 5)))
    path = f"{folder}/电气检修.csv"
    rows = table(at.objects(path, numbered("elec", 7), "R"))
    # two rows that broke when the table was exported: one cell short, one cell too many
    rows.append(["DQ-08", "2026-03-05", "记录未写完"])
    rows.append(["DQ-09", "2026-03-05", "", "列数不对的一行", "多出来的一列"])
    at.fault(path, "bad_record", "R8")
    at.fault(path, "bad_record", "R9")
    formats.csv(at.folder / path, rows, "gbk")
    path = f"{folder}/维修工单.json"
    formats.json(at.folder / path, at.objects(path, [*numbered("order", 5), "order-5-copy"], "I"))
    at.txt(f"{folder}/停送电工作票-0301.txt", "permit-0301")  # one form, three cases: all must stay
    at.docx(f"{folder}/停送电工作票-0304.docx", "permit-0304")
    at.txt(f"{folder}/停送电工作票-0306.txt", "permit-0306", encoding="gb18030", newline="\r\n")
    ledger = at.texts["broken-ledger"]
    cut = at.fault(f"{folder}/设备台账.docx", "truncated")
    formats.docx(cut, ledger.title, ledger.paragraphs)
    formats.truncate(cut, 0.5)


def safety(at: Example) -> None:
    """安全监察: notices, training, cases, drills; texts that quality must drop; files that are not what they say."""
    folder = "raw/safety"
    at.txt(f"{folder}/通报-刮板机未遂.txt", "notice-scraper")
    at.txt(f"{folder}/通报-刮板机未遂-更正.txt", "notice-scraper-copy", encoding="gb18030", newline="\r\n")
    at.html(f"{folder}/二月三违通报.html", "notice-lamp", "gb2312")
    at.docx(f"{folder}/讲义四-自救器.docx", "lecture-selfrescuer")
    at.md(f"{folder}/人员定位使用要求.md", "lecture-location")
    at.txt(f"{folder}/心得-透水.txt", "case-water")
    at.txt(f"{folder}/心得-皮带着火.txt", "case-fire", encoding="utf-16-le", bom=True)
    at.pdf(f"{folder}/水害演练总结.pdf", "drill-summary")
    at.txt(f"{folder}/爆破要点.txt", "rule-essentials", bom=True)
    spoilt = at.put(f"{folder}/照明规定.txt", "mojibake").whole.encode().decode("gbk", "ignore")
    formats.txt(at.folder / f"{folder}/照明规定.txt", spoilt)
    lost = at.put(f"{folder}/回收办法.txt", "replaced").whole
    lost = "".join("\ufffd" if i % 11 == 10 and c != "\n" else c for i, c in enumerate(lost))
    formats.txt(at.folder / f"{folder}/回收办法.txt", lost)
    at.txt(f"{folder}/安全宣誓.txt", "repeated-line")
    at.txt(f"{folder}/广播稿.txt", "repeated-text")
    formats.txt(at.fault(f"{folder}/应急预案扫描件.pdf", "wrong_type"), "扫描仪没有装纸，本页是打印服务器的提示。")
    formats.txt(at.fault(f"{folder}/监察日志.gz", "wrong_type"), "3月1日，监察三人次，查出问题五条，均已整改。\n")


def letters(at: Example) -> None:
    """来信来函: where the personal data are."""
    folder = "raw/letters"
    at.txt(f"{folder}/供应商-托辊.txt", "supplier-roller")
    at.txt(f"{folder}/供应商-托辊-二稿.txt", "supplier-roller-copy", encoding="gb18030")
    at.docx(f"{folder}/供应商-传感器.docx", "supplier-sensor")
    at.pdf(f"{folder}/供应商-锚固剂.pdf", "supplier-resin")
    path = f"{folder}/职工来信.jsonl"
    lines: list[object] = [*at.objects(path, numbered("worker", 5), "L")]
    lines += ['{"来信人": "", "内容": "写到一半', '["一行里不是对象"]']
    at.fault(path, "bad_record", "L6")
    at.fault(path, "bad_record", "L7")
    formats.jsonl(at.folder / path, lines)
    path = f"{folder}/家属来信.tsv"
    families = ["family-1", "family-2", "family-3", "family-3-copy", "family-4"]
    formats.csv(at.folder / path, table(at.objects(path, families, "R")), "gbk", "\t")
    path = f"{folder}/信访答复.json"
    formats.json(at.folder / path, at.objects(path, numbered("json", 5), "I"))


def web(at: Example) -> None:
    """网页: menus and footers that must not come out, pages in other languages."""
    folder = "raw/web"
    at.html(f"{folder}/smart.html", "page-smart", "gb2312")
    at.html(f"{folder}/rescue.html", "page-rescue")
    at.html(f"{folder}/geology.html", "page-location", "gb18030")
    at.html(f"{folder}/hazard.html", "hazard-web")
    at.html(f"{folder}/dust.html", "dust-web", "gb2312")
    at.html(f"{folder}/museum-en.html", "page-english")
    at.html(f"{folder}/memo-ru.html", "page-russian")
    at.txt(f"{folder}/menu-print.txt", "page-menu")


PARTS = (shift, gas, equipment, safety, letters, web)


def build(folder: Path = FOLDER) -> None:
    """Write `raw/` anew and `expected.json` beside the domain's `catalog.yaml`.

    Raises:
        ValueError: the texts are not as alike or as different as declared, or a raw file has no stated fate.
    """
    shutil.rmtree(folder / "raw", ignore_errors=True)
    at = Example(folder)
    for part in PARTS:
        part(at)
    load_domain(folder)
    source_of = {path: source.id for source, path in source_files(folder, load_catalog(folder))}
    raw = {p.relative_to(folder).as_posix() for p in (folder / "raw").rglob("*") if p.is_file()}
    stated = {placed.path for placed in at.placed} | {unread.path for unread in at.unread}
    if lost := (raw ^ stated) | (raw ^ source_of.keys()):
        raise ValueError(f"without a source or a stated fate: {sorted(lost)}")
    formats.json(folder / "expected.json", expected(at.placed, at.unread, source_of))


if __name__ == "__main__":
    build()
