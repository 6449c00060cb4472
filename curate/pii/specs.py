"""What may be done with an entity (脱敏方法, the families of GB/T 37964): the parameters, as a user writes them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ..config import Strict

__all__ = [
    "KEYED",
    "Generalise",
    "Keep",
    "KeyName",
    "Mask",
    "Operator",
    "Pseudonym",
    "Redact",
    "Surrogate",
    "Vault",
    "key_names",
]

KeyName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,62}$")]
"""The name of a key in the domain's folder vault/keys; the key itself is in no configuration."""


class _Spec(Strict):
    """What all operators have."""

    reversible: ClassVar[bool] = False
    """Whether a key in the domain can tell or restore values, so that the result is 去标识化 and never 匿名化."""


class Keep(_Spec):
    """Leave it, but count it."""

    operator: Literal["keep"] = "keep"


class Redact(_Spec):
    """Put the entity's name in angle brackets in its place: `<手机号>`."""

    operator: Literal["redact"] = "redact"


class Mask(_Spec):
    """Overwrite characters (掩码), keeping the length; a value so short that less than a quarter would go is masked whole."""

    operator: Literal["mask"] = "mask"
    keep_head: int = Field(0, ge=0)
    """Characters that stay at the beginning."""
    keep_tail: int = Field(0, ge=0)
    """Characters that stay at the end."""
    char: Literal["*", "＊", "×", "█", "■", "○"] = "*"
    """What is written over the others."""


class Generalise(_Spec):
    """Say less of it (泛化): `<身份证号 贵州省 1990年>`, `<年龄 30-39岁>`; what has no less exact form is redacted.

    An ID card becomes province and year of birth, an age a band (90 and over is one), a date its month or year, an address
    its city or county, a position two decimals, a postcode its province, an IP address its network.
    """

    operator: Literal["generalise"] = "generalise"
    years: Literal[5, 10] = 10
    """Years in a band of ages."""
    date: Literal["month", "year"] = "month"
    """What stays of a date."""


class Pseudonym(_Spec):
    """Put a token in its place (假名化), the same for the same value under one key: `<姓名_bcdfghjkmnpqrtvwbc>`.

    Spaces, hyphens, full width, +86 and the like make no difference. Whoever has the key can try values.
    """

    reversible: ClassVar[bool] = True
    operator: Literal["pseudonym"] = "pseudonym"
    key: KeyName = "dataset"
    """The key; under another one the same value becomes a token that cannot be linked to this."""
    hash: Literal["sha256", "sm3"] = "sha256"
    """HMAC with SHA-256 or SM3 (GB/T 32905)."""


class Surrogate(_Spec):
    """Put a made-up value of the same type in its place (同类型替换), the same for the same value under one key.

    It fails as a real one: no such region, segment, issuer or domain, and a wrong check digit. An entity of which no
    number is known to be impossible gets a token as `pseudonym` gives it. Different values may get the same surrogate.
    """

    reversible: ClassVar[bool] = True
    operator: Literal["surrogate"] = "surrogate"
    key: KeyName = "dataset"
    """The key; under another one the same value becomes another surrogate."""
    hash: Literal["sha256", "sm3"] = "sha256"
    """HMAC with SHA-256 or SM3 (GB/T 32905)."""


class Vault(_Spec):
    """Put a token in its place, and the value, encrypted, into vault/KEY.sqlite, where `curate pii restore` finds it."""

    reversible: ClassVar[bool] = True
    operator: Literal["vault"] = "vault"
    key: KeyName = "dataset"
    """The key, and the vault that is locked with it."""
    hash: Literal["sha256", "sm3"] = "sha256"
    """HMAC of the token: SHA-256 or SM3 (GB/T 32905)."""
    cipher: Literal["aes-256-gcm", "sm4-gcm"] = "aes-256-gcm"
    """How values are encrypted; SM4 is GB/T 32907."""


KEYED = (Pseudonym, Surrogate, Vault)
"""The operators that need a key."""

Operator = Annotated[Generalise | Keep | Mask | Pseudonym | Redact | Surrogate | Vault, Field(discriminator="operator")]
"""What may be done with any entity."""


def key_names(specs: Iterable[Strict]) -> list[str]:
    """The names of the keys that `specs` need, sorted."""
    return sorted({spec.key for spec in specs if isinstance(spec, KEYED)})
