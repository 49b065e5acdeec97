"""Federation, declared: people sign in by directories and by OpenID Connect providers."""

from concurrent.futures import ThreadPoolExecutor

from armillary.base.words import Words
from armillary.kube.journal import Journal
from armillary.kube.runner import run_controllers
from armillary.platform.capabilities.federation.controller import Looker, controller
from armillary.platform.capabilities.federation.kinds import IDENTITY_PROVIDER, KINDS
from armillary.platform.capabilities.federation.providers import FederatedProviders
from armillary.platform.capabilities.federation.routes import ROUTES, Federation
from armillary.platform.frame.capability import Capability, Task
from armillary.platform.frame.parts import Parts

THREADS = 16  # calls of directories that are under way together


def connect(parts: Parts) -> Federation:
    """Before the caches of `parts.reads` run; `.providers` is what identity is given."""
    parts.reads.of(IDENTITY_PROVIDER)
    settings = parts.settings
    threads = ThreadPoolExecutor(THREADS, thread_name_prefix="directory")
    providers = FederatedProviders(parts.client, parts.reads, parts.clock, settings.namespace, settings.origin, threads)
    return Federation(parts, providers, Looker(providers, parts.clock))


async def look_after(deps: Federation) -> None:
    """A controller that has to be given what it asks providers with."""
    await run_controllers((controller(deps.looker),), deps.client, deps.parts.clock, Journal())


def federation(deps: Federation | None = None) -> Capability[Federation]:
    """Of what `connect` made, where identity is given it as well."""
    return Capability(
        name="federation",
        summary=Words(
            "Directories and OpenID Connect providers by which people sign in.",
            "供用户登录的目录服务与 OpenID Connect 身份提供商。",
        ),
        connect=connect if deps is None else lambda _: deps,
        kinds=KINDS,
        routes=ROUTES,
        tasks=(Task("identity providers", look_after, leads=True),),
        reads=(IDENTITY_PROVIDER,),
    )
