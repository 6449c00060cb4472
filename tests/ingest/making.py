"""Small writers for files that tests read, and a short way to read them."""

from __future__ import annotations

import gzip
import io
import re
import tarfile
import warnings
import zipfile
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

from curate.catalog import Limits, Obtained, Source
from curate.ingest import Fault, Item, read_file

__all__ = [
    "cjk_f1",
    "docx",
    "faults",
    "gz",
    "items",
    "ods",
    "paragraph",
    "pdf",
    "read",
    "source",
    "tar",
    "zipped",
]

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"


def source(**more: Any) -> Source:
    """A source of no importance with the fields given."""
    return Source(
        id="s",
        title="示例",
        paths=("raw/*",),
        industry="baijiu",
        holder="示例厂",
        licence="internal",
        grade="一般2",
        obtained=Obtained(on=date(2026, 1, 2), how="导出"),
        **more,
    )


def read(folder: Path, name: str, data: bytes, limits: Limits | None = None, **more: Any) -> list[Item | Fault]:
    """All parts of a file with these bytes."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return list(read_file(path, name, source(**more), limits or Limits()))


def items(parts: list[Item | Fault]) -> list[Item]:
    return [part for part in parts if isinstance(part, Item)]


def faults(parts: list[Item | Fault]) -> list[tuple[str, str]]:
    """Locator and kind of each fault."""
    return [(part.locator, part.kind) for part in parts if isinstance(part, Fault)]


def gz(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def zipped(members: dict[str, bytes] | list[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a name given twice is what some tests are about
        for name, data in members.items() if isinstance(members, dict) else members:
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return out.getvalue()


def tar(members: list[tuple[tarfile.TarInfo | str, bytes]]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for info, data in members:
            entry = tarfile.TarInfo(info) if isinstance(info, str) else info
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def docx(body: str, *, before: str = "", **parts: str) -> bytes:
    """A docx with this body; `before` stands before the root element, `parts` are further members of `word/`."""
    head = f'<w:document xmlns:w="{_W}" xmlns:mc="{_MC}">'
    members = {"word/document.xml": f"{before}{head}<w:body>{body}</w:body></w:document>".encode()}
    for name, content in parts.items():
        members[f"word/{name}.xml"] = f'<w:{name} xmlns:w="{_W}">{content}</w:{name}>'.encode()
    return zipped(members)


def ods(rows: list[list[str]]) -> bytes:
    """A sheet of text cells."""
    cells = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>' for cell in row
        )
        + "</table:table-row>"
        for row in rows
    )
    names = "".join(f' xmlns:{p}="urn:oasis:names:tc:opendocument:xmlns:{p}:1.0"' for p in ("office", "table", "text"))
    content = (
        f"<office:document-content{names}><office:body><office:spreadsheet>"
        f'<table:table table:name="表">{cells}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"></manifest:manifest>'
    )
    return zipped(
        {"mimetype": kind, "content.xml": content.encode(), "META-INF/manifest.xml": manifest.encode()},
        zipfile.ZIP_STORED,
    )


def pdf(pages: list[list[str]]) -> bytes:
    """A pdf of ASCII lines in Helvetica."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for lines in pages:
        shown = " ".join(f"1 0 0 1 50 {780 - 15 * i} Tm ({line}) Tj" for i, line in enumerate(lines))
        content = f"BT /F1 11 Tf {shown} ET"
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
        kids.append(f"{len(objects) + 1} 0 R")
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "
            f"/Resources << /Font << /F1 3 0 R >> >> /Contents {len(objects)} 0 R >>"
        )
    objects[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(kids)}] >>"
    out = b"%PDF-1.4\n"
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{content}\nendobj\n".encode()
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}".encode()
    return out + f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()


def cjk_f1(got: str, expected: str) -> float:
    """F1 of the bags of Chinese characters."""
    a, b = (Counter(re.findall("[\u3400-\u9fff]", text)) for text in (got, expected))
    return 2 * (a & b).total() / max(1, a.total() + b.total())
