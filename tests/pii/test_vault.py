"""The vault: what goes in comes out under its key alone, and nothing else tells of it."""

from __future__ import annotations

import json
import logging
import multiprocessing
import shutil
import sqlite3
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from curate.cli.vault import PII_COMMANDS
from curate.errors import CurateError, DomainError, IntegrityError, UserError
from curate.pii.keys import Key, load_key, make_key
from curate.pii.pseudonyms import TOKEN, Pseudonyms
from curate.pii.vault import Cipher, Restored, Vault, restore, vault_path

from .values import ID, MOBILE

NAME = "dataset"
CIPHERS: tuple[Cipher, Cipher] = ("aes-256-gcm", "sm4-gcm")


@pytest.fixture
def domain(tmp_path: Path) -> Path:
    (tmp_path / "domain.yaml").write_text("")
    make_key(tmp_path, NAME)
    return tmp_path


def put(domain: Path, entity: str, text: str, cipher: Cipher = "aes-256-gcm") -> str:
    vault = Vault(domain, load_key(domain, NAME), "sha256", cipher)
    token = vault(entity, text)
    vault.close()
    return token


def changed(domain: Path, statement: str, *values: object) -> None:
    file = sqlite3.connect(vault_path(domain, NAME))
    with file:
        assert file.execute(statement, values).rowcount == 1
    file.close()


def log(domain: Path) -> list[dict[str, str]]:
    path = domain / f"vault/{NAME}.log.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


@pytest.mark.parametrize("cipher", CIPHERS)
@pytest.mark.parametrize(
    ("entity", "text"),
    [
        ("CN_MOBILE", MOBILE),
        ("PERSON", "张三"),
        ("ADDRESS", "样本市 云杉路8号\n"),
        ("PERSON", "𠀀\ud800"),
        ("X", "a\0b"),
        ("X", ""),
    ],
)
def test_round_trip(domain: Path, cipher: Cipher, entity: str, text: str) -> None:
    token = put(domain, entity, text, cipher)
    assert token == Pseudonyms(load_key(domain, NAME))(entity, text)
    assert restore(domain, NAME, token, "a test") == Restored(entity, text)
    found = TOKEN.fullmatch(token)
    assert found
    assert restore(domain, NAME, found[1], "a test").text == text


def test_files_are_for_their_owner_alone(domain: Path) -> None:
    vault = Vault(domain, load_key(domain, NAME))
    token = vault("CN_MOBILE", MOBILE)
    vault.flush()
    restore(domain, NAME, token, "a test")
    names = {path.name: path.stat().st_mode & 0o777 for path in (domain / "vault").iterdir() if path.is_file()}
    assert {f"{NAME}.sqlite", f"{NAME}.sqlite-wal", f"{NAME}.log.jsonl"} <= set(names)
    assert set(names.values()) == {0o600}
    vault.close()
    vault_path(domain, NAME).chmod(0o644)
    with pytest.raises(DomainError, match="others may read"):
        restore(domain, NAME, token, "a test")


@pytest.mark.parametrize("cipher", CIPHERS)
def test_no_file_holds_a_value(domain: Path, cipher: Cipher) -> None:
    vault = Vault(domain, load_key(domain, NAME), "sha256", cipher)
    token = vault("CN_MOBILE", MOBILE)
    restore(domain, NAME, token, "a test")
    vault("PERSON", "张三")
    for path in (domain / "vault").rglob("*"):
        if path.is_file():
            assert MOBILE.encode() not in path.read_bytes()
            assert "张三".encode() not in path.read_bytes()
    vault.close()


def test_each_look_up_is_logged_without_the_value(domain: Path) -> None:
    token = put(domain, "CN_MOBILE", MOBILE)
    restore(domain, NAME, token, "complaint 17,\n line two")
    with pytest.raises(DomainError):
        restore(domain, NAME, token[:-2] + ("b" if token[-2] != "b" else "c") + ">", "mistyped")
    (domain / f"vault/keys/{NAME}.key").unlink()
    with pytest.raises(DomainError):
        restore(domain, NAME, token, "without the key")
    lines = log(domain)
    assert [line["outcome"] for line in lines] == [
        "restored",
        "refused: the vault has no such token",
        "refused: no such key",
    ]
    assert [line["reason"] for line in lines] == ["complaint 17, line two", "mistyped", "without the key"]
    assert lines[0]["token"] in token
    assert lines[0].keys() == {"at", "vault", "token", "reason", "user", "outcome"}
    assert MOBILE not in json.dumps(lines)


@pytest.mark.parametrize("reason", ["", " ", "\n"])
def test_a_look_up_needs_a_reason(domain: Path, reason: str) -> None:
    token = put(domain, "CN_MOBILE", MOBILE)
    with pytest.raises(UserError, match="needs a reason"):
        restore(domain, NAME, token, reason)


