"""What is said on the live channel, in JSON, one message a frame."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from armillary.base.errors import BadRequest
from armillary.platform.capabilities.resources.asking import Asking
from armillary.platform.capabilities.resources.shown import ShownColumn, ShownRow
from armillary.platform.frame.parts import HOST

MOST_ROWS = 300
Id = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Word = Annotated[str, Meta(max_length=512)]
Name = Annotated[str, Meta(min_length=1, max_length=512)]


class Window(Asking, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Of a list, the rows from `offset` (0 is the first) on."""

    offset: Annotated[int, Meta(ge=0)] = 0
    limit: Annotated[int, Meta(ge=1, le=MOST_ROWS)] = 100


class ListAsk(Struct, frozen=True, kw_only=True, tag_field="op", tag="list"):
    id: Id
    cluster: Name = HOST
    group: Word = ""
    version: Name
    plural: Name
    query: Window = Window()


class ObjectAsk(Struct, frozen=True, kw_only=True, tag_field="op", tag="object"):
    id: Id
    cluster: Name = HOST
    group: Word = ""
    version: Name
    plural: Name
    namespace: Word = ""
    name: Name


class Involved(Struct, frozen=True, kw_only=True):
    """By uid, or by kind and name."""

    uid: Word = ""
    kind: Word = ""
    name: Word = ""


class EventsAsk(Struct, frozen=True, kw_only=True, tag_field="op", tag="events"):
    id: Id
    cluster: Name = HOST
    namespace: Word = ""
    involved: Involved


class CloseAsk(Struct, frozen=True, kw_only=True, tag_field="op", tag="close"):
    id: Id


Ask = ListAsk | ObjectAsk | EventsAsk
_asks = msgspec.json.Decoder(ListAsk | ObjectAsk | EventsAsk | CloseAsk)


class _Numbered(Struct):
    id: Id = 0


class Snapshot(Struct, frozen=True, kw_only=True, rename="camel", tag_field="type", tag="snapshot"):
    id: int
    columns: tuple[ShownColumn, ...]
    items: tuple[ShownRow, ...]
    offset: int
    total: int
    counts: dict[str, int]
    resource_version: str


class Delta(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="delta"):
    """`order` only where the window's order or membership is another."""

    id: int
    order: tuple[str, ...] | None = None
    set: tuple[ShownRow, ...]
    total: int
    counts: dict[str, int]


class Whole(Struct, frozen=True, kw_only=True, tag_field="type", tag="object"):
    """Without managedFields; null once it is gone."""

    id: int
    object: Any


class Happened(Struct, frozen=True, kw_only=True, tag_field="type", tag="events"):
    """Whole events, the newest first."""

    id: int
    items: tuple[Any, ...]


class Fault(Struct, frozen=True, kw_only=True, tag_field="type", tag="error"):
    id: int
    status: dict[str, Any]


Told = Snapshot | Delta | Whole | Happened | Fault


def ask_of(text: bytes) -> Ask | CloseAsk:
    """Raises BadRequest."""
    try:
        found: Ask | CloseAsk = _asks.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        raise BadRequest(f"this message is not understood: {exc}") from exc
    return found


def id_of(text: bytes) -> int:
    """Of a message that is not understood; 0 if it has none."""
    try:
        return msgspec.json.decode(text, type=_Numbered).id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return 0
