"""Where the cluster's certificates, keys and tokens are; made by `pki.py`, which parts need not load."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Pki:
    """Where everything is, and the tokens of the engine's parts by user name."""

    directory: Path
    node: str
    tokens: Mapping[str, str]

    def crt(self, name: str) -> Path:
        return self.directory / f"{name}.crt"

    def key(self, name: str) -> Path:
        return self.directory / f"{name}.key"

    @property
    def ca(self) -> Path:
        return self.crt("ca")

    @property
    def signing_key(self) -> Path:
        """Signs service-account tokens."""
        return self.key("sa")

    @property
    def verification_keys(self) -> Path:
        """One or more public keys: the signing key's first, then earlier ones whose tokens still count."""
        return self.directory / "sa.pub"

    @property
    def token_file(self) -> Path:
        return self.directory / "tokens.csv"


def load_pki(directory: Path, node: str) -> Pki:
    """What `pki.ensure_pki` made."""
    with (directory / "tokens.csv").open(newline="") as file:
        return Pki(directory, node, {row[1]: row[0] for row in csv.reader(file) if len(row) >= 3})
