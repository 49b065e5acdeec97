"""Questions about who one is and what one may do, asked by creating objects that are never stored.

Semantics: k8s.io/kubernetes, pkg/registry/authorization and pkg/registry/authentication.
"""

from collections.abc import Mapping
from typing import Any

from armillary.base.clock import Clock, format_time
from armillary.base.errors import BadRequest, Cause, Unauthorized
from armillary.engine.apiserver.auth.authenticate import RequestAuthenticator
from armillary.engine.apiserver.auth.rbac import Rbac
from armillary.engine.apiserver.auth.users import node_of
from armillary.engine.apiserver.ports import Answer, Attributes, Authorizer, Call, Handler, User
from armillary.engine.apiserver.subresources.body import field, read_object, strings
from armillary.engine.kinds.faults import invalid, refusal
from armillary.engine.kinds.resource import Json

_AUTHORIZATION, _AUTHENTICATION = "authorization.k8s.io", "authentication.k8s.io"
_EXACTLY_ONE = "exactly one of nonResourceAttributes or resourceAttributes must be specified"


def review_handlers(
    authenticator: RequestAuthenticator, authorizer: Authorizer, rbac: Rbac, clock: Clock
) -> dict[tuple[str, str], Handler]:
    """By resource and subresource."""
    access = AccessReviews(authorizer, rbac)
    identity = IdentityReviews(authenticator, clock)
    return {
        (f"subjectaccessreviews.{_AUTHORIZATION}", ""): access.subject,
        (f"localsubjectaccessreviews.{_AUTHORIZATION}", ""): access.local,
        (f"selfsubjectaccessreviews.{_AUTHORIZATION}", ""): access.own,
        (f"selfsubjectrulesreviews.{_AUTHORIZATION}", ""): access.rules,
        (f"tokenreviews.{_AUTHENTICATION}", ""): identity.token,
        (f"selfsubjectreviews.{_AUTHENTICATION}", ""): identity.own,
    }


class AccessReviews:
    """May somebody do something?"""

    def __init__(self, authorizer: Authorizer, rbac: Rbac) -> None:
        self._authorizer = authorizer
        self._rbac = rbac

    async def subject(self, call: Call) -> Answer:
        review = read_object(call, "SubjectAccessReview")
        _check("SubjectAccessReview", [*_faults(review), *_subject_faults(review), *_metadata_faults(review)])
        return self._answer(review, _subject_of(review))

    async def local(self, call: Call) -> Answer:
        kind = "LocalSubjectAccessReview"
        review = read_object(call, kind)
        metadata = review.setdefault("metadata", {})
        metadata.setdefault("namespace", call.namespace)
        if metadata["namespace"] != call.namespace:
            raise BadRequest(f"spec.resourceAttributes.namespace must match namespace: {call.namespace}")
        faults = [*_faults(review), *_subject_faults(review)]
        asked = field(review, "spec.resourceAttributes.namespace", str, "")
        if "resourceAttributes" in review["spec"] and asked != call.namespace:
            faults.append(invalid("spec.resourceAttributes.namespace", asked, "must match metadata.namespace"))
        if "nonResourceAttributes" in review["spec"]:
            value = review["spec"]["nonResourceAttributes"]
            faults.append(invalid("spec.nonResourceAttributes", value, "disallowed on this kind of request"))
        _check(kind, faults)
        return self._answer(review, _subject_of(review))

    async def own(self, call: Call) -> Answer:
        review = read_object(call, "SelfSubjectAccessReview")
        _check("SelfSubjectAccessReview", [*_faults(review), *_metadata_faults(review)])
        return self._answer(review, call.user)

    async def rules(self, call: Call) -> Answer:
        review = read_object(call, "SelfSubjectRulesReview")
        namespace = field(review, "spec.namespace", str, "")
        if not namespace:
            raise BadRequest("no namespace on request")
        rules = [rule.to_json() for rule in self._rbac.rules_for(call.user, namespace)]
        status: Json = {
            "resourceRules": [rule for rule in rules if "resources" in rule],
            "nonResourceRules": [
                {"verbs": rule["verbs"], "nonResourceURLs": rule["nonResourceURLs"]}
                for rule in rules
                if "nonResourceURLs" in rule
            ],
            "incomplete": False,
        }
        if node_of(call.user) is not None:
            status |= {
                "incomplete": True,
                "evaluationError": "node authorizer does not support user rule resolution",
            }
        return Answer(_head("SelfSubjectRulesReview", _AUTHORIZATION) | {"spec": {}, "status": status}, 201)

    def _answer(self, review: Json, user: User) -> Answer:
        verdict = self._authorizer.authorize(_attributes(review["spec"], user))
        status: Json = {"allowed": verdict.allowed} | ({"reason": verdict.reason} if verdict.reason else {})
        head = _head(review.get("kind", ""), _AUTHORIZATION)
        return Answer(head | {"metadata": review.get("metadata", {}), "spec": review["spec"], "status": status}, 201)


