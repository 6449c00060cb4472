"""The industries: what each is called, its codes and scenes, and the terms by which its documents are known.

The taxonomy is data. Each built-in config has a section `industry:`, and an operator's own industry is one more file with such
a section, a config or nothing else.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from .builtin import builtin_names, find_config, shown
from .catalog import Grade
from .config import Strict, validate
from .errors import ConfigError, Problem
from .pii.kept import KeptPattern, check, pattern_of
from .yaml_files import load_yaml

__all__ = ["Industry", "IndustryCode", "Profile", "Scene", "builtin_profiles", "digest_of", "load_industries"]

LONGEST = 40
"""Characters of the longest term."""


def _term(text: str) -> str:
    if text != text.strip() or text != text.lower():
        raise ValueError("a term has no spaces around it and no capitals")
    return text


Term = Annotated[str, Field(min_length=2, max_length=LONGEST), AfterValidator(_term)]


class IndustryCode(Strict):
    """A code in a published classification; never a bare code, since editions shift."""

    scheme: str
    edition: int
    code: str


class Industry(Strict):
    """What a pipeline and a manifest say of the industry that a config is for."""

    name: str
    title: str
    codes: tuple[IndustryCode, ...] = ()
    scenes: tuple[str, ...] = ()
    """Application scenes (应用场景)."""


class Scene(Strict):
    """An application scene (应用场景) and the terms by which its documents are known."""

    name: str
    terms: tuple[Term, ...] = ()


class Kept(Strict):
    """A professional number that masking must leave alone."""

    name: str
    pattern: KeptPattern | None = None
    """Regular expression of such numbers, where the example does not suffice; full-width signs are plain ASCII in it."""
    example: str = Field(min_length=1)
    """One of them; without a pattern, digits stand for as many digits, and all else but spaces for itself."""

    @field_validator("example")
    @classmethod
    def _narrow(cls, example: str, info: ValidationInfo) -> str:
        if "pattern" in info.data:  # else it is wrong, and reported by itself
            check(info.data["pattern"] or pattern_of(example), example)
        return example

    @property
    def regex(self) -> str:
        """The pattern, given or made of the example."""
        return self.pattern or pattern_of(self.example)


class Profile(Strict):
    """The industry a config is for, with all that is known of its documents."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")
    title: str
    english: str = ""
    codes: tuple[IndustryCode, ...] = ()
    scenes: tuple[str | Scene, ...] = ()
    """Application scenes (应用场景): names, or names with terms."""
    lexicon: dict[Annotated[int, Field(ge=-3, le=3)], tuple[Term, ...]] = {}
    """Terms by weight: 3 stands nearly only in this industry, 1 elsewhere too, negative ones speak of a look-alike."""
    documents: tuple[str, ...] = ()
    """Kinds of documents to expect."""
    preset: Literal["web", "document", "dialogue", "tabular"] = "document"
    """The preset of quality rules that most of them need."""
    grade: Grade | None = None
    """Usual grade of its data (分级, GB/T 43697)."""
    personal: tuple[str, ...] = ()
    """Entities of personal data that are typical."""
    sensitive: tuple[str, ...] = ()
    """Matters that are sensitive for business (商业敏感)."""
    keep: tuple[Kept, ...] = ()
    """Professional numbers that masking must leave alone."""

    @model_validator(mode="after")
    def _once(self) -> Profile:
        if 0 in self.lexicon:
            raise ValueError("a term of weight 0 says nothing")
        for where, named in (
            ("the lexicon", [t for terms in self.lexicon.values() for t in terms]),
            ("the scenes", [t for scene in self.all_scenes() for t in scene.terms]),
            ("the names of scenes", [scene.name for scene in self.all_scenes()]),
        ):
            if twice := sorted(t for t, times in Counter(named).items() if times > 1):
                raise ValueError(f"twice in {where}: {', '.join(twice[:5])}")
        return self

    def all_scenes(self) -> tuple[Scene, ...]:
        """The scenes, those without terms too."""
        return tuple(Scene(name=s) if isinstance(s, str) else s for s in self.scenes)

    def brief(self) -> Industry:
        """What pipelines and manifests hold: no terms."""
        names = tuple(scene.name for scene in self.all_scenes())
        return Industry(name=self.name, title=self.title, codes=self.codes, scenes=names)

    def words(self) -> tuple[str, ...]:
        """The different terms that speak for it, in order."""
        own = {t for weight, terms in self.lexicon.items() if weight > 0 for t in terms}
        return tuple(sorted(own.union(*(scene.terms for scene in self.all_scenes()))))

    def terms(self) -> int:
        """The number of different terms that speak for it."""
        return len(self.words())


def _read(file: Path, name: str) -> Profile:
    document = load_yaml(file, shown=name)
    section = document.data.get("industry") if isinstance(document.data, dict) else None
    if section is None:
        raise ConfigError([Problem(name, 1, "industry", "missing field", expected="industry: {name, title, lexicon}")])
    return validate(Profile, document, at=("industry",), data=section)


@functools.cache
def builtin_profiles() -> Mapping[str, Profile]:
    """The industry of each built-in config, by its name, in the order of names."""
    files = [find_config(name) for name in builtin_names("configs")]
    profiles = [_read(file, shown(file)) for file in files]
    return {profile.name: profile for profile in sorted(profiles, key=lambda p: p.name)}


def load_industries(files: Sequence[str] = (), root: Path = Path()) -> dict[str, Profile]:
    """The industries of the built-in configs and of `files`, below `root`; one in a file takes the place of a built-in one.

    Raises:
        ConfigError: a file cannot be read or is wrong, or two of them are of the same industry.
    """
    own: dict[str, Profile] = {}
    for file in files:
        profile = _read(root / file, file)
        if profile.name in own:
            raise ConfigError([Problem(file, 1, "industry.name", "two files of one industry", got=profile.name)])
        own[profile.name] = profile
    return dict(sorted({**builtin_profiles(), **own}.items()))


def digest_of(profiles: Iterable[Profile]) -> str:
    """SHA-256 of the terms of some industries with their weights and scenes, and of nothing else of them."""
    plain = [
        [
            p.name,
            sorted((weight, sorted(terms)) for weight, terms in p.lexicon.items()),
            [[scene.name, sorted(scene.terms)] for scene in p.all_scenes()],
        ]
        for p in sorted(profiles, key=lambda p: p.name)
    ]
    return hashlib.sha256(json.dumps(plain, ensure_ascii=False).encode()).hexdigest()
