"""What an explanation is made of: findings, each with its evidence and what would mend it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from armillary.base.words import Language, Words
from armillary.kube.kind import Ref


class Step(IntEnum):
    """The way from an object to an answer over the network, in order: what fails first explains what follows."""

    LIFE = 0  # it is not meant to run: paused, suspended, ending
    QUOTA = 1
    ADMISSION = 2
    SCHEDULER = 3
    IMAGE = 4
    START = 5
    PROBE = 6
    SERVICE = 7
    ROUTE = 8


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. `says` and `fix` are sentences whose `{names}` stand in `values`."""

    code: str  # stable, for programs: `image-missing`
    step: Step
    about: Ref
    says: Words
    fix: Words
    values: Mapping[str, object] = field(default_factory=dict)
    evidence: tuple[str, ...] = ()  # what was seen, in the cluster's own words
    command: str = ""  # one that mends it, or shows more
    change: Mapping[str, object] | None = None  # a merge patch of `about` that mends it, where one is certain to

    def said(self, language: Language) -> str:
        return self.says.say(language, **self.values)

    def mended(self, language: Language) -> str:
        return self.fix.say(language, **self.values)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why something does not work; `findings` begin with the cause. None at all: nothing wrong was found."""

    subject: Ref
    findings: tuple[Finding, ...] = ()
    withheld: tuple[str, ...] = ()  # what the asker may not see, so that it could not be looked at

    @property
    def cause(self) -> Finding | None:
        return self.findings[0] if self.findings else None
