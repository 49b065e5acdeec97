"""Tokens on request: the `token` subresource of service accounts.

Semantics: k8s.io/kubernetes, pkg/registry/core/serviceaccount/storage/token.go.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from armillary.base.clock import Clock, format_time
from armillary.base.errors import ApiError, BadRequest, Conflict
from armillary.engine.apiserver.auth.tokens import Bound, Issuer
from armillary.engine.apiserver.ports import Answer, Call
from armillary.engine.apiserver.subresources.binding import admit
from armillary.engine.apiserver.subresources.body import field, look_up, read_object, strings
from armillary.engine.kinds.faults import invalid, refusal, shown
from armillary.engine.kinds.resource import Json

GROUP, KIND = "authentication.k8s.io", "TokenRequest"
LEAST_SECONDS, DEFAULT_SECONDS = 600, 3600
# What the ServiceAccount admission plugin asks for. Such tokens live on for a year, for the sake of clients that do
# not read theirs again; the agent renews them all the same.
PROJECTED_SECONDS = 3607
EXTENDED_SECONDS = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class TokenRequests:
    """The handler of `serviceaccounts/token`."""

    issuer: Issuer
    audiences: Sequence[str]
    clock: Clock

    async def create(self, call: Call) -> Answer:
        request = read_object(call, KIND)
        account = look_up(call, "serviceaccounts", call.namespace, call.name)
        now = self.clock.now()
        self._complete(request, call, account)
        await admit(call, request, call.name)
        spec = request["spec"]
        to = _bound_to(spec.get("boundObjectRef"), call)
        seconds, warn_after = spec["expirationSeconds"], 0
        if "pod" in to and seconds == PROJECTED_SECONDS and set(spec["audiences"]) <= set(self.audiences):
            seconds, warn_after = EXTENDED_SECONDS, seconds
        token = self.issuer.bound(account, spec["audiences"], now, seconds, warn_after_seconds=warn_after, **to)
        ends = now + timedelta(seconds=spec["expirationSeconds"])
        request["metadata"]["creationTimestamp"] = format_time(now)
        body = {"kind": KIND, "apiVersion": f"{GROUP}/v1", "metadata": request["metadata"], "spec": spec}
        return Answer(body | {"status": {"token": token, "expirationTimestamp": format_time(ends)}}, 201)

    def _complete(self, request: Json, call: Call, account: Json) -> None:
        """Check what was sent and fill in what was not."""
        metadata = request["metadata"] = dict(field(request, "metadata", dict, {}))
        for name, value in (("name", call.name), ("namespace", call.namespace)):
            sent = metadata.setdefault(name, value)
            if sent != value:
                why = f"must match the service account {name} if specified"
                raise refusal(GROUP, KIND, call.name, [invalid(f"metadata.{name}", sent, why)])
        uid = account["metadata"]["uid"]
        if metadata.setdefault("uid", uid) != uid:
            raise _conflict(
                KIND,
                call.name,
                f"the UID in the token request ({metadata['uid']}) does not match the UID of the service account "
                f"({uid})",
                GROUP,
            )
        spec = request["spec"] = dict(field(request, "spec", dict, {}))
        spec["audiences"] = list(strings(request, "spec.audiences") or self.audiences)
        seconds = spec["expirationSeconds"] = field(request, "spec.expirationSeconds", int, DEFAULT_SECONDS)
        where = "spec.expirationSeconds"
        if seconds < LEAST_SECONDS:
            raise refusal(GROUP, KIND, "", [invalid(where, seconds, "may not specify a duration less than 10 minutes")])
        if seconds > 1 << 32:
            raise refusal(
                GROUP, KIND, "", [invalid(where, seconds, "may not specify a duration larger than 2^32 seconds")]
            )


def _bound_to(reference: Json | None, call: Call) -> dict[str, Bound]:
    if reference is None:
        return {}
    kind, name = reference.get("kind", ""), reference.get("name", "")
    match reference.get("apiVersion", ""), kind:
        case "v1", "Pod":
            found = look_up(call, "pods", call.namespace, name)
            if found["spec"].get("serviceAccountName", "") != call.name:
                raise BadRequest(
                    f"cannot bind token for serviceaccount {shown(call.name)} to pod running with different "
                    "serviceaccount name."
                )
        case "v1", "Node":
            found = look_up(call, "nodes", "", name)
        case "v1", "Secret":
            found = look_up(call, "secrets", call.namespace, name)
        case version, _:
            group, _, version = version.rpartition("/")
            raise BadRequest(f"cannot bind token to object of type {group}/{version}, Kind={kind}")
    uid = found["metadata"]["uid"]
    if reference.get("uid") not in (None, "", uid):
        raise _conflict(
            kind,
            name,
            f"the UID in the bound object reference ({reference['uid']}) does not match the UID in record. "
            "The object might have been deleted and then recreated",
        )
    bound = {kind.lower(): Bound(name, uid)}
    node = found["spec"].get("nodeName") if kind == "Pod" else None
    if node:
        known = call.server.objects.get("nodes", "", node)
        bound["node"] = Bound(node, known["metadata"]["uid"] if known is not None else "")
    return bound


def _conflict(kind: str, name: str, why: str, group: str = "") -> ApiError:
    full = f"{kind}.{group}" if group else kind
    said = f"Operation cannot be fulfilled on {full} {shown(name)}: {why}"
    return Conflict(said, group=group, kind=kind, name=name)
