"""Anonymise (脱敏): personal data out of the text and the other fields of records, counted but never shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from .. import records
from ..config import Strict
from ..pii import DECLARED, ENTITIES
from ..pii.kept import KeptPattern
from ..pii.specs import Generalise, Keep, Mask, Operator, Redact

if TYPE_CHECKING:
    from ..industry import Profile
    from ..pii.clean import Cleaner, Counts

__all__ = ["Anonymise"]

ESCAPE = "\\u"  # a full-width digit may be written so inside JSON, where the gate does not see it


class Anonymise(Strict):
    """Finds personal data and applies one operator per entity; a second pass over the result finds nothing.

    A field in capitals says what is done with that entity. Fields that the catalog declares personal are treated as
    the entity declared, whatever they hold; an entity without a field here is redacted.
    """

    kind: Literal["anonymise"] = "anonymise"
    version: ClassVar[int] = 1
    adds: ClassVar[Mapping[str, pa.DataType]] = {"n_chars": pa.int32(), "pii": records.PII}
    reasons: ClassVar[tuple[str, ...]] = ()

    ADDRESS: Operator = Redact()
    """Postal address, where the catalog declares one."""
    BANK_CARD: Operator = Mask(keep_tail=4)
    """Bank card number (银行卡号)."""
    CN_ID_CARD: Annotated[Generalise | Keep | Mask | Redact, Field(discriminator="operator")] = Mask(keep_head=2)
    """Resident identity number (居民身份证号); the first two digits are the province."""
    CN_LANDLINE: Operator = Mask(keep_head=4)
    """Landline number (固定电话)."""
    CN_MOBILE: Operator = Mask(keep_head=3, keep_tail=4)
    """Mobile number (手机号)."""
    CN_PLATE: Operator = Mask(keep_head=2)
    """Number plate (车牌号)."""
    CN_USCC: Operator = Keep()
    """Unified social credit code (统一社会信用代码): names an organisation, not a person."""
    EMAIL_ADDRESS: Operator = Mask(keep_head=1)
    """E-mail address (邮箱)."""
    PERSON: Operator = Mask(keep_head=1)
    """Name of a person (姓名), where the catalog declares one."""
    PUBLIC_PHONE: Operator = Keep()
    """Numbers of services: 400, 800, 12345 behind an area code."""
    keep: tuple[
        Literal[
            "ADDRESS",
            "BANK_CARD",
            "CN_ID_CARD",
            "CN_LANDLINE",
            "CN_MOBILE",
            "CN_PLATE",
            "CN_USCC",
            "EMAIL_ADDRESS",
            "PERSON",
            "PUBLIC_PHONE",
        ],
        ...,
    ] = ()
    """Entities to leave as they are, whatever their own field says; they are still counted."""
    kept: tuple[KeptPattern, ...] | None = None
    """Patterns of professional numbers to leave as they are; filled in with those of the config's industry (`industry.keep`).

    Regular expressions, matched where full-width signs are plain ASCII. An identity card or an e-mail address is found even
    within one; an empty list is none.
    """
    least: float = Field(0.5, ge=0, le=1)
    """Finds below this score are left alone; a lower one finds more, and takes more numbers for what they are not."""

    def settled(self, profile: Profile) -> Anonymise:
        """The stage with the professional numbers of the config's industry, where the config names none itself."""
        if self.kept is not None:
            return self
        return self.model_copy(update={"kept": tuple(dict.fromkeys(kept.regex for kept in profile.keep))})

    def open(self, root: Path = Path()) -> Callable[[pa.RecordBatch], pa.RecordBatch]:  # noqa: ARG002
        """The function that does it; Presidio is imported when the first text that could hold personal data comes."""
        from ..kernels.pii_confirm import ALONE, confirm
        from ..kernels.pii_gate import flag
        from ..pii.normal import MAP

        plan = {name: Keep() if name in self.keep else getattr(self, name) for name in (*DECLARED, *ENTITIES)}
        least, kept = self.least, self.kept or ()
        made: list[Cleaner] = []

        def cleaner() -> Cleaner:
            if not made:
                from ..pii.clean import Cleaner

                made.append(Cleaner(plan, least, kept))
            return made[0]

        def flagged(column: pa.Array) -> npt.NDArray[np.bool_]:
            out = np.zeros(len(column), np.bool_)
            flag(*records.text_buffers(column), out)
            return out

        def anonymise(batch: pa.RecordBatch) -> pa.RecordBatch:
            found: dict[int, Counts] = {}
            text = batch.column("text")
            new: dict[int, str] = {}
            look = flagged(text)
            confirm(*records.text_buffers(text), MAP, least <= ALONE, look)
            for row in np.flatnonzero(look).tolist():
                old = text[row].as_py()
                clean = cleaner().text(old, found.setdefault(row, Counter()))
                if clean != old:
                    new[row] = clean
            if "n_chars" not in batch.schema.names:
                batch = records.with_text(batch, _replaced(text, new))
            elif new:
                lengths = {row: len(clean) for row, clean in new.items()}
                batch = records.set_column(batch, "text", _replaced(text, new))
                batch = records.set_column(batch, "n_chars", _replaced(batch.column("n_chars"), lengths))
            if "meta" in batch.schema.names:
                meta = batch.column("meta")
                personal = _personal(batch)
                # Not confirmed: JSON's own signs stand where its values do not have them.
                look = (flagged(meta) | _escaped(meta) | _true(pc.is_valid(personal))) & _true(pc.is_valid(meta))
                new = {}
                for row in np.flatnonzero(look).tolist():
                    old = meta[row].as_py()
                    clean = cleaner().meta(old, personal[row].as_py(), found.setdefault(row, Counter()))
                    if clean != old:
                        new[row] = clean
                if new:
                    batch = records.set_column(batch, "meta", _replaced(meta, new))
            return records.set_column(batch, "pii", _column(found, batch.num_rows))

        return anonymise


