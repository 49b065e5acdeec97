"""What the commands remember of the platforms one has signed in to: where they are, and the tokens; mode 0600.

The file is `$ARMILLARY_CONFIG`, else `$XDG_CONFIG_HOME/armillary/config.json`, else `~/.config/armillary/config.json`.
"""

import asyncio
import contextlib
import fcntl
import os
import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from armillary.base.errors import SetupError

URL_VARIABLE, TOKEN_VARIABLE, CA_VARIABLE = "ARMILLARY_URL", "ARMILLARY_TOKEN", "ARMILLARY_CA_FILE"


class Platform(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """One platform and who one is there. `access_token` may have expired; `refresh_token` gets the next."""

    origin: str  # https://host:port
    ca: str = ""  # PEM; the system's authorities if empty
    user: str = ""
    access_token: str = ""
    refresh_token: str = ""
    workspace: str = ""  # used where a command names none


class Platforms(msgspec.Struct, frozen=True, kw_only=True):
    """The file's content."""

    current: str = ""  # an origin
    platforms: tuple[Platform, ...] = ()


@dataclass(frozen=True, slots=True)
class PlatformFile:
    """The file and the environment's say in it."""

    path: Path
    environment: Mapping[str, str]

    def load(self) -> Platforms:
        """Raises SetupError if it can't be read."""
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=Platforms)
        except FileNotFoundError:
            return Platforms()
        except (OSError, msgspec.MsgspecError) as exc:
            raise SetupError(f"{self.path}: {exc}; mend or remove it") from exc

    def current(self) -> Platform | None:
        """The one that commands speak to: the environment's, else the one last signed in to."""
        origin = self.environment.get(URL_VARIABLE, "").rstrip("/")
        kept = self.load()
        wanted = origin or kept.current
        found = next((p for p in kept.platforms if p.origin == wanted), None)
        if found is None and origin:
            found = Platform(origin=origin)
        token, ca = self.environment.get(TOKEN_VARIABLE, ""), self.environment.get(CA_VARIABLE, "")
        if found is not None and token:
            found = replace_token(found, token)
        if found is not None and ca:
            found = msgspec.structs.replace(found, ca=Path(ca).read_text())
        return found

    def of(self, origin: str) -> Platform | None:
        """As the file has it now."""
        return next((platform for platform in self.load().platforms if platform.origin == origin), None)

    @contextlib.asynccontextmanager
    async def locked(self) -> AsyncIterator[None]:
        """Alone among all commands of this person that ask for it."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self.path.with_suffix(".lock").open("a") as file:
            await asyncio.to_thread(fcntl.flock, file, fcntl.LOCK_EX)  # until it is closed
            yield

    def keep(self, platform: Platform) -> None:
        """Remember it, as the current one. Readers see the old file or the new one, never half of it."""
        others = [p for p in self.load().platforms if p.origin != platform.origin]
        self._write(Platforms(current=platform.origin, platforms=(platform, *others)))

    def forget(self, origin: str) -> None:
        kept = self.load()
        left = tuple(p for p in kept.platforms if p.origin != origin)
        self._write(Platforms(current="" if kept.current == origin else kept.current, platforms=left))

    def _write(self, content: Platforms) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self.path.parent)  # made with mode 0600
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(msgspec.json.format(msgspec.json.encode(content)) + b"\n")
            Path(name).replace(self.path)
        finally:
            with contextlib.suppress(FileNotFoundError):
                Path(name).unlink()


def replace_token(platform: Platform, token: str) -> Platform:
    """With a token given from outside: nothing is refreshed then."""
    return msgspec.structs.replace(platform, access_token=token, refresh_token="")


def platform_file(environment: Mapping[str, str]) -> PlatformFile:
    given = environment.get("ARMILLARY_CONFIG")
    home = environment.get("XDG_CONFIG_HOME") or str(Path(environment.get("HOME") or "/") / ".config")
    return PlatformFile(Path(given) if given else Path(home) / "armillary/config.json", environment)
