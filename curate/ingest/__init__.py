"""Raw files in, records out: every format, encoding and container behind one function.

`read_file` yields an `Item` for each record and a `Fault` for each file, record or part of a record that could not be
read; `read_blocks` the same with `Block`s of many records where the format allows it. `to_batches` turns either into Arrow
batches of `records.INGESTED` and lists of faults.

Locators are part of a record's id and never depend on other files or on the machine:

| where | locator |
|---|---|
| a document (text, html, docx, pdf, notebook, a single json object) | `1` |
| article of such a document, where the source says `split: articles` and it holds several | `1/A<article>`, from 1; `1/A0` is a long text before the first |
| line of JSON Lines | `L<line>`, the first is 1 |
| row of CSV or TSV | `R<row>`, the header not counted |
| row of a sheet | `<sheet>!R<row>`, the row number that the spreadsheet shows |
| item of a JSON array | `I<item>`, from 1 |
| row of Parquet or Arrow | `R<row>`, from 1 |
| in an archive | `<member>::` before it; the second member of a name is `<member>~2::` |

Personal data in the name of a sheet or a member are replaced by a label (`pii.places`), and names that become alike numbered.

A single packed stream (gz, zst, bz2, xz) adds nothing. A fault of a whole file stands at `""`, of a whole member at
`<member>::`, of a whole sheet at `<sheet>!`. Text that was read with a loss yields its `Item` and beside it a `Fault` at
`<locator>@<byte>`: a cut last character (`truncated`), places that do not decode (`encoding`). A stream that breaks off
yields the whole lines or rows before the break and a fault at the first that is lost; formats that are not read line by
line yield only the fault.

A whole number of more than 64 bits in JSON becomes a string of its digits, as an id and in meta; an object nested in more
than 250 levels is a fault.

How rows and objects become text is one rule, stated in `tables`. Hidden members of archives and `__MACOSX` are left out,
as the catalog leaves out hidden files.
"""

from __future__ import annotations

from .batches import to_batches
from .items import Block, Fault, Item
from .reading import read_blocks, read_file

__all__ = ["Block", "Fault", "Item", "read_blocks", "read_file", "to_batches"]
