"""The operators as Presidio classes: the same objects serve its `AnonymizerEngine` and the splicing in bulk.

Importing this module imports Presidio's anonymizer: 0.8 CPU s by itself, little once the analyzer is there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from presidio_anonymizer import AnonymizerEngine, OperatorConfig
from presidio_anonymizer.operators import Keep, Operator, OperatorType

from ..config import Strict
from .normal import normal
from .rules import labels
from .validators import born, id_card, id_card_15, province

__all__ = ["OPERATORS", "Generalise", "Mask", "Redact", "anonymizer_engine", "config", "label"]

NOT_OF_ID = re.compile("[^0-9Xx]")


def label(entity: str) -> str:
    """What stands for a redacted entity; entities without a name of ours stand for themselves."""
    return labels().get(entity, entity)


class _Anonymiser(Operator):  # type: ignore[misc]  # Presidio's classes are untyped
    """What our operators share: they take their parameters from a validated spec."""

    name: str

    def validate(self, params: Mapping[str, Any] | None = None) -> None:
        """Nothing to do: `specs` has checked the parameters."""

    def operator_name(self) -> str:
        """The name in configurations and in the column `pii`."""
        return self.name

    def operator_type(self) -> OperatorType:
        """One that anonymises."""
        return OperatorType.Anonymize


class Mask(_Anonymiser):
    """Overwrites all but `keep_head` and `keep_tail` characters by `char`, or all if less than a quarter would go."""

    name = "mask"

    def operate(self, text: str, params: Mapping[str, Any]) -> str:
        """The masked text, of the same length."""
        head, tail, char = int(params["keep_head"]), int(params["keep_tail"]), str(params["char"])
        masked = len(text) - head - tail
        if 4 * masked < len(text) or masked < 1:
            head, tail, masked = 0, 0, len(text)
        return text[:head] + char * masked + text[len(text) - tail :]


class Redact(_Anonymiser):
    """Puts the entity's name in angle brackets in the text's place."""

    name = "redact"

    def operate(self, text: str, params: Mapping[str, Any]) -> str:  # noqa: ARG002  # Presidio's signature
        """`<手机号>` for any text."""
        return f"<{label(params['entity_type'])}>"


class Generalise(_Anonymiser):
    """Puts an ID card's province and year of birth in its place; what is no ID number is redacted."""

    name = "generalise"

    def operate(self, text: str, params: Mapping[str, Any]) -> str:
        """`<身份证号 贵州省 1990年>`."""
        number = NOT_OF_ID.sub("", normal(text))
        valid = (len(number) == 18 and id_card(number)) or (len(number) == 15 and id_card_15(number))
        birth = born(number) if valid else None
        if birth is None:
            return f"<{label(params['entity_type'])}>"
        return f"<{label(params['entity_type'])} {province(number)} {birth.year}年>"


OPERATORS: dict[str, type[Operator]] = {
    "generalise": Generalise,
    "keep": Keep,
    "mask": Mask,
    "redact": Redact,
}
"""Every operator a configuration may name."""


def config(entity: str, spec: Strict) -> OperatorConfig:
    """Presidio's configuration of what `spec` says is to be done with `entity`."""
    params = spec.model_dump()
    return OperatorConfig(params.pop("operator"), {**params, "entity_type": entity})


def anonymizer_engine() -> AnonymizerEngine:
    """Presidio's `AnonymizerEngine` that knows these operators.

    It joins finds of one entity that only spaces part, unless called with `merge_entities_with_spaces=False`.
    """
    engine = AnonymizerEngine()
    for operator in OPERATORS.values():
        engine.add_anonymizer(operator)
    return engine
