"""Sign-ins per second, and what knowing the caller of a request costs.

A whole platform in this process, in front of an API server with a store in memory. Each sign-in is by password: most of
it is argon2id, the rest the write of a session.
"""

import asyncio
import tempfile
import time
from pathlib import Path

from tests.component.platform.identity.conftest import PASSWORD, World, opened
from tests.harness.platform import running_platform

from armillary.platform.capabilities.identity.secrets import hash_password, is_password
from benchmarks.report import Figure

SIGN_INS, AT_ONCE, KNOWN = 60, 4, 20_000


async def _measure() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as directory:
        async with opened(Path(directory), running_platform) as world:
            for number in range(AT_ONCE):
                await world.user(f"user-{number}")
            return {"sign-ins per second": await _sign_ins(world), "us per known caller": await _known(world)}


async def _sign_ins(world: World) -> float:
    async def one_after_the_other(name: str) -> None:
        for _ in range(SIGN_INS // AT_ONCE):
            answer = await world.login(name, PASSWORD, tokens=True)
            if answer.status != 200:
                raise RuntimeError(answer.body.decode())

    began = time.perf_counter()
    await asyncio.gather(*(one_after_the_other(f"user-{number}") for number in range(AT_ONCE)))
    return SIGN_INS / (time.perf_counter() - began)


async def _known(world: World) -> float:
    """Microseconds to tell who asks, by an access token that was seen before."""
    _, said = await world.signed_in("user-0")
    headers = {"authorization": f"Bearer {said['accessToken']}"}
    authenticate = world.deps.authenticator.authenticate
    began = time.perf_counter()
    for _ in range(KNOWN):
        await authenticate(headers, {})
    return (time.perf_counter() - began) / KNOWN * 1e6


async def _hashed() -> float:
    """Passwords compared per second by as many at once, with nothing around it: the limit of any sign-in."""
    hashed = await hash_password(PASSWORD)
    began = time.perf_counter()
    for _ in range(SIGN_INS // AT_ONCE):
        await asyncio.gather(*(is_password(PASSWORD, hashed) for _ in range(AT_ONCE)))
    return SIGN_INS / (time.perf_counter() - began)


def measure() -> list[Figure]:
    found, limit = asyncio.run(_measure()), asyncio.run(_hashed())
    return [
        Figure("sign-ins by password", found["sign-ins per second"], "/s", "more"),
        Figure("passwords compared (argon2id) and nothing else: the limit", limit, "/s", "more"),
        Figure("to know who asks, by a token seen before", found["us per known caller"], "us", "less", 0, 50),
    ]
