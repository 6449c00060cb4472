"""Writers of example files: one plain function for each format; the same call always gives the same bytes.

Every writer makes the folders it needs. Dates inside zip, docx, xlsx, tar and pdf are fixed.
The invented personal data of `invented` can be had from here too.
"""

from __future__ import annotations

import bz2
import csv as csv_module
import gzip
import html as html_module
import io
import json as json_module
import lzma
import re
import tarfile
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import escape

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from .invented import UNISSUED_COUNTY, bank_card, id_card, landline, mobile, plate, uscc

__all__ = [
    "UNISSUED_COUNTY",
    "arrow",
    "bank_card",
    "compress",
    "csv",
    "docx",
    "html",
    "id_card",
    "json",
    "jsonl",
    "landline",
    "mobile",
    "ods",
    "parquet",
    "pdf",
    "plate",
    "tar_",
    "truncate",
    "txt",
    "uscc",
    "xls",
    "xlsx",
    "zip_",
]

Row = Sequence[object]

ZIP_DATE = (2026, 3, 1, 0, 0, 0)
TAR_TIME = 1_772_323_200  # 2026-03-01T00:00:00Z


# --- text ---------------------------------------------------------------------------------------------------------


def txt(path: Path, text: str, encoding: str = "utf-8", newline: str = "\n", bom: bool = False) -> None:
    """A text file; `bom` puts U+FEFF first (name `utf-16-le`, not `utf-16`, so that it is not written twice)."""
    body = text.replace("\r\n", "\n").replace("\n", newline)
    _write(path, (("\ufeff" if bom else "") + body).encode(encoding))


def html(
    path: Path,
    title: str,
    paragraphs: Iterable[str],
    encoding: str = "utf-8",
    menu: Sequence[str] = (),
    footer: str = "",
    script: str = "",
) -> None:
    """A page as portals write them: a menu in nav and aside, the text in article, a script, a footer."""
    links = "".join(f'<li><a href="#{i}">{_text(item)}</a></li>' for i, item in enumerate(menu))
    body = "\n".join(f"<p>{_text(p)}</p>" for p in paragraphs)
    page = f"""<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="{encoding}">
<title>{_text(title)}</title>
<style>body {{ font-family: serif; }} .menu li {{ display: inline; }}</style>
<script>{script}</script>
</head>
<body>
<nav class="menu"><ul>{links}</ul></nav>
<article>
<h1>{_text(title)}</h1>
{body}
</article>
<aside class="related"><ul>{links}</ul></aside>
<footer>{_text(footer)}</footer>
</body>
</html>
"""
    _write(path, page.encode(encoding))


def csv(path: Path, rows: Iterable[Row], encoding: str = "utf-8", delimiter: str = ",") -> None:
    """A table with the header as its first row; fields are quoted where they must be, lines end in CRLF."""
    buffer = io.StringIO()
    csv_module.writer(buffer, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    _write(path, buffer.getvalue().encode(encoding))


def jsonl(path: Path, rows: Iterable[object], encoding: str = "utf-8") -> None:
    """One JSON value a line; a row that is a string already is written as it stands (to plant a broken line)."""
    lines = [row if isinstance(row, str) else json_module.dumps(row, ensure_ascii=False) for row in rows]
    _write(path, ("\n".join(lines) + "\n").encode(encoding))


def json(path: Path, obj: object, encoding: str = "utf-8") -> None:
    """One indented JSON document."""
    _write(path, (json_module.dumps(obj, ensure_ascii=False, indent=2) + "\n").encode(encoding))


# --- documents ----------------------------------------------------------------------------------------------------

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def docx(path: Path, title: str, paragraphs: Iterable[str], table: Sequence[Row] | None = None) -> None:
    """A minimal Word document: a heading, the paragraphs, then the table if there is one."""
    body = _word_paragraph(title, "Heading1") + "".join(_word_paragraph(p) for p in paragraphs)
    if table is not None:
        rows = "".join(
            "<w:tr>" + "".join(f"<w:tc>{_word_paragraph(_cell(c))}</w:tc>" for c in row) + "</w:tr>" for row in table
        )
        body += f"<w:tbl>{rows}</w:tbl>"
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/word/document.xml" ContentType="application/'
        'vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
        "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
        'officeDocument" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>',
    }
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    zip_(path, {name: (head + xml).encode() for name, xml in parts.items()})


def _word_paragraph(text: str, style: str = "") -> str:
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f'<w:p>{properties}<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'


MARGIN, SIZE, LEADING = 72, 11, 18  # points, on A4
NO_LINE_START = "，。、；：！？）》」』】〉”’％%"  # hang these at the line end instead


def pdf(path: Path, title: str, paragraphs: Iterable[str]) -> None:
    """A text PDF in the CID font STSong-Light: title, indented paragraphs wrapped to A4, page numbers in the footer."""
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    font = "STSong-Light"
    pdfmetrics.registerFont(UnicodeCIDFont(font))
    width, height = A4
    lines: list[tuple[str, int]] = [(title, SIZE + 5), ("", SIZE)]
    for paragraph in paragraphs:
        lines += [(line, SIZE) for line in _wrap(paragraph, font, width - 2 * MARGIN)]
    each = int((height - 2 * MARGIN) // LEADING)
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1)
    canvas.setTitle(title)
    for number, start in enumerate(range(0, len(lines), each), 1):
        y = height - MARGIN
        for line, size in lines[start : start + each]:
            canvas.setFont(font, size)
            canvas.drawString(MARGIN, y, line)
            y -= LEADING
        canvas.setFont(font, 9)
        canvas.drawCentredString(width / 2, MARGIN / 2, f"第 {number} 页")
        canvas.showPage()
    canvas.save()
    _write(path, buffer.getvalue())


