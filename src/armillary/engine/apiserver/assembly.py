"""The whole API server put together: identity, rights, admission, handlers, what a cluster begins with."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from armillary.base.clock import Clock
from armillary.base.pki_files import Pki
from armillary.base.tasks import supervise
from armillary.engine.apiserver.admission.chain import built_in_admission
from armillary.engine.apiserver.admission.webhooks.consult import Webhooks
from armillary.engine.apiserver.allocate import ServiceAllocator, ServiceRanges
from armillary.engine.apiserver.app import ApiServer
from armillary.engine.apiserver.auth.authenticate import RequestAuthenticator, read_token_file
from armillary.engine.apiserver.auth.authorizers import Union
from armillary.engine.apiserver.auth.node import NodeAuthorizer
from armillary.engine.apiserver.auth.rbac import Rbac
from armillary.engine.apiserver.auth.rbac_defaults import default_rbac
from armillary.engine.apiserver.auth.tokens import Issuer, Verifier
from armillary.engine.apiserver.bootstrap import ClusterFacts, ensure, keep, wanted
from armillary.engine.apiserver.crd_serving import CustomServing
from armillary.engine.apiserver.expiry import expire_events
from armillary.engine.apiserver.objects import Decoded
from armillary.engine.apiserver.ports import Admission, Answer
from armillary.engine.apiserver.schemas import DEFAULT_FILE, Schemas
from armillary.engine.apiserver.subresources.agents import Agents, agent_tls
from armillary.engine.apiserver.subresources.handlers import subresource_handlers
from armillary.engine.apiserver.subresources.reviews import review_handlers
from armillary.engine.apiserver.subresources.usage import usage_handlers
from armillary.engine.kinds.registry import BUILT_IN
from armillary.engine.kinds.resource import Resource
from armillary.engine.store.port import Store

KEYS_SECONDS = 3600  # for how long others may remember our public keys


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """What a server must be told."""

    pki: Pki
    facts: ClusterFacts
    ranges: ServiceRanges
    issuer: str  # of service accounts' tokens: a URL
    schemas: Path = DEFAULT_FILE

    @property
    def audiences(self) -> Sequence[str]:
        return (self.issuer,)


@dataclass(frozen=True, slots=True)
class Assembled:
    """A server, and what runs beside it."""

    app: ApiServer
    store: Store
    agents: Agents
    webhooks: Webhooks
    custom: CustomServing
    facts: ClusterFacts
    clock: Clock

    async def prepare(self) -> None:
        """Make what a cluster begins with; before the first request is answered."""
        self.custom.load()
        await ensure(self.app.verbs, [*wanted(self.facts), *default_rbac()])

    async def close(self) -> None:
        """Let go of connections to agents and webhooks."""
        await asyncio.gather(self.agents.close(), self.webhooks.close())

    async def run(self) -> None:
        """What goes on beside requests; until cancelled."""
        async with asyncio.TaskGroup() as group:
            for name, work in (
                ("events expire", lambda: expire_events(self.store, self.app.verbs, self.clock)),
                ("custom resources", self.custom.run),
                ("what must be there", lambda: keep(self.app.verbs, self.clock, self.facts)),
            ):
                group.create_task(supervise(name, work), name=name)


def assemble(store: Store, settings: ServerSettings, clock: Clock, random: Random) -> Assembled:
    """Everything in its place. Reads keys and tokens; opens no socket."""
    pki, objects = settings.pki, Decoded(store)
    rbac = Rbac(objects)
    authorizer = Union((NodeAuthorizer(objects), rbac))
    verifier = Verifier(pki.verification_keys.read_bytes(), settings.issuer, settings.audiences, objects)
    authenticator = RequestAuthenticator(read_token_file(pki.token_file), verifier, clock)
    issuer = Issuer(pki.signing_key.read_bytes(), settings.issuer)
    agents = Agents(agent_tls(pki.ca, pki.crt("apiserver-kubelet-client"), pki.key("apiserver-kubelet-client")))

    def find(api_version: str, kind: str) -> Resource | None:
        return next((r for r in app.table.resources if (r.api_version, r.kind) == (api_version, kind)), None)

    plugins = built_in_admission(objects, authorizer, rbac, clock, find)
    allocator = ServiceAllocator(objects, settings.ranges, random)
    admission: tuple[Admission, ...] = (*plugins, allocator)
    handlers = subresource_handlers(agents, issuer, settings.audiences, authorizer, clock)
    reviews = review_handlers(authenticator, authorizer, rbac, clock)
    schemas = Schemas(settings.schemas)
    webhooks = Webhooks(objects, schemas, lambda: app.table)
    app = ApiServer(
        store,
        BUILT_IN,
        schemas,
        authenticator,
        authorizer,
        admission,
        {key: handler for key, handler in handlers.items() if key[1]},
        {key[0]: handler for key, handler in (handlers | reviews).items() if not key[1]} | usage_handlers(agents),
        clock=clock,
        observers=(rbac, allocator, webhooks),
        documents=_documents(verifier, settings.facts),
        webhooks=webhooks,
    )
    custom = CustomServing(store, app, BUILT_IN, schemas, clock)
    return Assembled(app, store, agents, webhooks, custom, settings.facts, clock)


def _documents(verifier: Verifier, facts: ClusterFacts) -> dict[str, Answer]:
    """By which anybody who is shown a service account's token can verify it."""
    headers = {"cache-control": f"public, max-age={KEYS_SECONDS}"}
    configuration = verifier.configuration(f"https://{facts.api_address}:{facts.api_port}")
    return {
        "/.well-known/openid-configuration": Answer(configuration, headers=headers),
        "/openid/v1/jwks": Answer(verifier.key_set(), content_type="application/jwk-set+json", headers=headers),
    }
