"""Acting as somebody else, for those who may.

Semantics: k8s.io/apiserver, endpoints/filters/impersonation.
"""

from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from armillary.base.errors import BadRequest
from armillary.engine.apiserver.auth.refusal import forbidden_request
from armillary.engine.apiserver.auth.users import (
    ANONYMOUS,
    AUTHENTICATED,
    UNAUTHENTICATED,
    service_account_groups,
    service_account_of,
)
from armillary.engine.apiserver.ports import Attributes, Authorizer, User

_USER, _GROUP, _UID, _EXTRA = (
    "impersonate-user", "impersonate-group", "impersonate-uid", "impersonate-extra-",
)  # fmt: skip
_AUTHENTICATION = "authentication.k8s.io"


def is_impersonating(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    return any(name.lower().startswith(b"impersonate-") for name, _ in headers)


def impersonate(user: User, headers: Iterable[tuple[bytes, bytes]], authorizer: Authorizer) -> User:
    """Whom the request acts as: `user` when it asks for nobody else. Raises Denied.

    `headers` as ASGI gives them, since a group each comes in a header of its own; values are UTF-8, as Go's
    clients send them.
    """
    pairs = [(name.decode("latin-1").lower(), value.decode(errors="replace")) for name, value in headers]
    name = next((value for key, value in pairs if key == _USER), "")
    groups = [value for key, value in pairs if key == _GROUP]
    uid = next((value for key, value in pairs if key == _UID), "")
    extra: dict[str, tuple[str, ...]] = {}
    for key, value in pairs:
        if key.startswith(_EXTRA):
            field = unquote(key.removeprefix(_EXTRA))
            extra[field] = (*extra.get(field, ()), value)
    if not name:
        if groups or uid or extra:
            wanted = [f"{{Group  {group}    }}" for group in groups]
            wanted += [f"{{UserExtra  {v}  {_AUTHENTICATION}/v1  {k}}}" for k, vs in extra.items() for v in vs]
            wanted += [f"{{UID  {uid}  {_AUTHENTICATION}/v1  }}"] if uid else []
            raise BadRequest(f"requested [{' '.join(wanted)}] without impersonating a user")
        return user
    for attributes in _asked(user, name, groups, uid, extra):
        verdict = authorizer.authorize(attributes)
        if not verdict.allowed:
            raise forbidden_request(attributes, verdict.reason)
    return User(name, _groups(name, tuple(groups)), uid, extra)


def _asked(
    user: User, name: str, groups: list[str], uid: str, extra: dict[str, tuple[str, ...]]
) -> Iterator[Attributes]:
    account = service_account_of(name)
    if account is not None:
        yield Attributes(
            user, "impersonate", version="v1", resource="serviceaccounts", namespace=account[0], name=account[1]
        )
    else:
        yield Attributes(user, "impersonate", resource="users", name=name)
    for group in groups:
        yield Attributes(user, "impersonate", resource="groups", name=group)
    for key, values in extra.items():
        for value in values:
            yield Attributes(
                user, "impersonate", _AUTHENTICATION, "v1", resource="userextras", subresource=key, name=value
            )
    if uid:
        yield Attributes(user, "impersonate", _AUTHENTICATION, "v1", resource="uids", name=uid)


def _groups(name: str, groups: tuple[str, ...]) -> tuple[str, ...]:
    if name == ANONYMOUS:
        return groups if UNAUTHENTICATED in groups else (*groups, UNAUTHENTICATED)
    account = service_account_of(name)
    if not groups and account is not None:
        groups = service_account_groups(account[0])
    if AUTHENTICATED in groups or UNAUTHENTICATED in groups:
        return groups
    return (*groups, AUTHENTICATED)
