"""The table of field numbers: what each number in a message stands for."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("fields.txt")
_SHORT = {"@": "io.k8s.api.", "%": "io.k8s.apimachinery.pkg.apis.meta.v1."}  # to keep the file readable


@dataclass(frozen=True, slots=True)
class Field:
    """`type` is a scalar's letter or a message's name. `inline`: its fields belong to the message around it."""

    name: str
    type: str
    repeated: bool
    mapped: bool  # map<string, type>
    inline: bool
    nullable: bool


Message = Mapping[int, Field]


@cache  # read when the first such request comes: most clusters see none
def messages() -> Mapping[str, Message]:
    """All messages by schema name."""
    found: dict[str, dict[int, Field]] = {}
    fields: dict[int, Field] = {}
    for line in FILE.read_text().splitlines():
        if line.startswith("#"):
            continue
        if not line.startswith(" "):
            fields = found[_full(line)] = {}
            continue
        number, name, *words = line.split()
        fields[int(number)] = Field(
            name=name.lstrip("?>"),
            type=_full(words[-1]),
            repeated=words[0] == "list",
            mapped=words[0] == "map",
            inline=name.startswith(">"),
            nullable=name.startswith("?"),
        )
    return found


def _full(name: str) -> str:
    return _SHORT[name[0]] + name[1:] if name[0] in _SHORT else name


def message_name(api_version: str, kind: str) -> str | None:
    """The message of a kind; None for kinds without one (custom resources)."""
    group, _, version = api_version.rpartition("/")
    known = messages()
    short = group.partition(".")[0] or "core"
    named = (
        f"{_SHORT['@']}{short}.{version}.{kind}",
        f"io.k8s.apiextensions-apiserver.pkg.apis.{short}.{version}.{kind}",
        f"io.k8s.kube-aggregator.pkg.apis.{short}.{version}.{kind}",
        # DeleteOptions and their like are everybody's, whatever group a client writes.
        f"{_SHORT['%']}{kind}",
    )
    return next((name for name in named if name in known), None)
