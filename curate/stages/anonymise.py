"""Anonymise (脱敏): personal data out of the text and the other fields of records, counted but never shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import AfterValidator, Field

from .. import records
from ..config import Strict
from ..pii import DECLARED, ENTITIES
from ..pii.find import Figures, Names
from ..pii.kept import KeptPattern
from ..pii.specs import Generalise, Keep, Mask, Operator, Redact, key_names

if TYPE_CHECKING:
    from ..industry import Profile
    from ..pii.clean import Cleaner, Counts
    from ..pii.fields import Named

__all__ = ["Anonymise"]

ESCAPE = "\\u"  # a full-width digit may be written so inside JSON, where the gate does not see it


def _known(entity: str) -> str:
    if entity not in (*DECLARED, *ENTITIES):
        raise ValueError(f"no such entity; expected some of {', '.join(sorted((*DECLARED, *ENTITIES)))}")
    return entity


Entity = Annotated[str, AfterValidator(_known)]


class Anonymise(Strict):
    """Finds personal data and applies one operator per entity; a second pass over the result finds nothing.

    A field in capitals says what is done with that entity. Numbers are known by their form and the words around them, names
    and addresses by a network and by rules. Fields that the catalog declares personal are treated as the entity declared,
    whatever they hold; an entity without a field here is redacted.
    """

    kind: Literal["anonymise"] = "anonymise"
    version: ClassVar[int] = 2
    adds: ClassVar[Mapping[str, pa.DataType]] = {"n_chars": pa.int32(), "pii": records.PII}
    reasons: ClassVar[tuple[str, ...]] = ()

    ADDRESS: Operator = Redact()
    """Postal address (住址) in detail."""
    AGE: Operator = Generalise()
    """Age (年龄), where the catalog declares one: a band of ten years."""
    BANK_CARD: Operator = Mask(keep_tail=4)
    """Bank card number (银行卡号)."""
    BIRTH_DATE: Operator = Generalise(date="year")
    """Date of birth (出生日期), where a word says that it is one."""
    CN_DRIVER_FILE: Operator = Redact()
    """File number of a driving licence (驾驶证档案编号)."""
    CN_HK_MACAU_PERMIT: Operator = Redact()
    """Permit of Hong Kong and Macao residents (港澳居民来往内地通行证)."""
    CN_HOUSING_FUND: Operator = Redact()
    """Account of the housing fund (住房公积金账号)."""
    CN_ID_CARD: Operator = Mask(keep_head=2)
    """Resident identity number (居民身份证号); the first two digits are the province."""
    CN_LANDLINE: Operator = Mask(keep_head=4)
    """Landline number (固定电话)."""
    CN_MOBILE: Operator = Mask(keep_head=3, keep_tail=4)
    """Mobile number (手机号)."""
    CN_OFFICER_CARD: Operator = Redact()
    """Card of an officer, soldier or policeman (军官证、士兵证、警官证)."""
    CN_ORG_CODE: Operator = Keep()
    """Organisation code (组织机构代码): names an organisation, not a person."""
    CN_PASSPORT: Operator = Redact()
    """Passport number (护照号)."""
    CN_PERMANENT_RESIDENCE: Operator = Redact()
    """Permanent residence card of a foreigner (外国人永久居留身份证)."""
    CN_PLATE: Operator = Mask(keep_head=2)
    """Number plate (车牌号)."""
    CN_POSTCODE: Operator = Generalise()
    """Postcode (邮政编码)."""
    CN_SOCIAL_SECURITY: Operator = Redact()
    """Number of social security or medical insurance (社保、医保号)."""
    CN_TAIWAN_PERMIT: Operator = Redact()
    """Permit of Taiwan residents (台湾居民来往大陆通行证)."""
    CN_USCC: Operator = Keep()
    """Unified social credit code (统一社会信用代码): names an organisation, not a person."""
    DATE: Operator = Generalise()
    """Date (日期), where the catalog declares one: its month."""
    EMAIL_ADDRESS: Operator = Mask(keep_head=1)
    """E-mail address (邮箱)."""
    GPS: Operator = Generalise()
    """Geographic position (经纬度) of a person."""
    HK_ID_CARD: Operator = Redact()
    """Identity card of Hong Kong (香港身份证)."""
    ICCID: Operator = Redact()
    """Number of a SIM card."""
    IMEI: Operator = Redact()
    """Number of a mobile device."""
    IMSI: Operator = Redact()
    """Number of a mobile subscriber."""
    IP_ADDRESS: Operator = Redact()
    """IP address."""
    MAC_ADDRESS: Operator = Redact()
    """MAC address."""
    MEDICAL_RECORD: Operator = Redact()
    """Number of a medical record (病历号、住院号、门诊号)."""
    PERSON: Operator = Mask(keep_head=1)
    """Name of a person (姓名)."""
    PUBLIC_PHONE: Operator = Keep()
    """Numbers of services: 400, 800, 12345 behind an area code."""
    QQ: Operator = Redact()
    """QQ number."""
    SECRET: Operator = Redact()
    """Password, token or private key (口令、密钥)."""
    TW_ID_CARD: Operator = Redact()
    """Identity card of Taiwan (台湾身份证)."""
    VIN: Operator = Mask(keep_head=3)
    """Vehicle identification number (车架号)."""
    WECHAT: Operator = Redact()
    """WeChat id (微信号)."""
    WEIBO: Operator = Redact()
    """Weibo id (微博账号)."""
    names: Names = "balanced"
    """How names are looked for: `fast` by a small network, `balanced` and `recall` with a second model where it is unsure, `none`."""
    addresses: bool = True
    """Whether addresses are looked for in running text."""
    figures: Figures = "mask"
    """Persons of history: treated as others, kept, or kept where a public role is named beside them (`role`)."""
    terms: tuple[str, ...] | None = None
    """Words of the trade, which are no names (`焦香`, `甑盖`); filled in with the lexicon of the config's industry."""
    keep: tuple[Entity, ...] = ()
    """Entities to leave as they are, whatever their own field says; they are still counted."""
    keys: dict[str, str] = Field(default_factory=dict)
    """Ids of the keys that operators use, filled in by a run, so that another key is another stage; never a key."""
    kept: tuple[KeptPattern, ...] | None = None
    """Patterns of professional numbers to leave as they are; filled in with those of the config's industry (`industry.keep`).

    Regular expressions, matched where full-width signs are plain ASCII. An identity card or an e-mail address is found even
    within one; an empty list is none.
    """
    least: float = Field(0.5, ge=0, le=1)
    """Finds below this score are left alone; a lower one finds more, and takes more numbers for what they are not."""

    def settled(self, profile: Profile) -> Anonymise:
        """The stage with the professional numbers and words of the config's industry, where the config names none itself."""
        kept = dict.fromkeys(kept.regex for kept in profile.keep)
        return self.model_copy(
            update={
                "kept": tuple(kept) if self.kept is None else self.kept,
                "terms": profile.words() if self.terms is None else self.terms,
            }
        )

    @property
    def reversible(self) -> bool:
        """Whether a key or a vault can tell or restore values."""
        return any(spec.reversible for spec in self._plan().values())

    def with_keys(self, root: Path) -> Anonymise:
        """The stage with the ids of the keys that its operators use in the domain at `root`.

        Raises:
            DomainError: a key is missing, or others may read it.
        """
        from ..pii.keys import key_ids

        return self.model_copy(update={"keys": dict(key_ids(root, key_names(self._plan().values())))})

    def _plan(self) -> dict[str, Any]:
        """What is done with each entity."""
        return {name: Keep() if name in self.keep else getattr(self, name) for name in (*DECLARED, *ENTITIES)}

    def open(self, root: Path = Path()) -> Callable[[pa.RecordBatch], pa.RecordBatch]:
        """The function that does it; Presidio is imported when the first text that could hold personal data comes.

        Raises:
            DomainError: a key is missing, open to others, or another one than when the run began.
        """
        from ..pii.fields import named_in_fields
        from ..pii.find import named as finder
        from ..pii.gate import Gate

        named = (
            finder(self.names, self.addresses, self.figures, self.terms or ())
            if self.names != "none" or self.addresses
            else None
        )
        plan, least, kept = self._plan(), self.least, self.kept or ()
        keyed = bool(key_names(plan.values()))
        made: list[Cleaner] = []

        def cleaner() -> Cleaner:
            if not made:
                from ..pii.clean import Cleaner
                from ..pii.operators import Operators

                made.append(Cleaner(Operators(plan, root, self.keys), least, kept))
            return made[0]

        if keyed:
            cleaner()  # a key that is missing or another one is told before any record is read

        gate = Gate(least)

        def anonymise(batch: pa.RecordBatch) -> pa.RecordBatch:
            found: dict[int, Counts] = {}
            text = batch.column("text")
            new: dict[int, str] = {}
            look = gate.texts(text)
            hits = named.find_many(text.to_pylist()) if named else [[]] * len(text)
            look |= np.array([bool(some) for some in hits], np.bool_)
            for row in np.flatnonzero(look).tolist():
                old = text[row].as_py()
                clean = cleaner().text(old, found.setdefault(row, Counter()), named=hits[row])
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
                there = _true(pc.is_valid(meta))
                look = (gate.fields(meta) | _escaped(meta) | _true(pc.is_valid(personal))) & there
                in_fields: Named = {}
                if named and there.any():
                    pairs = zip(
                        *(column.filter(pa.array(there)).to_pylist() for column in (meta, personal)), strict=True
                    )
                    in_fields, held = named_in_fields(list(pairs), named.find_many)
                    look[there] |= held
                new = {}
                for row in np.flatnonzero(look).tolist():
                    old = meta[row].as_py()
                    clean = cleaner().meta(old, personal[row].as_py(), found.setdefault(row, Counter()), in_fields)
                    if clean != old:
                        new[row] = clean
                if new:
                    batch = records.set_column(batch, "meta", _replaced(meta, new))
            if keyed:
                cleaner().flush()
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
