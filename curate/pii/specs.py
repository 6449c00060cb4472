"""What may be done with an entity (脱敏方法, the families of GB/T 37964): the parameters, as a user writes them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ..config import Strict

__all__ = ["Generalise", "Keep", "Mask", "Operator", "Redact"]


class Keep(Strict):
    """Leave it, but count it."""

    operator: Literal["keep"] = "keep"


class Redact(Strict):
    """Put the entity's name in angle brackets in its place: `<手机号>`."""

    operator: Literal["redact"] = "redact"


class Mask(Strict):
    """Overwrite characters (掩码), keeping the length; a value so short that less than a quarter would go is masked whole."""

    operator: Literal["mask"] = "mask"
    keep_head: int = Field(0, ge=0)
    """Characters that stay at the beginning."""
    keep_tail: int = Field(0, ge=0)
    """Characters that stay at the end."""
    char: Literal["*", "＊", "×", "█", "■", "○"] = "*"
    """What is written over the others."""


class Generalise(Strict):
    """An ID card's province and year of birth (泛化): `<身份证号 贵州省 1990年>`."""

    operator: Literal["generalise"] = "generalise"


Operator = Annotated[Keep | Redact | Mask, Field(discriminator="operator")]
"""What may be done with any entity."""
