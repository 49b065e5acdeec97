"""What identity's routes and tasks are given."""

from collections.abc import Sequence
from dataclasses import dataclass

from armillary.base.clock import Clock
from armillary.kube.client import Client
from armillary.kube.runner import Caches
from armillary.platform.capabilities.identity.accounts import Accounts
from armillary.platform.capabilities.identity.authenticator import TokenAuthenticator
from armillary.platform.capabilities.identity.consents import Consents
from armillary.platform.capabilities.identity.keys import Keys
from armillary.platform.capabilities.identity.notes import Notes
from armillary.platform.capabilities.identity.polls import Polls
from armillary.platform.capabilities.identity.ports import Offer, Providers, Redirect, Vouched
from armillary.platform.capabilities.identity.sessions import Sessions
from armillary.platform.capabilities.identity.signin import SignIn
from armillary.platform.frame.capability import Call
from armillary.platform.frame.parts import Audit, Clusters, Deed, PlatformSettings, Rights


@dataclass(frozen=True, slots=True)
class Deps:
    settings: PlatformSettings
    client: Client
    reads: Caches
    clock: Clock
    clusters: Clusters
    rights: Rights
    audit: Audit
    accounts: Accounts
    sessions: Sessions
    consents: Consents
    polls: Polls
    keys: Keys
    sign_in: SignIn
    notes: Notes
    providers: Providers
    authenticator: TokenAuthenticator
    certificate_authority: str  # PEM of the origin's certificate; "" where everybody trusts it

    def note(self, call: Call, action: str, user: str, *, name: str = "", resource: str = "users") -> None:
        """Into the audit log: something about an account was done."""
        by = call.caller
        self.audit.note(
            Deed(
                action,
                by.user if by is not None else user,
                "success",
                address=call.address,
                agent=call.headers.get("user-agent", ""),
                session=by.session if by is not None else "",
                group="iam.armillary.io",
                resource=resource,
                name=name or user,
                request_id=call.request_id,
            )
        )


class NoProviders:
    """Where nobody else vouches for people."""

    def offers(self) -> Sequence[Offer]:
        return ()

    async def check_password(self, provider: str, login: str, password: str) -> Vouched | None:
        return None

    async def begin(self, provider: str, callback: str) -> Redirect:
        raise LookupError(provider)

    async def finish(self, provider: str, callback: str, code: str, begun: Redirect) -> Vouched:
        raise LookupError(provider)
