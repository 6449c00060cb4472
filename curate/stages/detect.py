"""The languages that scripts leave open, put to pycld2 or langdetect; both carry their models and reach for no network."""

from __future__ import annotations

import functools
from collections.abc import Callable
from importlib.resources import files
from typing import Any, Literal

__all__ = ["DETECTORS", "Detector"]

Detector = Literal["pycld2", "langdetect"]

UNKNOWN = ("und", 0.0)

CLD2_NAMES = {"iw": "he", "jw": "jv", "zh-Hant": "zh"}
"""What CLD2 calls a language where that is not its ISO 639 code."""
UNRELIABLE = 0.5
"""How often an answer is right that CLD2 does not call reliable: 996 of 1,937 sentences of 75 languages."""

PROFILES = {"zh": ("zh-cn", "zh-tw")}
"""langdetect's profiles of a language where they are not one of the same name."""


def pycld2(text: str, candidates: tuple[str, ...]) -> tuple[str, float]:
    """The candidate language that CLD2 finds most of, and the share of the text it finds it in, halved if it is unsure."""
    from pycld2 import detect

    reliable, _, found = detect(text, isPlainText=True)
    if not reliable:  # it then names nothing unless it must
        _, _, found = detect(text, isPlainText=True, bestEffort=True)
    for _, code, percent, _ in found:
        lang = CLD2_NAMES.get(code, code)
        if lang in candidates:
            return lang, percent / 100 * (1.0 if reliable else UNRELIABLE)
    return UNKNOWN


def langdetect(text: str, candidates: tuple[str, ...]) -> tuple[str, float]:
    """The most probable of the candidate languages and its probability.

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


DETECTORS: dict[Detector, Callable[[str, tuple[str, ...]], tuple[str, float]]] = {
    "pycld2": pycld2,
    "langdetect": langdetect,
}
"""A text and the languages it may be of, to one of these and its probability, or to `und` and 0 if the text says nothing."""