@pytest.mark.parametrize("typed", [MOBILE, "<手机号>", "", "张三", f"<手机号_{MOBILE}>", "b" * 17, "b" * 19, "a" * 18])
def test_what_is_no_token_is_not_repeated(domain: Path, typed: str) -> None:
    put(domain, "CN_MOBILE", MOBILE)
    with pytest.raises(UserError) as error:
        restore(domain, NAME, typed, "a test")
    assert not typed or typed not in str(error.value)
    assert log(domain) == []


def test_no_log_no_value(domain: Path) -> None:
    token = put(domain, "CN_MOBILE", MOBILE)
    (domain / f"vault/{NAME}.log.jsonl").mkdir()
    with pytest.raises(OSError, match="directory"):
        restore(domain, NAME, token, "a test")


@pytest.mark.parametrize("cipher", CIPHERS)
def test_another_key_opens_nothing(domain: Path, cipher: Cipher) -> None:
    token = put(domain, "CN_MOBILE", MOBILE, cipher)
    path = domain / f"vault/keys/{NAME}.key"
    path.unlink()
    other = make_key(domain, NAME)
    with pytest.raises(DomainError, match="another key's"):
        restore(domain, NAME, token, "a test")
    with pytest.raises(DomainError, match="another key's"):
        Vault(domain, other)
    # even if the file is made to say that it is this key's
    changed(domain, "UPDATE about SET value = ? WHERE name = 'key'", other.id)
    with pytest.raises(IntegrityError, match="does not open"):
        restore(domain, NAME, token, "a test")


@pytest.mark.parametrize("cipher", CIPHERS)
@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("UPDATE records SET sealed = CAST(sealed || x'ff00' AS BLOB) WHERE token = ?", "longer"),
        ("UPDATE records SET sealed = CAST(x'00' || substr(sealed, 2) AS BLOB) WHERE token = ?", "a byte of the value"),
        ("UPDATE records SET sealed = x'' WHERE token = ?", "nothing left"),
        ("UPDATE records SET sealed = substr(sealed, 1, 8) WHERE token = ?", "cut"),
        ("UPDATE records SET nonce = zeroblob(12) WHERE token = ?", "another nonce"),
        ("UPDATE records SET nonce = x'' WHERE token = ?", "no nonce"),
        ("UPDATE records SET cipher = 'none' WHERE token = ?", "no cipher of ours"),
        ("UPDATE records SET cipher = replace('sm4-gcm aes-256-gcm', cipher, '') WHERE token = ?", "the other cipher"),
        ("UPDATE records SET sealed = 'text' WHERE token = ?", "no bytes"),
        ("UPDATE records SET sealed = sealed || x'ff' WHERE token = ?", "no bytes, and no text"),
    ],
)
def test_a_changed_record_is_found_out(domain: Path, cipher: Cipher, statement: str, why: str) -> None:
    token = put(domain, "CN_MOBILE", MOBILE, cipher)
    changed(domain, statement, token[-19:-1])
    with pytest.raises(IntegrityError, match=r"does not open|cannot be used"):
        restore(domain, NAME, token, why)
    assert log(domain)[-1]["outcome"].startswith("refused")


@pytest.mark.parametrize("cipher", CIPHERS)
def test_records_cannot_be_exchanged(domain: Path, cipher: Cipher) -> None:
    one, other = put(domain, "CN_MOBILE", MOBILE, cipher), put(domain, "PERSON", "张三", cipher)
    changed(domain, "DELETE FROM records WHERE token = ?", one[-19:-1])
    changed(domain, "UPDATE records SET token = ? WHERE token = ?", one[-19:-1], other[-19:-1])
    with pytest.raises(IntegrityError, match="does not open"):
        restore(domain, NAME, one, "a test")


def test_a_second_run_changes_nothing(domain: Path) -> None:
    rows = "SELECT * FROM records ORDER BY token"
    first = put(domain, "CN_MOBILE", MOBILE)
    with sqlite3.connect(vault_path(domain, NAME)) as file:
        before = file.execute(rows).fetchall()
    assert put(domain, "CN_MOBILE", f"+86 {MOBILE}", "sm4-gcm") == first
    with sqlite3.connect(vault_path(domain, NAME)) as file:
        assert file.execute(rows).fetchall() == before
    assert restore(domain, NAME, first, "a test").text == MOBILE


def writes(root: str, first: int) -> None:
    vault = Vault(Path(root), load_key(Path(root), NAME))
    for n in range(first, first + 300):
        vault("CN_MOBILE", f"1747{n:07}")
    vault.close()


def test_several_processes_write_at_once(domain: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=writes, args=(str(domain), 100 * i)) for i in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert [worker.exitcode for worker in workers] == [0] * 4
    with sqlite3.connect(vault_path(domain, NAME)) as file:
        assert file.execute("SELECT count(*) FROM records").fetchone() == (600,)
    token = Pseudonyms(load_key(domain, NAME))
    for n in (0, 299, 300, 599):
        assert restore(domain, NAME, token("CN_MOBILE", f"1747{n:07}"), "a test").text == f"1747{n:07}"


