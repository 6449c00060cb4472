"""Keys: made once, closed to others, shown nowhere."""

from __future__ import annotations

import copy
import hashlib
import hmac
import pickle
from pathlib import Path

import pytest

from curate.errors import DomainError, UserError
from curate.pii.keys import PASSPHRASE_FILE, Key, key_ids, load_key, mac, make_key


@pytest.fixture
def domain(tmp_path: Path) -> Path:
    (tmp_path / "domain.yaml").write_text("")
    return tmp_path


def test_a_key_is_for_its_owner_alone(domain: Path) -> None:
    made = make_key(domain, "dataset")
    path = domain / "vault/keys/dataset.key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == path.parent.parent.stat().st_mode & 0o777 == 0o700
    assert load_key(domain, "dataset").id == made.id
    assert key_ids(domain, ["dataset"]) == {"dataset": made.id}
    assert make_key(domain, "other").id != made.id


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o660, 0o601])
def test_a_file_that_others_may_read_is_refused(domain: Path, mode: int) -> None:
    make_key(domain, "dataset")
    (domain / "vault/keys/dataset.key").chmod(mode)
    with pytest.raises(DomainError, match="others may read"):
        load_key(domain, "dataset")


def test_a_key_is_never_made_twice(domain: Path) -> None:
    first = make_key(domain, "dataset")
    with pytest.raises(DomainError, match="there is such a key"):
        make_key(domain, "dataset")
    assert load_key(domain, "dataset").id == first.id


@pytest.mark.parametrize("name", ["", "../x", "A", "a/b", "a.b", "1", "a" * 64, "ключ"])
def test_names(domain: Path, name: str) -> None:
    with pytest.raises(UserError):
        make_key(domain, name)


def test_no_domain_no_key(tmp_path: Path) -> None:
    with pytest.raises(DomainError, match="no domain"):
        make_key(tmp_path, "dataset")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content", ["", "00", "zz" * 32, "{", "{}", '{"scrypt": 1, "salt": "00", "id": 1}', "é", "00" * 33]
)
def test_a_damaged_file_is_refused_and_not_shown(domain: Path, content: str) -> None:
    make_key(domain, "dataset")
    (domain / "vault/keys/dataset.key").write_text(content)
    with pytest.raises(DomainError) as error:
        load_key(domain, "dataset")
    assert "zz" not in str(error.value)
    assert "00" * 8 not in str(error.value)
    assert error.value.__cause__ is None


def test_passphrase(domain: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    phrase = "云杉 云杉 云杉 云杉 路"
    made = make_key(domain, "dataset", phrase)
    assert phrase not in (domain / "vault/keys/dataset.key").read_text()
    assert load_key(domain, "dataset", phrase).id == made.id
    with pytest.raises(DomainError, match="wrong passphrase") as error:
        load_key(domain, "dataset", phrase + "!")
    assert phrase not in str(error.value)
    monkeypatch.delenv(PASSPHRASE_FILE, raising=False)
    with pytest.raises(DomainError, match="needs its passphrase"):
        load_key(domain, "dataset")
    held = tmp_path / "held"
    held.write_text(phrase + "\n")
    held.chmod(0o600)
    monkeypatch.setenv(PASSPHRASE_FILE, str(held))
    assert load_key(domain, "dataset").id == made.id
    held.chmod(0o644)
    with pytest.raises(DomainError, match="others may read"):
        load_key(domain, "dataset")
    with pytest.raises(UserError, match="too short"):
        make_key(domain, "other", "12345678901")


def test_a_key_shows_nothing_and_stays() -> None:
    secret = bytes(range(32))
    key = Key("dataset", secret)
    shown = f"{key} {key!r} {key.id} {[key]}"
    assert secret.hex() not in shown
    assert repr(secret)[2:-1] not in shown
    for away in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            away(key)


def test_what_is_derived_differs_by_purpose_and_key() -> None:
    one, other = Key("a", b"1" * 32), Key("a", b"2" * 32)
    assert len({k.derive(p, h) for k in (one, other) for p in ("a", "b") for h in ("sha256", "sm3")}) == 8
    assert one.id != other.id


def test_known_answers() -> None:
    # RFC 4231, test case 2
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert mac(b"Jefe", b"what do ya want for nothing?", "sha256").hex() == expected


@pytest.mark.skipif("sm3" not in hashlib.algorithms_available, reason="this Python's OpenSSL has no SM3")
def test_sm3_is_that_of_openssl() -> None:
    assert mac(b"Jefe", b"what", "sm3") == hmac.digest(b"Jefe", b"what", "sm3")
