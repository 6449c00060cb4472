"""A reversible vault (可逆映射): token -> encrypted value in vault/NAME.sqlite, which never leaves the domain.

Tokens are those of `pseudonyms`, so a re-run writes nothing new. The file holds no key: it opens under the key of its name alone.
Several processes may write at once (write-ahead log; the file must be on a local disk). A value is restored only with a reason,
and after the look-up stands in vault/NAME.log.jsonl.
"""

from __future__ import annotations

import fcntl
import json
import os
import pwd
import sqlite3
import stat
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher as Modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM

from ..errors import DomainError, IntegrityError, UserError
from .keys import Hash, Key, key_path, load_key, refuse_open, secret_file
from .pseudonyms import LENGTH, LETTERS, TOKEN, Pseudonyms

__all__ = ["Cipher", "Restored", "Vault", "restore", "vault_path"]

Cipher = Literal["aes-256-gcm", "sm4-gcm"]

FOLDER = "vault"
NONCE, TAG = 12, 16
WAIT = 120.0
"""Seconds that a writer waits for the others."""
KNOWN = 1 << 16
"""Tokens that a process remembers having written."""
REASON = 500
"""Characters of a reason."""
SCHEMA = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS records (token TEXT PRIMARY KEY, cipher TEXT NOT NULL, nonce BLOB NOT NULL, sealed BLOB NOT NULL)
WITHOUT ROWID;
"""


@dataclass(frozen=True)
class Restored:
    """A value as it was written where the token was made first, and its entity."""

    entity: str
    text: str = field(repr=False)


def vault_path(root: Path, name: str) -> Path:
    """Where the vault `name` of the domain at `root` is."""
    return root / FOLDER / f"{name}.sqlite"


class Vault:
    """Puts values in, one transaction each; made in the process that uses it.

    Raises:
        DomainError: the file is another key's, others may read it, or it is no vault.
    """

    def __init__(self, root: Path, key: Key, of: Hash = "sha256", cipher: Cipher = "aes-256-gcm") -> None:
        self._token, self._cipher = Pseudonyms(key, of), cipher
        self._sealing = key.derive(f"vault {cipher}")
        self._known: set[str] = set()
        self._file = _connect(vault_path(root, key.name), key)

    def __call__(self, entity: str, text: str) -> str:
        """The value's token; the value is in the vault when this returns.

        Raises:
            IntegrityError: the vault cannot be written.
        """
        token = self._token(entity, text)
        letters = token[-LENGTH - 1 : -1]
        if letters not in self._known:
            with _no_values():
                sealed = _seal(
                    self._sealing, self._cipher, letters, f"{entity}\0{text}".encode("utf-8", "surrogatepass")
                )
                # the first writer's text stays: another way to write the value is the same value
                self._file.execute(
                    "INSERT OR IGNORE INTO records VALUES (?, ?, ?, ?)", (letters, self._cipher, *sealed)
                )
            if len(self._known) >= KNOWN:
                self._known.clear()
            self._known.add(letters)
        return token

    def flush(self) -> None:
        """Wait until all that was put in is on the disk: before the tokens are handed on."""
        with _no_values():
            self._file.execute("PRAGMA synchronous=FULL")
            self._file.execute("INSERT OR REPLACE INTO about VALUES ('flushed', '1')")
            self._file.execute("PRAGMA synchronous=NORMAL")

    def close(self) -> None:
        """Flush and let go of the file."""
        self.flush()
        self._file.close()

    def __repr__(self) -> str:
        return f"Vault({self._cipher})"


def restore(root: Path, name: str, token: str, reason: str, passphrase: str | None = None) -> Restored:
    """The value behind a token, as it stands in a text or its letters alone; logged before it is given.

    Raises:
        UserError: that is no token, or no reason is given.
        DomainError: no such vault, key or token, or the vault is another key's.
        IntegrityError: the record was changed or is damaged.
    """
    found = TOKEN.fullmatch(token.strip())
    letters = found[1] if found else token.strip()
    if len(letters) != LENGTH or not set(letters) <= set(LETTERS):
        # what was typed may be a value: it is not repeated
        raise UserError("that is no token", expected=f"<LABEL_> with {LENGTH} letters, or the letters")
    reason = " ".join(reason.split())[:REASON]
    if not reason:
        raise UserError("a look-up needs a reason")
    key_path(root, name)  # refuses what is no name
    path = vault_path(root, name)
    if not path.is_file():
        raise DomainError("no such vault", where=f"{FOLDER}/{path.name}")
    about = {"vault": name, "token": letters, "reason": reason, "user": _user()}
    try:
        key = load_key(root, name, passphrase)
        with closing(_connect(path, key)) as file, _no_values():
            row = file.execute("SELECT cipher, nonce, sealed FROM records WHERE token = ?", (letters,)).fetchone()
        if row is None:
            raise DomainError("the vault has no such token", where=f"{FOLDER}/{name}.sqlite")
        entity, _, text = _unseal(key, letters, *row).decode("utf-8", "surrogatepass").partition("\0")
    except (DomainError, IntegrityError) as error:
        _log(path, {**about, "outcome": f"refused: {error.what}"})
        raise
    _log(path, {**about, "outcome": "restored"})
    return Restored(entity, text)


def _log(vault: Path, entry: Mapping[str, str]) -> None:
    """Append a look-up to the vault's log; it is on the disk when this returns."""
    line = json.dumps({"at": datetime.now(UTC).isoformat(timespec="seconds"), **entry}, ensure_ascii=False)
    descriptor = os.open(vault.with_suffix(".log.jsonl"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(f"{line}\n".encode("utf-8", "replace"))
        file.flush()
        os.fsync(file.fileno())


def _user() -> str:
    """The account that runs this, not what the environment says of it."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def _connect(path: Path, key: Key) -> sqlite3.Connection:
    """The vault's file, after its owner, its mode and its key were looked at."""
    where = f"{FOLDER}/{path.name}"
    if not path.is_file():
        with suppress(FileExistsError):  # another process was faster
            secret_file(path)
    refuse_open(stat.S_IMODE(path.stat().st_mode), where)
    # one process at a time: SQLite is not bound to wait for others when it turns to a write-ahead log
    turn = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(turn, fcntl.LOCK_EX)
        file = sqlite3.connect(path, timeout=WAIT, isolation_level=None)
        try:
            file.execute("PRAGMA journal_mode=WAL")
            file.execute("PRAGMA synchronous=NORMAL")
            file.executescript(SCHEMA)
            file.execute("INSERT OR IGNORE INTO about VALUES ('key', ?)", (key.id,))
            owner = file.execute("SELECT value FROM about WHERE name = 'key'").fetchone()[0]
        except sqlite3.DatabaseError:
            file.close()
            raise IntegrityError("vault cannot be read", where=where) from None
    finally:
        os.close(turn)
    if owner != key.id:
        file.close()
        raise DomainError("vault is another key's", where=where, got=f"key {key.id}", expected=f"key {owner}")
    return file


@contextmanager
def _no_values() -> Iterator[None]:
    """SQLite's errors without what SQLite was asked."""
    try:
        yield
    except sqlite3.Error as error:
        kind = getattr(error, "sqlite_errorname", type(error).__name__)
        raise IntegrityError("vault cannot be used", got=kind, fix="See that its disk is local and has room.") from None


def _seal(secret: bytes, cipher: str, letters: str, content: bytes) -> tuple[bytes, bytes]:
    """Nonce, and content with its tag; bound to the token, so that records cannot be exchanged."""
    nonce, bound = os.urandom(NONCE), f"{cipher} {letters}".encode()
    if cipher == "aes-256-gcm":
        return nonce, AESGCM(secret).encrypt(nonce, content, bound)
    sealing = Modes(SM4(secret[:16]), GCM(nonce)).encryptor()
    sealing.authenticate_additional_data(bound)
    sealed = sealing.update(content) + sealing.finalize()
    return nonce, sealed + sealing.tag


def _unseal(key: Key, letters: str, cipher: str, nonce: bytes, sealed: bytes) -> bytes:
    secret, bound = key.derive(f"vault {cipher}"), f"{cipher} {letters}".encode()
    try:
        if cipher == "aes-256-gcm":
            return AESGCM(secret).decrypt(nonce, sealed, bound)
        if cipher == "sm4-gcm":
            opening = Modes(SM4(secret[:16]), GCM(nonce, sealed[-TAG:], min_tag_length=TAG)).decryptor()
            opening.authenticate_additional_data(bound)
            return opening.update(sealed[:-TAG]) + opening.finalize()
    except (InvalidTag, ValueError, TypeError):
        pass
    raise IntegrityError("record was changed or is damaged: it does not open", where=f"token {letters}")
