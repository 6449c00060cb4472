"""Keys of a domain (密钥): files in vault/keys that hold a key or, for a key made of a passphrase, its salt.

A key is read by the process that uses it. It is in no configuration, fingerprint, task, log or error, and it does not pickle;
`Key.id` is what may be written down.
"""

from __future__ import annotations

import hmac
import json
import os
import re
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal, NoReturn

from ..errors import DomainError, UserError

__all__ = [
    "FOLDER",
    "PASSPHRASE_FILE",
    "Hash",
    "Key",
    "key_ids",
    "key_path",
    "load_key",
    "make_key",
    "refuse_open",
    "secret_file",
]

Hash = Literal["sha256", "sm3"]

FOLDER = "vault/keys"
"""Below the domain; it may be a link to another medium."""

PASSPHRASE_FILE = "CURATE_PASSPHRASE_FILE"  # noqa: S105  # a name
"""The variable that names a file with the passphrase, so that the processes of a run can read it."""

SIZE = 32
NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")
# RFC 7914; 128 * N * r = 128 MiB, a third of a second: once per process and key
SCRYPT = {"n": 1 << 17, "r": 8, "p": 1}
SHORTEST = 12
"""Characters of a passphrase."""


class Key:
    """A key under its name; what is derived of it (RFC 5869, expand) for one purpose tells nothing of the others."""

    __slots__ = ("_secret", "name")

    def __init__(self, name: str, secret: bytes) -> None:
        if len(secret) != SIZE:
            raise DomainError("key has a wrong size", where=name, got=f"{len(secret)} bytes", expected=f"{SIZE} bytes")
        self.name, self._secret = name, secret

    @property
    def id(self) -> str:
        """16 hexadecimal digits that tell keys apart and tell nothing of the key."""
        return self.derive("key id")[:8].hex()

    def derive(self, purpose: str, of: Hash = "sha256") -> bytes:
        """32 bytes for one purpose."""
        return mac(self._secret, f"qiancui 1 {purpose}\x01".encode(), of)

    def __repr__(self) -> str:
        return f"Key({self.name!r}, id={self.id})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key does not leave its process")


def mac(key: bytes, message: bytes, of: Hash) -> bytes:
    """HMAC-SHA-256 or HMAC-SM3, 32 bytes."""
    if of == "sha256":
        return hmac.digest(key, message, "sha256")
    # not hashlib's: the SSL library that Python was built with may lack SM3
    from cryptography.hazmat.primitives.hashes import SM3
    from cryptography.hazmat.primitives.hmac import HMAC

    made = HMAC(key, SM3())
    made.update(message)
    return made.finalize()


def key_path(root: Path, name: str) -> Path:
    """Where the key `name` of the domain at `root` is.

    Raises:
        UserError: that is no name of a key.
    """
    if not NAME.fullmatch(name):
        raise UserError("no name of a key", expected="a small letter, then small letters, digits, - and _")
    return root / FOLDER / f"{name}.key"


def make_key(root: Path, name: str, passphrase: str | None = None) -> Key:
    """Make the key `name`: 32 random bytes, or scrypt of a passphrase, which is not written down.

    Raises:
        DomainError: there is one, or the folder is no domain.
        UserError: the name is none, or the passphrase is too short.
    """
    path = key_path(root, name)
    if not (root / "domain.yaml").is_file():
        raise DomainError("no domain", where=str(root), expected="a folder with domain.yaml")
    if passphrase is not None and len(passphrase) < SHORTEST:
        raise UserError("passphrase is too short", expected=f"at least {SHORTEST} characters")
    salt = os.urandom(SIZE)
    if passphrase is None:
        key, content = Key(name, salt), salt.hex() + "\n"
    else:
        key = Key(name, _scrypt(passphrase, salt, SCRYPT))
        content = json.dumps({"scrypt": SCRYPT, "salt": salt.hex(), "id": key.id}) + "\n"
    for folder in (path.parent.parent, path.parent):
        folder.mkdir(mode=0o700, exist_ok=True)
    try:
        secret_file(path, content.encode())
    except FileExistsError:
        raise DomainError(
            "there is such a key",
            where=f"{FOLDER}/{path.name}",
            fix="Datasets made with it would need it; name another.",
        ) from None
    return key


def load_key(root: Path, name: str, passphrase: str | None = None) -> Key:
    """The key `name` of the domain at `root`; the passphrase, if it needs one, comes from the file named by the environment.

    Raises:
        DomainError: there is none, others may read it, or the passphrase is wrong or missing.
    """
    path, where = key_path(root, name), f"{FOLDER}/{name}.key"
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            content = file.read(1 << 12)
    except FileNotFoundError:
        raise DomainError("no such key", where=where, fix=f"`curate pii key {name}` makes it.") from None
    refuse_open(mode, where)
    if not content.startswith(b"{"):
        return Key(name, _bytes(content, where))
    try:
        told = json.loads(content)
        salt, settings, expected = bytes.fromhex(told["salt"]), told["scrypt"], told["id"]
        cost = {part: int(settings[part]) for part in SCRYPT}
    except (ValueError, KeyError, TypeError):
        raise DomainError("key file cannot be read", where=where) from None
    key = Key(name, _scrypt(_passphrase(where) if passphrase is None else passphrase, salt, cost))
    if not hmac.compare_digest(key.id, str(expected)):
        raise DomainError("wrong passphrase", where=where)
    return key


def key_ids(root: Path, names: Iterable[str]) -> dict[str, str]:
    """The id of each key: what a fingerprint holds, so that another key makes the work anew.

    Raises:
        DomainError: as `load_key`.
    """
    return {name: load_key(root, name).id for name in names}


def secret_file(path: Path, content: bytes = b"") -> None:
    """Make a file that its owner alone can read; it must not be there yet."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def refuse_open(mode: int, where: str) -> None:
    """Refuse a file that its owner is not alone to read.

    Raises:
        DomainError: group or others have any right to it.
    """
    if mode & 0o077:
        raise DomainError(
            "others may read this file", where=where, got=f"mode {mode:04o}", expected="0600", fix="chmod it."
        )


def _bytes(content: bytes, where: str) -> bytes:
    try:
        return bytes.fromhex(content.decode("ascii").strip())
    except ValueError:
        raise DomainError("key file cannot be read", where=where, expected=f"{2 * SIZE} hexadecimal digits") from None


def _passphrase(where: str) -> str:
    file = os.environ.get(PASSPHRASE_FILE)
    if not file:
        raise DomainError(
            "key needs its passphrase", where=where, fix=f"Name a file that holds it in {PASSPHRASE_FILE}."
        )
    try:
        with Path(file).open(encoding="utf-8") as held:
            refuse_open(stat.S_IMODE(os.fstat(held.fileno()).st_mode), PASSPHRASE_FILE)
            return held.read().rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise DomainError("file with the passphrase cannot be read", where=PASSPHRASE_FILE) from None


def _scrypt(passphrase: str, salt: bytes, cost: Mapping[str, int]) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    return Scrypt(salt=salt, length=SIZE, **cost).derive(passphrase.encode())
