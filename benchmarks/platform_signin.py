"""Sign-ins per second, and what knowing the caller of a request costs: `python -m benchmarks.platform_signin`.

A whole platform in this process, in front of an API server with a store in memory. Each sign-in is by password: most of
it is argon2id, the rest the write of a session.
"""

import asyncio
import tempfile
import time
from pathlib import Path

from tests.component.platform.identity.conftest import PASSWORD, World, opened
from tests.harness.platform import running_platform

SIGN_INS, AT_ONCE, KNOWN = 60, 4, 20_000


async def measure() -> dict[str, float]:
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


def main() -> None:
    for name, value in asyncio.run(measure()).items():
        print(f"{name:24}{value:10.1f}")


if __name__ == "__main__":
    main()
