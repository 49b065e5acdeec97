"""What is written about a provider after a look at it: whether it works, and what became of its users. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from armillary.base.clock import format_time, parse_time
from armillary.kube.kinds.meta import Condition
from armillary.kube.reconcile import Action, Decision, Patch
from armillary.platform.capabilities.federation.decide.sync import Looked, changes
from armillary.platform.capabilities.federation.kinds import IDENTITY_PROVIDER, IdentityProvider
from armillary.platform.capabilities.federation.trial import Trial

LOOK_AGAIN, LOOK_AGAIN_FAILED = timedelta(minutes=5), timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Seen:
    """A provider, tried if it is switched on; and its users, if it was time to look at them."""

    provider: IdentityProvider
    now: datetime
    trial: Trial | None = None
    looked: Looked | None = None
    look_fault: str = ""


def is_sync_due(provider: IdentityProvider, now: datetime) -> bool:
    wait = until_sync(provider, now)
    return wait is not None and wait <= timedelta()


def until_sync(provider: IdentityProvider, now: datetime) -> timedelta | None:
    """None where accounts are never looked at."""
    spec, last = provider.spec, provider.status.last_sync
    if spec.ldap is None or spec.disabled or not spec.ldap.sync_seconds:
        return None
    if not last:
        return timedelta()
    return parse_time(last) + timedelta(seconds=spec.ldap.sync_seconds) - now


def decide(seen: Seen) -> Decision:
    ready = _ready(seen)
    wanted = [ready, *([synced] if (synced := _synced(seen)) is not None else [])]
    names = {condition.type for condition in wanted}
    old = {condition.type: condition for condition in seen.provider.status.conditions}
    kept = [condition for name, condition in old.items() if name not in names]
    conditions = [*(_since(condition, old.get(condition.type)) for condition in wanted), *kept]
    status: dict[str, Any] = {}
    if tuple(conditions) != seen.provider.status.conditions:
        status["conditions"] = msgspec.to_builtins(conditions)
    if seen.provider.status.observed_generation != seen.provider.metadata.generation:
        status["observedGeneration"] = seen.provider.metadata.generation
    is_synced = seen.looked is not None and not seen.looked.is_doubtful
    if is_synced:
        status["lastSync"] = format_time(seen.now)
    actions: tuple[Action, ...] = changes(seen.looked) if seen.looked is not None else ()
    if status:
        key = ("", seen.provider.metadata.name)
        actions += (Patch(IDENTITY_PROVIDER, key, {"status": status}, subresource="status"),)
    return Decision(ready.message, actions, _again(seen, is_synced=is_synced))


def _again(seen: Seen, *, is_synced: bool) -> timedelta | None:
    if seen.trial is None:
        return None
    look = LOOK_AGAIN if seen.trial.succeeded else LOOK_AGAIN_FAILED
    ldap = seen.provider.spec.ldap
    wait = until_sync(seen.provider, seen.now)
    if wait is None or ldap is None:
        return look
    if is_synced:
        return min(look, timedelta(seconds=ldap.sync_seconds))
    return min(look, wait) if wait > timedelta() else LOOK_AGAIN_FAILED


def _ready(seen: Seen) -> Condition:
    trial = seen.trial
    if trial is None:
        return _condition(seen, "Ready", "False", "Disabled", "switched off")
    if trial.succeeded:
        return _condition(seen, "Ready", "True", "Reachable", trial.steps[-1].says)
    failed = next(step for step in trial.steps if not step.succeeded)
    reasons = {"settings": "Invalid", "secret": "SecretMissing"}
    return _condition(seen, "Ready", "False", reasons.get(failed.name, "Unreachable"), trial.fault)


def _synced(seen: Seen) -> Condition | None:
    if seen.look_fault:
        return _condition(seen, "Synced", "False", "Unreachable", seen.look_fault)
    if seen.looked is None:
        return None
    if seen.looked.is_doubtful:
        count = len(seen.looked.users)
        says = f"the directory knows none of {count} linked users, so none was disabled; look at baseDn and filter"
        return _condition(seen, "Synced", "False", "NobodyFound", says)
    return _condition(seen, "Synced", "True", "Synced", "users are as the directory has them")


def _condition(seen: Seen, type_: str, status: str, reason: str, message: str) -> Condition:
    return Condition(
        type=type_,
        status=status,
        reason=reason,
        message=message,
        last_transition_time=format_time(seen.now),
        observed_generation=seen.provider.metadata.generation,
    )


def _since(new: Condition, old: Condition | None) -> Condition:
    """It became so when its status changed."""
    if old is None or old.status != new.status:
        return new
    return msgspec.structs.replace(new, last_transition_time=old.last_transition_time)