class IdentityReviews:
    """Who is somebody?"""

    def __init__(self, authenticator: RequestAuthenticator, clock: Clock) -> None:
        self._authenticator = authenticator
        self._clock = clock

    async def token(self, call: Call) -> Answer:
        review = read_object(call, "TokenReview")
        token = field(review, "spec.token", str, "")
        if not token:
            raise BadRequest("token is required for TokenReview in authentication")
        status: Json
        try:
            user, audiences = self._authenticator.review(token, strings(review, "spec.audiences"))
            status = {"authenticated": True, "user": _user_info(user), "audiences": audiences}
        except Unauthorized as exc:
            standard = "invalid bearer token"
            why = exc.message if exc.message == standard else f"[{standard}, {exc.message}]"
            status = {"user": {}, "error": why}
        head = _head("TokenReview", _AUTHENTICATION)
        return Answer(head | {"metadata": review.get("metadata", {}), "spec": review["spec"], "status": status}, 201)

    async def own(self, call: Call) -> Answer:
        read_object(call, "SelfSubjectReview")
        body = _head("SelfSubjectReview", _AUTHENTICATION)
        body["metadata"] = {"creationTimestamp": format_time(self._clock.now())}
        return Answer(body | {"status": {"userInfo": _user_info(call.user)}}, 201)


def _head(kind: str, group: str) -> Json:
    return {"kind": kind, "apiVersion": f"{group}/v1", "metadata": {}}


def _user_info(user: User) -> Json:
    info: Json = {"username": user.name}
    if user.uid:
        info["uid"] = user.uid
    if user.groups:
        info["groups"] = list(user.groups)
    if user.extra:
        info["extra"] = {name: list(values) for name, values in user.extra.items()}
    return info


def _subject_of(review: Json) -> User:
    extra = field(review, "spec.extra", dict, {})
    return User(
        field(review, "spec.user", str, ""),
        strings(review, "spec.groups"),
        field(review, "spec.uid", str, ""),
        {name: tuple(str(value) for value in values) for name, values in extra.items()},
    )


def _attributes(spec: Json, user: User) -> Attributes:
    asked = spec.get("resourceAttributes")
    if asked is None:
        path = spec["nonResourceAttributes"]
        return Attributes(user, _text(path, "verb"), path=_text(path, "path") or "/")
    return Attributes(
        user,
        _text(asked, "verb"),
        _text(asked, "group"),
        _text(asked, "version") or "*",
        _text(asked, "resource"),
        _text(asked, "subresource"),
        _text(asked, "namespace"),
        _text(asked, "name"),
    )


def _text(obj: Mapping[str, Any], name: str) -> str:
    value = obj.get(name, "")
    if not isinstance(value, str):
        raise BadRequest(f"json: cannot unmarshal into field {name} of type string")
    return value


def _faults(review: Json) -> list[Cause]:
    spec = field(review, "spec", dict, {})
    review["spec"] = spec
    resource, path = field(spec, "resourceAttributes", dict), field(spec, "nonResourceAttributes", dict)
    if resource is not None and path is not None:
        why = "cannot be specified in combination with resourceAttributes"
        return [invalid("spec.nonResourceAttributes", path, why)]
    if resource is None and path is None:
        return [invalid("spec.resourceAttributes", None, _EXACTLY_ONE)]
    return []


def _subject_faults(review: Json) -> list[Cause]:
    spec = review["spec"]
    if spec.get("user") or spec.get("groups"):
        return []
    return [invalid("spec.user", "", "at least one of user or group must be specified")]


def _metadata_faults(review: Json) -> list[Cause]:
    metadata = {name: value for name, value in review.get("metadata", {}).items() if name != "managedFields"}
    return [invalid("metadata", metadata, "must be empty")] if any(metadata.values()) else []


def _check(kind: str, faults: list[Cause]) -> None:
    if faults:
        raise refusal(_AUTHORIZATION, kind, "", faults)
