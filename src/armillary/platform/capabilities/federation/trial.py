"""Step by step, what happened when a provider was tried: for whoever sets it up. Never holds a credential."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated, Literal

from msgspec import Meta, Struct

from armillary.base.errors import Unavailable

StepName = Literal[
    "settings", "secret", "connect", "tls", "bind", "search", "password", "groups", "discovery", "keys", "client"
]


class Step(Struct, frozen=True, kw_only=True, rename="camel"):
    """One step on the way to a sign-in."""

    name: StepName
    succeeded: bool
    says: Annotated[str, Meta(description="One sentence for a person.")]


class Trial(Struct, frozen=True, kw_only=True, rename="camel"):
    """The steps in order; the first that fails ends them."""

    succeeded: bool
    steps: tuple[Step, ...]

    @property
    def fault(self) -> str:
        """What the step that failed says."""
        return next((step.says for step in self.steps if not step.succeeded), "")


@dataclass(slots=True)
class Steps:
    """Notes steps while they are done."""

    done: list[Step] = field(default_factory=list)

    def note(self, name: StepName, says: str, *, succeeded: bool = True) -> None:
        self.done.append(Step(name=name, succeeded=succeeded, says=says))

    @contextmanager
    def failing_as(self, name: StepName) -> Iterator[None]:
        """Whatever is found unavailable inside is a failure of that step; one noted before is not noted again."""
        try:
            yield
        except Unavailable as exc:
            if all(step.succeeded for step in self.done):
                self.note(name, exc.message, succeeded=False)
            raise

    def trial(self) -> Trial:
        return Trial(succeeded=all(step.succeeded for step in self.done), steps=tuple(self.done))
