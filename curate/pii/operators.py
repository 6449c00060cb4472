"""The operators as Presidio classes: the same objects serve its `AnonymizerEngine` and the splicing in bulk.

Importing this module imports Presidio's anonymizer: 0.8 CPU s by itself, little once the analyzer is there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from presidio_anonymizer import AnonymizerEngine, OperatorConfig
from presidio_anonymizer.entities import InvalidParamError
from presidio_anonymizer.operators import Keep, Operator, OperatorType

from ..config import Strict
from ..errors import DomainError
from . import specs
from .generalise import generalised
from .keys import Key, load_key
from .pseudonyms import Pseudonyms, label
from .surrogates import Surrogates

__all__ = [
    "OPERATORS",
    "Generalise",
    "Mask",
    "Operators",
    "Pseudonym",
    "Redact",
    "Replace",
    "Surrogate",
    "Vault",
    "anonymizer_engine",
    "config",
    "label",
]

Replace = Callable[[str, str], str]
"""What a keyed operator does: (entity, text) -> what stands in its place."""


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
    """Says less of a value; one that has no less exact form is redacted."""

    name = "generalise"

    def operate(self, text: str, params: Mapping[str, Any]) -> str:
        """`<身份证号 贵州省 1990年>`."""
        return generalised(params["entity_type"], text, specs.Generalise(years=params["years"], date=params["date"]))


class _Keyed(_Anonymiser):
    """An operator whose parameter `replace` holds a key; `config` puts it there, and it shows nothing of the key."""

    def validate(self, params: Mapping[str, Any] | None = None) -> None:
        """Refuse a configuration that nobody gave a key."""
        if not params or not callable(params.get("replace")):
            raise InvalidParamError(f"{self.name} needs a key: its parameters come from Operators.config")

    def operate(self, text: str, params: Mapping[str, Any]) -> str:
        """What stands in the text's place."""
        return str(params["replace"](params["entity_type"], text))


class Pseudonym(_Keyed):
    """Puts a token in the text's place."""

    name = "pseudonym"


class Surrogate(_Keyed):
    """Puts a made-up value in the text's place."""

    name = "surrogate"


class Vault(_Keyed):
    """Puts a token in the text's place and the text into the vault."""

    name = "vault"


OPERATORS: dict[str, type[Operator]] = {
    "generalise": Generalise,
    "keep": Keep,
    "mask": Mask,
    "pseudonym": Pseudonym,
    "redact": Redact,
    "surrogate": Surrogate,
    "vault": Vault,
}
"""Every operator a configuration may name."""


def config(entity: str, spec: Strict, replace: Replace | None = None) -> OperatorConfig:
    """Presidio's configuration of what `spec` says is to be done with `entity`; a keyed operator also needs `replace`."""
    params = spec.model_dump()
    if isinstance(spec, specs.KEYED):
        params = {"operator": params["operator"], "replace": replace}
    return OperatorConfig(params.pop("operator"), {**params, "entity_type": entity})


class Operators:
    """What is done with each entity, with the keys it needs; made once in the process that uses it.

    An entity that `plan` does not name is redacted. `root` is the domain; `ids`, where given, are the ids its keys must have.

    Raises:
        DomainError: a key is missing, open to others, or has another id; a vault cannot be used.
    """

    def __init__(self, plan: Mapping[str, Strict], root: Path, ids: Mapping[str, str] | None = None) -> None:
        self._plan = dict(plan)
        keys = {name: load_key(root, name) for name in specs.key_names(plan.values())}
        for name, wanted in (ids or {}).items():
            if name in keys and keys[name].id != wanted:
                raise DomainError(
                    "key is another one than when the run began", where=name, got=keys[name].id, expected=wanted
                )
        self._replace: dict[Strict, Replace] = {}
        self._vaults: dict[tuple[str, ...], Any] = {}
        for spec in plan.values():
            if isinstance(spec, specs.KEYED) and spec not in self._replace:
                self._replace[spec] = self._opened(spec, root, keys[spec.key])
        self._ready: dict[str, tuple[Operator, OperatorConfig]] = {}

    def name(self, entity: str) -> str:
        """The operator's name."""
        return str(self._done(entity)[1].operator_name)

    def apply(self, entity: str, text: str) -> str:
        """What stands in the place of `text`, which is all one entity."""
        operator, setting = self._done(entity)
        return str(operator.operate(text=text, params=setting.params))

    def config(self, entity: str) -> OperatorConfig:
        """The same for Presidio's `AnonymizerEngine`."""
        spec = self._plan.get(entity, specs.Redact())
        return config(entity, spec, self._replace.get(spec))

    def flush(self) -> None:
        """Wait until the vaults hold on the disk what was put into them: before results are handed on."""
        for vault in self._vaults.values():
            vault.flush()

    def _done(self, entity: str) -> tuple[Operator, OperatorConfig]:
        if entity not in self._ready:
            setting = self.config(entity)
            operator = OPERATORS[setting.operator_name]()
            operator.validate(setting.params)
            self._ready[entity] = operator, setting
        return self._ready[entity]

    def _opened(self, spec: specs.Pseudonym | specs.Surrogate | specs.Vault, root: Path, key: Key) -> Replace:
        if isinstance(spec, specs.Pseudonym):
            return Pseudonyms(key, spec.hash)
        if isinstance(spec, specs.Surrogate):
            return Surrogates(key, spec.hash)
        from .vault import Vault as Store  # SQLite and ciphers, which few runs need

        place = (spec.key, spec.hash, spec.cipher)
        if place not in self._vaults:
            self._vaults[place] = Store(root, key, spec.hash, spec.cipher)
        replace: Replace = self._vaults[place]
        return replace


def anonymizer_engine() -> AnonymizerEngine:
    """Presidio's `AnonymizerEngine` that knows these operators.

    It joins finds of one entity that only spaces part, unless called with `merge_entities_with_spaces=False`.
    """
    engine = AnonymizerEngine()
    for operator in OPERATORS.values():
        engine.add_anonymizer(operator)
    return engine
