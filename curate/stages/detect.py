"""The languages that scripts leave open, put to langdetect."""

from __future__ import annotations

import functools
from importlib.resources import files
from typing import Any

__all__ = ["detect"]

UNKNOWN = ("und", 0.0)
PROFILES = {"zh": ("zh-cn", "zh-tw")}
"""langdetect's profiles of a language where they are not one of the same name."""


def detect(text: str, candidates: tuple[str, ...]) -> tuple[str, float]:
    """The most probable of the candidate languages and its probability, or `und` and 0 if the text says nothing.

    The same text always gets the same answer: langdetect draws n-grams at random, here from a fixed seed.
    """
    from langdetect.lang_detect_exception import LangDetectException

    detector = _factory(candidates).create()
    detector.append(text)
    try:
        ranking = detector.get_probabilities()
    except LangDetectException:  # no n-gram of it is in any profile
        return UNKNOWN
    found: dict[str, float] = {}
    for answer in ranking:
        lang = answer.lang.partition("-")[0]
        found[lang] = found.get(lang, 0.0) + float(answer.prob)
    lang = max(sorted(found), key=found.__getitem__, default=UNKNOWN[0])
    return lang, min(1.0, found.get(lang, 0.0))


@functools.cache
def _factory(candidates: tuple[str, ...]) -> Any:
    """A factory that knows the candidates only, in their order: langdetect's own loads its profiles as the folder lists them."""
    from langdetect.detector_factory import DetectorFactory

    names = [name for lang in candidates for name in PROFILES.get(lang, (lang,))]
    folder = files("langdetect") / "profiles"
    factory = DetectorFactory()
    factory.load_json_profile([(folder / name).read_text("utf-8") for name in names])
    factory.set_seed(0)
    return factory
