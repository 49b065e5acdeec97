"""Identity, declared: accounts, sessions, tokens, and the OpenID Connect provider."""

from datetime import timedelta
from typing import Any

from armillary.base.words import Words
from armillary.kube.kind import Kind
from armillary.platform.capabilities.access.kinds import DEPARTMENT
from armillary.platform.capabilities.identity import accounts, authenticator, consents, sessions
from armillary.platform.capabilities.identity.accounts import Accounts
from armillary.platform.capabilities.identity.authenticator import TokenAuthenticator
from armillary.platform.capabilities.identity.consents import Consents
from armillary.platform.capabilities.identity.deps import Deps
from armillary.platform.capabilities.identity.keys import Keys
from armillary.platform.capabilities.identity.kinds import ACCESS_TOKEN, CONSENT, KINDS, OAUTH_CLIENT, SESSION, USER
from armillary.platform.capabilities.identity.notes import Notes
from armillary.platform.capabilities.identity.polls import Polls
from armillary.platform.capabilities.identity.ports import Providers
from armillary.platform.capabilities.identity.routes import ROUTES
from armillary.platform.capabilities.identity.sessions import Sessions
from armillary.platform.capabilities.identity.signin import Attempts, Locks, SignIn
from armillary.platform.capabilities.identity.tasks import prepare, sweep, write_notes
from armillary.platform.capabilities.tenancy.kinds import WORKSPACE
from armillary.platform.frame.capability import Capability, Task
from armillary.platform.frame.parts import Parts


def connect(parts: Parts, providers: Providers, *, certificate_authority: str = "") -> Deps:
    """Everything that signs people in; before the caches of `parts.reads` run."""
    kinds: tuple[Kind[Any], ...] = (USER, SESSION, ACCESS_TOKEN, OAUTH_CLIENT, CONSENT, DEPARTMENT, WORKSPACE)
    for kind in kinds:
        parts.reads.of(kind)
    accounts.add_indexes(parts.reads)
    authenticator.add_indexes(parts.reads)
    sessions.add_indexes(parts.reads, parts.streams)
    consents.add_indexes(parts.reads)
    found = Accounts(parts.client, parts.reads, parts.clock, parts.settings.namespace)
    opened = Sessions(parts.client, parts.reads, parts.clock, timedelta(hours=parts.settings.session_hours))
    keys = Keys(parts.client, parts.clock, parts.settings.namespace)
    notes, idle = Notes(parts.client, parts.reads), timedelta(minutes=parts.settings.idle_minutes)
    return Deps(
        settings=parts.settings,
        client=parts.client,
        reads=parts.reads,
        clock=parts.clock,
        clusters=parts.clusters,
        rights=parts.rights,
        audit=parts.audit,
        accounts=found,
        sessions=opened,
        consents=Consents(parts.client, parts.reads, parts.clock, opened),
        polls=Polls(parts.clock),
        keys=keys,
        sign_in=SignIn(found, providers, notes, parts.audit, parts.clock, Attempts(parts.clock), Locks(parts.clock)),
        notes=notes,
        providers=providers,
        authenticator=TokenAuthenticator(opened, keys, parts.reads, parts.clock, parts.settings.origin, notes, idle),
        certificate_authority=certificate_authority,
    )


def identity(deps: Deps) -> Capability[Deps]:
    """The capability of what `connect` made: its authenticator is also the front door's."""
    return Capability(
        name="identity",
        summary=Words(
            "Accounts, sessions and tokens; an OpenID Connect provider for the platform and for other applications.",
            "账户、会话与令牌；为平台及其他应用提供 OpenID Connect 登录。",
        ),
        connect=lambda parts: deps,
        kinds=KINDS,
        routes=ROUTES,
        tasks=(
            Task("identity notes", write_notes),
            Task("identity", prepare, leads=True),
            Task("identity sweep", sweep, leads=True),
        ),
    )
