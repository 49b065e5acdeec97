"""The ledger of a workspace's quota: may this be admitted, and what is used. Pure.

What was admitted is charged before it exists. Until it is seen in the cluster it stands among the pending, so that a
recount can't give it away a second time; what never came to be is forgotten after `PENDING_SECONDS`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from armillary.base.clock import age, format_time
from armillary.platform.capabilities.tenancy.kinds import Pending, Usage
from armillary.platform.capabilities.tenancy.quota.usage import Amounts, number, quantity, total

PENDING_SECONDS = 30.0  # an API server gives a webhook 10 s, and stores what it admitted at once after


@dataclass(frozen=True, slots=True)
class Ask:
    """One object that is to be written: what it will use, and what it uses now (nothing if it is new)."""

    uid: str
    new: Amounts
    old: Amounts


@dataclass(frozen=True, slots=True)
class Excess:
    """More asked than left, of one resource."""

    name: str
    asked: int
    used: int
    hard: int

    def __str__(self) -> str:
        left = quantity(self.name, max(0, self.hard - self.used))
        asked, used, hard = (quantity(self.name, n) for n in (self.asked, self.used, self.hard))
        return f"{self.name}: asked {asked}, left {left} of {hard} (used {used})"


@dataclass(frozen=True, slots=True)
class Refused:
    """Why an ask can't be admitted."""

    excesses: tuple[Excess, ...] = ()
    uncounted: tuple[str, ...] = ()  # names whose use is not known yet


def growth(ledger: Usage, ask: Ask, names: Iterable[str]) -> dict[str, int]:
    """By how much it adds to each of these names; what shrinks is left to the recount.

    What is pending for the object has been charged: asked again, it adds nothing.
    """
    known = ledger.pending.get(ask.uid, Pending(at="")).used
    has = {name: max(ask.old.get(name, 0), number(name, known.get(name, "0"))) for name in names}
    grown = {name: ask.new.get(name, 0) - has[name] for name in names}
    return {name: more for name, more in grown.items() if more > 0}


def charge(ledger: Usage, hard: Mapping[str, str], ask: Ask, now: datetime) -> Usage | Refused:
    """The ledger with the ask on it, or why not. Unchanged if it adds nothing."""
    more = growth(ledger, ask, hard)
    uncounted = tuple(sorted(name for name in more if name not in ledger.used))
    if uncounted:
        return Refused(uncounted=uncounted)
    used = {name: number(name, ledger.used[name]) for name in more}
    found = [Excess(name, more[name], used[name], number(name, hard[name])) for name in sorted(more)]
    excesses = tuple(one for one in found if one.used + one.asked > one.hard)
    if excesses:
        return Refused(excesses)
    if not more:
        return ledger
    charged = {name: quantity(name, used[name] + more[name]) for name in more}
    going_to_use = {name: quantity(name, ask.new[name]) for name in hard if ask.new.get(name)}
    pending = Pending(at=format_time(now), used=going_to_use, grows=bool(ask.old))
    return Usage(hard=dict(hard), used={**ledger.used, **charged}, pending={**ledger.pending, ask.uid: pending})


def charge_all(
    ledger: Usage, hard: Mapping[str, str], asks: Sequence[Ask], now: datetime
) -> tuple[Usage, list[Refused | None]]:
    """One after the other: each sees what those before it were given."""
    answers: list[Refused | None] = []
    for ask in asks:
        result = charge(ledger, hard, ask, now)
        answers.append(result if isinstance(result, Refused) else None)
        ledger = ledger if isinstance(result, Refused) else result
    return ledger, answers


def recount(ledger: Usage, hard: Mapping[str, str], live: Mapping[str, Amounts], now: datetime) -> Usage:
    """The ledger as the objects that exist have it, by uid, and what is still pending beside them."""
    pending = {uid: one for uid, one in ledger.pending.items() if _is_pending(one, live.get(uid), now)}
    more = [_beyond(one, live.get(uid, {})) for uid, one in pending.items()]
    sums = total((*live.values(), *more))
    return Usage(hard=dict(hard), used={name: quantity(name, sums[name]) for name in hard}, pending=pending)


def seconds_left(ledger: Usage, now: datetime) -> float:
    """Until the first of what is pending is forgotten; there must be some."""
    oldest = max(age(one.at, now).total_seconds() for one in ledger.pending.values())
    return PENDING_SECONDS - oldest + 1.0  # times are written in whole seconds


def _is_pending(one: Pending, live: Amounts | None, now: datetime) -> bool:
    if age(one.at, now).total_seconds() > PENDING_SECONDS:
        return False
    if live is None:
        return not one.grows  # what was to grow and is gone will not
    return one.grows and any(number(name, text) > live.get(name, 0) for name, text in one.used.items())


def _beyond(one: Pending, live: Amounts) -> Amounts:
    """What it will use more than it does."""
    return {name: max(0, number(name, text) - live.get(name, 0)) for name, text in one.used.items()}


def refusal_text(workspace: str, refused: Refused, people: str) -> str:
    """Which quota, how much is left, and who can raise it."""
    if refused.uncounted:
        return f"workspace quota {workspace}: {', '.join(refused.uncounted)} is being counted; try again in a moment"
    what = "; ".join(map(str, refused.excesses))
    return f"workspace quota {workspace}: {what}; {people} can raise it"
