"""Authorizers asked one after the other."""

from collections.abc import Sequence

from armillary.engine.apiserver.auth.users import MASTERS
from armillary.engine.apiserver.ports import Attributes, Authorizer, Verdict

_MASTER = Verdict(True)


class Union:
    """Allows what any of them allows. The group system:masters may do everything and is not asked about."""

    def __init__(self, authorizers: Sequence[Authorizer]) -> None:
        self._authorizers = tuple(authorizers)

    def authorize(self, attributes: Attributes) -> Verdict:
        if MASTERS in attributes.user.groups:
            return _MASTER
        reasons = []
        for authorizer in self._authorizers:
            verdict = authorizer.authorize(attributes)
            if verdict.allowed:
                return verdict
            if verdict.reason:
                reasons.append(verdict.reason)
        return Verdict(False, "\n".join(reasons))