def test_several_open_a_new_vault_at_once(tmp_path: Path) -> None:
    def opened(root: Path) -> None:
        Vault(root, Key(NAME, b"k" * 32)).close()

    for n in range(12):
        (tmp_path / f"{n}/vault").mkdir(parents=True)
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(opened, [tmp_path / str(n) for n in range(12) for _ in range(12)]))


def test_what_was_put_in_is_there_for_others_before_the_vault_is_closed(domain: Path) -> None:
    vault = Vault(domain, load_key(domain, NAME))
    token = vault("CN_MOBILE", MOBILE)
    assert restore(domain, NAME, token, "a test").text == MOBILE
    vault.close()


@pytest.mark.parametrize("damage", ["no database", "a table less", "a full disk", "shut"])
def test_no_error_shows_a_value(domain: Path, damage: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    vault = Vault(domain, load_key(domain, NAME))
    if damage == "no database":
        vault.close()
        vault_path(domain, NAME).write_bytes(b"x" * 5000)
    elif damage == "a table less":
        changed_table = sqlite3.connect(vault_path(domain, NAME))
        changed_table.execute("DROP TABLE records")
        changed_table.close()
    elif damage == "a full disk":
        vault._file.execute("PRAGMA max_page_count=1")
    else:
        vault._file.close()

    def fill() -> None:
        if damage == "no database":
            Vault(domain, load_key(domain, NAME))
        for n in range(2000):
            vault("CN_ID_CARD", f"{ID}{n}")

    with pytest.raises(CurateError) as error:
        fill()
    told = "".join(traceback.format_exception(error.value)) + caplog.text + repr(error.value.__dict__)
    assert ID not in told
    assert "INSERT" not in told.replace('self._file.execute("INSERT', "")
    vault._file.close()


def test_nothing_of_key_or_value_is_shown(domain: Path) -> None:
    vault = Vault(domain, Key(NAME, b"k" * 32))
    assert repr(vault) == "Vault(aes-256-gcm)"
    assert MOBILE not in repr(Restored("CN_MOBILE", MOBILE))
    vault.close()


def test_no_vault(domain: Path) -> None:
    with pytest.raises(DomainError, match="no such vault"):
        restore(domain, NAME, "b" * 18, "a test")
    with pytest.raises(UserError, match="no name"):
        restore(domain, "../x", "b" * 18, "a test")
    assert not (domain / "vault").joinpath(f"{NAME}.log.jsonl").exists()


def test_a_copy_of_the_vault_without_its_key_is_of_no_use(domain: Path, tmp_path: Path) -> None:
    token = put(domain, "CN_MOBILE", MOBILE)
    away = tmp_path / "away"
    (away / "vault").mkdir(parents=True)
    shutil.copy(vault_path(domain, NAME), away / "vault")
    with pytest.raises(DomainError, match="no such key"):
        restore(away, NAME, token, "a test")


COMMAND = typer.Typer()
for name, function in PII_COMMANDS.items():
    COMMAND.command(name)(function)


def called(*arguments: str) -> Result:
    return CliRunner().invoke(COMMAND, list(arguments))


def test_the_command_makes_a_key_and_restores_a_value(tmp_path: Path) -> None:
    (tmp_path / "domain.yaml").write_text("")
    made = called("key", NAME, "--domain", str(tmp_path))
    assert made.exit_code == 0
    key = load_key(tmp_path, NAME)
    assert key.id in made.stdout
    assert (tmp_path / f"vault/keys/{NAME}.key").read_text().strip() not in made.output
    token = put(tmp_path, "CN_MOBILE", MOBILE)
    asked = called("restore", token, "--domain", str(tmp_path), "--vault", NAME, "--reason", "complaint 17")
    assert asked.exit_code == 0
    assert asked.stdout == f"{MOBILE}\n"
    assert [line["reason"] for line in log(tmp_path)] == ["complaint 17"]
    assert called("restore", token, "--domain", str(tmp_path), "--vault", NAME).exit_code == 2, "no reason"


def test_the_command_asks_for_a_passphrase(tmp_path: Path) -> None:
    (tmp_path / "domain.yaml").write_text("")
    phrase = "a long passphrase"
    typed = f"{phrase}\n{phrase}\n"
    made = CliRunner().invoke(COMMAND, ["key", NAME, "--domain", str(tmp_path), "--passphrase"], input=typed)
    assert made.exit_code == 0
    assert phrase not in made.output
    vault = Vault(tmp_path, load_key(tmp_path, NAME, phrase))
    token = vault("PERSON", "张三")
    vault.close()
    look_up = ["restore", token, "--domain", str(tmp_path), "--vault", NAME, "--reason", "a test", "--passphrase"]
    assert CliRunner().invoke(COMMAND, look_up, input=f"{phrase}\n").stdout.endswith("张三\n")
    refused = CliRunner().invoke(COMMAND, look_up, input=f"{phrase}!\n")
    assert isinstance(refused.exception, DomainError)
    assert log(tmp_path)[-1]["outcome"] == "refused: wrong passphrase"
