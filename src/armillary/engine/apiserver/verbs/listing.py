"""Get and list: stored bytes joined; nothing is decoded just to be sent."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from armillary.base.errors import BadRequest, Expired, Unavailable
from armillary.engine.apiserver.options import EXACT, ListOptions
from armillary.engine.apiserver.ports import Listing
from armillary.engine.apiserver.selection import Selection
from armillary.engine.kinds.resource import Resource
from armillary.engine.store.port import Entry, Key, Store

TOKEN_VERSION = "armillary/v1"  # noqa: S105  # of continue tokens
BATCH = 1000  # entries looked at in one go when a selection narrows a page


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list found."""

    entries: Sequence[Entry]
    revision: int
    continue_token: str = ""
    remaining: int | None = None  # unknown when a selector was given


def listed(store: Store, stored: Resource, namespace: str, options: ListOptions, selection: Selection) -> Listed:
    """The objects asked for. Raises Expired, BadRequest, Unavailable."""
    at, after = _start(store, options)
    if not options.continue_token and at is None and is_single(stored, namespace, selection):
        return Listed(single(store, stored, namespace, selection), store.revision)
    if selection.everything:
        page = store.page(stored.name, namespace, after=after, limit=options.limit, at=at)
        token = _token(page.revision, page.last) if page.last else ""
        return Listed(page.entries, page.revision, token, page.remaining if page.last else None)
    return _selected(store, stored, namespace, options, selection, at, after)


def is_single(stored: Resource, namespace: str, selection: Selection) -> bool:
    """Whether one object at most can be meant: it is got, and no others are looked at."""
    return bool(selection.single and (namespace or not stored.namespaced))


def single(store: Store, stored: Resource, namespace: str, selection: Selection) -> Sequence[Entry]:
    """That object, if it is there."""
    entry = store.get(Key(stored.name, namespace if stored.namespaced else "", selection.single))
    return [entry] if entry is not None and selection.matches(entry) else []


def _selected(
    store: Store,
    stored: Resource,
    namespace: str,
    options: ListOptions,
    selection: Selection,
    at: int | None,
    after: Key | None,
) -> Listed:
    found: list[Entry] = []
    while True:
        page = store.page(stored.name, namespace, after=after, limit=BATCH if options.limit else 0, at=at)
        at = page.revision
        for i, entry in enumerate(page.entries):
            if not selection.matches(entry):
                continue
            found.append(entry)
            more = page.last is not None or i + 1 < len(page.entries)
            if options.limit and len(found) == options.limit and more:
                return Listed(found, page.revision, _token(page.revision, entry.key))
        if page.last is None:
            return Listed(found, page.revision)
        after = page.last


def _start(store: Store, options: ListOptions) -> tuple[int | None, Key | None]:
    """As of which revision to read (None: now), and after which object."""
    if options.continue_token:
        if options.resource_version not in ("", "0"):
            raise BadRequest("specifying resource version is not allowed when using continue")
        return _parse_token(store, options.continue_token)
    wanted = int(options.resource_version or 0)
    if wanted > store.revision:
        raise _too_large(wanted, store.revision)
    exact = options.match == EXACT or (not options.match and options.limit and wanted)
    return (wanted if exact and wanted else None), None


def _too_large(wanted: int, current: int) -> Unavailable:
    text = f"Timeout: Too large resource version: {wanted}, current: {current}"
    return Unavailable(text, code=504, reason="Timeout", retry_after_seconds=1)


def _token(revision: int, last: Key) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([TOKEN_VERSION, revision, *last])).decode().rstrip("=")


def _parse_token(store: Store, token: str) -> tuple[int, Key]:
    try:
        version, revision, *key = orjson.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        if version != TOKEN_VERSION or type(revision) is not int or not all(isinstance(part, str) for part in key):
            raise ValueError(token)
        after = Key(*key)
    except (ValueError, TypeError) as exc:
        raise BadRequest("invalid continue token: continue key is not valid") from exc
    if revision < store.oldest:
        raise Expired(
            "The provided continue parameter is too old to display a consistent list result. "
            "You can start a new list without the continue parameter."
        )
    if revision > store.revision:
        raise BadRequest("invalid continue token: continue key is not valid")
    return revision, after


def list_body(kind: str, api_version: str, found: Listed, bodies: Sequence[bytes]) -> Listing:
    """A list as JSON."""
    head = orjson.dumps({"kind": kind, "apiVersion": api_version, "metadata": list_meta(found)})
    return Listing(head[:-1] + b',"items":[', bodies, b"]}")


def list_meta(found: Listed) -> dict[str, object]:
    """A list's own metadata."""
    meta: dict[str, object] = {"resourceVersion": str(found.revision)}
    if found.continue_token:
        meta["continue"] = found.continue_token
        if found.remaining:
            meta["remainingItemCount"] = found.remaining
    return meta
