"""`pii key`, `pii restore`: keys of a domain, and one value back out of its vault."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from .output import message, result

__all__ = ["PII_COMMANDS"]

Domain = Annotated[Path, typer.Option("--domain", metavar="DIR", help="The domain's folder.")]
Passphrase = Annotated[bool, typer.Option("--passphrase", help="Ask for the key's passphrase.")]


def key(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="What configs call it; `dataset` is what they say unless told.")
    ],
    domain: Domain,
    passphrase: Passphrase = False,
) -> None:
    """Make a key for pseudonyms, surrogates and the vault: DIR/vault/keys/NAME.key, for its owner alone.

    With --passphrase the file holds a salt, and the key is scrypt of the passphrase; a run then reads the passphrase from the
    file that the variable CURATE_PASSPHRASE_FILE names. Keep a copy elsewhere: without its key a vault cannot be opened.
    """
    from ..pii.keys import FOLDER, make_key

    made = make_key(domain, name, _asked(confirm=True) if passphrase else None)
    result([f"made {FOLDER}/{name}.key, id {made.id}"])


def restore(
    token: Annotated[str, typer.Argument(metavar="TOKEN", help="As it stands in the text, or its letters.")],
    domain: Domain,
    vault: Annotated[str, typer.Option(metavar="NAME", help="The vault, named as its key.")],
    reason: Annotated[
        str, typer.Option(metavar="TEXT", help="Why; it is logged with the token, the time and the account.")
    ],
    passphrase: Passphrase = False,
) -> None:
    """Print the value behind a token of the domain's vault; each look-up is logged in DIR/vault/NAME.log.jsonl."""
    from ..pii.vault import restore as look_up

    found = look_up(domain, vault, token, reason, _asked() if passphrase else None)
    message(f"{found.entity}; this look-up is logged")
    result([found.text])


def _asked(*, confirm: bool = False) -> str:
    return str(typer.prompt("Passphrase", hide_input=True, confirmation_prompt=confirm, err=True))


PII_COMMANDS: dict[str, Callable[..., None]] = {"key": key, "restore": restore}
