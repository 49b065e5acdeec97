"""How API servers reach the guard."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GuardSettings:
    """`url` is an https:// origin that the host cluster's API server can reach, `ca` the PEM of who signed it."""

    url: str
    ca: str
