"""What identity does beside requests: the first administrator, the platform's own clients, keys, what has run out."""

import base64
from datetime import timedelta

from armillary.base.clock import Clock, format_time, parse_time
from armillary.base.errors import AlreadyExists
from armillary.kube.client import Client
from armillary.kube.kinds.core import SECRET, Secret
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kinds.rbac import CLUSTER_ROLE_BINDING, ClusterRoleBinding, RoleRef, Subject
from armillary.platform.capabilities.access.kinds import LEVEL_LABEL, MEMBER_LABEL
from armillary.platform.capabilities.identity.accounts import ADMIN, INITIAL_PASSWORD
from armillary.platform.capabilities.identity.deps import Deps
from armillary.platform.capabilities.identity.kinds import (
    ACCESS_TOKEN,
    OAUTH_CLIENT,
    SESSION,
    USER,
    OAuthClient,
    OAuthClientSpec,
    User,
    UserSpec,
)
from armillary.platform.capabilities.identity.secrets import new_password
from armillary.platform.capabilities.identity.users import end_everything
from armillary.platform.frame.caller import kube_user

ADMIN_ROLE = "armillary:platform:platform-admin"
SWEEP_SECONDS, ROTATE_SECONDS = 60.0, 3600.0
CLI = OAuthClientSpec(
    display_name="armillary",
    redirect_uris=("http://127.0.0.1/callback",),
    grant_types=("authorization_code", "refresh_token", "device_code"),
    trusted=True,
)
CONSOLE = "armillary-console"
_RBAC = "rbac.authorization.k8s.io"


async def prepare(deps: Deps) -> None:
    """The platform's own clients, and, where there is no user at all, the first administrator; then rotates keys."""
    await deps.reads.wait_synced()
    await _have(deps.client, OAUTH_CLIENT, OAuthClient(metadata=ObjectMeta(name="armillary-cli"), spec=CLI))
    console = OAuthClientSpec(
        display_name="Armillary", redirect_uris=(f"{deps.settings.origin}/console/callback",), trusted=True
    )
    await _have(deps.client, OAUTH_CLIENT, OAuthClient(metadata=ObjectMeta(name=CONSOLE), spec=console))
    unfinished = await deps.client.find(SECRET, INITIAL_PASSWORD, deps.settings.namespace)
    if not deps.reads.list(USER) or unfinished is not None:
        await _first_administrator(deps)
    while True:
        await deps.keys.rotate()
        await deps.clock.sleep(ROTATE_SECONDS)


async def _first_administrator(deps: Deps) -> None:
    """The password is kept first: dying in between must not leave an account that nobody can enter."""
    password = new_password(ADMIN)
    meta = ObjectMeta(name=INITIAL_PASSWORD, namespace=deps.settings.namespace)
    data = {"password": base64.b64encode(password.encode()).decode()}
    try:
        await deps.client.create(SECRET, Secret(metadata=meta, data=data), deps.settings.namespace)
    except AlreadyExists:
        kept = await deps.client.get(SECRET, INITIAL_PASSWORD, deps.settings.namespace)
        password = base64.b64decode(kept.data["password"]).decode()
    subject = Subject(api_group=_RBAC, kind="User", name=kube_user(ADMIN))
    binding = ClusterRoleBinding(
        metadata=ObjectMeta(
            name=f"armillary:platform:member:{ADMIN}", labels={LEVEL_LABEL: "platform", MEMBER_LABEL: ADMIN}
        ),
        role_ref=RoleRef(api_group=_RBAC, kind="ClusterRole", name=ADMIN_ROLE),
        subjects=(subject,),
    )
    await _have(deps.client, CLUSTER_ROLE_BINDING, binding)
    user = User(metadata=ObjectMeta(name=ADMIN), spec=UserSpec(display_name="Administrator"))
    try:
        user = await deps.client.create(USER, user)
    except AlreadyExists:
        user = await deps.client.get(USER, ADMIN)
    if not await deps.accounts.password_hash(user):
        await deps.accounts.set_password(user, password, must_change=True)


async def _have(client: Client, kind: object, item: object) -> None:
    try:
        await client.create(kind, item)  # type: ignore[arg-type]  # of several kinds
    except AlreadyExists:
        return


async def sweep(deps: Deps) -> None:
    """Remove what has run out: sessions, codes nobody fetched, tokens; and the first password once it is changed."""
    await deps.reads.wait_synced()
    while True:
        for session in deps.reads.list(SESSION):
            pending = session.spec.pending
            ends = session.spec.expires if pending is None else pending.expires
            if ends <= format_time(deps.clock.now()):
                await deps.sessions.end(session)
        for token in deps.reads.list(ACCESS_TOKEN):
            if token.spec.expires and _is_long_over(deps.clock, token.spec.expires):
                await deps.sessions.end_token(token)
        await _end_disabled(deps)
        await deps.clock.sleep(SWEEP_SECONDS)


def _is_long_over(clock: Clock, expires: str) -> bool:
    """A day after its end: until then its owner sees that it has run out."""
    return clock.now() - parse_time(expires) > timedelta(days=1)


async def _end_disabled(deps: Deps) -> None:
    """What a disabled account holds is not valid any more at once; it shall not come back with the account."""
    for user in deps.reads.list(USER):
        if user.spec.disabled:
            await end_everything(deps, user.metadata.name)


async def write_notes(deps: Deps) -> None:
    await deps.notes.run()