def _wrap(text: str, font: str, width: float) -> list[str]:
    """Lines of at most `width` points; numbers and Latin words stay whole, closing marks never begin a line."""
    from reportlab.pdfbase.pdfmetrics import stringWidth

    lines, line = [], "　　"
    for token in re.findall(r"[!-~]+| |[^!-~ ]", text):
        if line and token not in NO_LINE_START and stringWidth(line + token, font, SIZE) > width:
            lines.append(line)
            line = ""
        line += token
    return [*lines, line]


# --- sheets and columns -------------------------------------------------------------------------------------------


def xlsx(path: Path, sheets: Mapping[str, Sequence[Row]]) -> None:
    """A workbook; the first row of each sheet is its header."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    buffer = io.BytesIO()
    book.properties.created = datetime(*ZIP_DATE)
    book.save(buffer)
    with zipfile.ZipFile(buffer) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    # openpyxl sets the time of change while it saves
    stamp = rb"\g<1>" + datetime(*ZIP_DATE).isoformat().encode() + b"Z"
    core = "docProps/core.xml"
    parts[core] = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", stamp, parts[core])
    zip_(path, parts)


def xls(path: Path, sheets: Mapping[str, Sequence[Row]]) -> None:
    """A workbook of Excel 97; the first row of each sheet is its header."""
    import xlwt

    book = xlwt.Workbook(encoding="utf-8")
    for name, rows in sheets.items():
        sheet = book.add_sheet(name)
        for i, row in enumerate(rows):
            for j, value in enumerate(row):
                sheet.write(i, j, value)
    buffer = io.BytesIO()
    book.save(buffer)
    _write(path, buffer.getvalue())


def ods(path: Path, sheets: Mapping[str, Sequence[Row]]) -> None:
    """An OpenDocument workbook; the first row of each sheet is its header."""
    tables = ""
    for name, rows in sheets.items():
        lines = "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
        tables += f'<table:table table:name="{escape(name)}">{lines}</table:table>'
    space = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<office:document-content xmlns:office="{space}:office:1.0" xmlns:table="{space}:table:1.0" '
        f'xmlns:text="{space}:text:1.0" office:version="1.2"><office:body><office:spreadsheet>{tables}'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    mimetype = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<manifest:manifest xmlns:manifest="{space}:manifest:1.0" manifest:version="1.2">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{mimetype}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    parts = {"mimetype": mimetype, "content.xml": content, "META-INF/manifest.xml": manifest}
    # the standard wants `mimetype` first and not compressed
    zip_(path, {name: part.encode() for name, part in parts.items()}, stored=("mimetype",))


def _ods_cell(value: object) -> str:
    kind = 'office:value-type="string"'
    if isinstance(value, (int, float)):
        kind = f'office:value-type="float" office:value="{value}"'
    return f"<table:table-cell {kind}><text:p>{escape(_cell(value))}</text:p></table:table-cell>"


def parquet(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    """A Parquet file; the columns are the keys of the rows."""
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(rows)), buffer, compression="zstd")
    _write(path, buffer.getvalue())


def arrow(path: Path, rows: Sequence[Mapping[str, object]], form: str = "stream") -> None:
    """An Arrow IPC file, `form` being "stream" or "file"; the columns are the keys of the rows."""
    table = pa.Table.from_pylist(list(rows))
    buffer = io.BytesIO()
    opened = {"stream": pa.ipc.new_stream, "file": pa.ipc.new_file}[form]
    with opened(buffer, table.schema) as writer:
        writer.write_table(table)
    _write(path, buffer.getvalue())


# --- compression, archives, damage --------------------------------------------------------------------------------


def compress(src: Path, path: Path, kind: str) -> None:
    """`src` compressed to `path`; `kind` is gz, bz2, xz or zst."""
    data = src.read_bytes()
    packed = {
        "gz": lambda: gzip.compress(data, mtime=0),
        "bz2": lambda: bz2.compress(data),
        "xz": lambda: lzma.compress(data),
        "zst": lambda: zstandard.ZstdCompressor(level=9).compress(data),
    }[kind]()
    _write(path, packed)


def zip_(path: Path, members: Mapping[str, bytes], stored: Sequence[str] = ()) -> None:
    """A zip archive in the order given; the members named in `stored` are not compressed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, ZIP_DATE)
            info.create_system = 3
            info.external_attr = 0o100644 << 16
            info.compress_type = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    _write(path, buffer.getvalue())


def tar_(path: Path, members: Mapping[str, bytes]) -> None:
    """A tar archive in the order given, gzipped if the name ends in gz."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(data), TAR_TIME
            archive.addfile(info, io.BytesIO(data))
    data = buffer.getvalue()
    _write(path, gzip.compress(data, mtime=0) if path.name.endswith("gz") else data)


def truncate(path: Path, share: float) -> None:
    """Cut the file to the first `share` of its bytes."""
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _text(text: str) -> str:
    return html_module.escape(text, quote=False)


def _cell(value: object) -> str:
    return "" if value is None else str(value)
