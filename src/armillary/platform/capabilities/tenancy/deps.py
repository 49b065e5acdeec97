"""What tenancy's routes and tasks are given."""

from dataclasses import dataclass

from armillary.platform.capabilities.tenancy.guard.asking import Asking
from armillary.platform.capabilities.tenancy.guard.door import Door
from armillary.platform.capabilities.tenancy.guard.guard import Guard
from armillary.platform.capabilities.tenancy.guard.leaving import Leaving
from armillary.platform.capabilities.tenancy.quota.charges import Charges
from armillary.platform.capabilities.tenancy.quota.gate import Gate
from armillary.platform.frame.parts import Parts


@dataclass(frozen=True, slots=True)
class Tenancy:
    parts: Parts
    door: Door
    guard: Guard
    gate: Gate


def connect(parts: Parts) -> Tenancy:
    client, reads, clock = parts.client, parts.reads, parts.clock
    return Tenancy(
        parts,
        Door(client, clock, parts.settings.namespace),
        Guard(client, reads, Asking(client), Leaving(client, clock, parts.settings.namespace)),
        Gate(client, reads, Charges(client, clock)),
    )