def _personal(batch: pa.RecordBatch) -> pa.Array:
    """What the catalog declares of each row's fields, null where that is nothing."""
    if "personal" not in batch.schema.names:
        return pa.nulls(batch.num_rows, pa.string())
    column = batch.column("personal")
    return pc.if_else(pc.equal(column, "{}"), pa.scalar(None, pa.string()), column)


def _escaped(meta: pa.Array) -> npt.NDArray[np.bool_]:
    return _true(pc.match_substring(meta, ESCAPE))


def _true(flags: pa.Array) -> npt.NDArray[np.bool_]:
    return np.asarray(pc.fill_null(flags, False).to_numpy(zero_copy_only=False), np.bool_)


def _replaced(column: pa.Array, new: Mapping[int, str] | Mapping[int, int]) -> pa.Array:
    """The column with the rows of `new`, whose keys ascend, replaced."""
    if not new:
        return column
    mask = np.zeros(len(column), np.bool_)
    mask[list(new)] = True
    return pc.replace_with_mask(column, pa.array(mask), pa.array(list(new.values()), column.type))


def _column(found: Mapping[int, Counts], rows: int) -> pa.Array:
    """The column `pii`: what was found in each row, sorted by entity; an empty list for most."""
    lengths = np.zeros(rows, np.int32)
    entities, numbers, operators = [], [], []
    for row in sorted(found):
        for (entity, operator), count in sorted(found[row].items()):
            lengths[row] += 1
            entities.append(entity)
            numbers.append(count)
            operators.append(operator)
    values = pa.StructArray.from_arrays(
        [pa.array(entities, pa.string()), pa.array(numbers, pa.int32()), pa.array(operators, pa.string())],
        fields=list(records.PII.value_type),
    )
    offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32))
    return pa.ListArray.from_arrays(offsets, values, type=records.PII)
