"""What tests of personal data share."""

from __future__ import annotations

import pytest

from curate.pii.recogniser import ChineseRecognizer


@pytest.fixture(scope="session")
def recognizer() -> ChineseRecognizer:
    return ChineseRecognizer()
