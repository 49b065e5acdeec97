"""Which fields differ between two objects, and what of them must not be shown. Pure.

Items of lists are told apart by what names them (`spec.containers[name=web].image`), so that one put in front does not
make all others differ.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

REDACTED = "(redacted)"
LONGEST = 256  # characters of a value that are kept

# What can name an item of a list; the first that all items have, and differ in, does.
_NAMING = ("name", "uid", "key", "containerPort", "port", "mountPath", "ip", "topologyKey", "type", "id")
_BOOKKEEPING = (
    ("metadata", "managedFields"),
    ("metadata", "resourceVersion"),
    ("metadata", "generation"),
    ("metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration"),
)
_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]+|\[.*\]")
# The end of a key, letters only, of a value that is a credential: `db.password`, `clientSecret`, `API_TOKEN`.
_SENSITIVE = re.compile(
    r"(passw(or)?d|passphrase|secret|token|authorization|apikey|privatekey|secretkey|accesskey|credentials?|cookie"
    r"|kubeconfig|dockerconfigjson|dockercfg|(^|cookie|refresh|secret|spent|password|token)hash(es)?)$"
)
_IN_TEXT = re.compile(r"(?i)(\b(?:bearer|basic)\s+)[\w.~+/=-]{8,}|(://[^/\s:@]*:)[^/\s@]+(?=@)")

Keys = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One field; `old` or `new` is None where there is none."""

    keys: Keys
    old: Any
    new: Any

    @property
    def path(self) -> str:
        """As people write it: `spec.template.spec.containers[name=web].image`."""
        text = ""
        for key in self.keys:
            if key.startswith("["):
                text += key
            elif _PLAIN_KEY.fullmatch(key):
                text += f".{key}" if text else key
            else:
                text += f'["{key}"]'
        return text


def changes(old: Any, new: Any) -> tuple[Change, ...]:
    """The fields in which two objects differ; what every write changes is left out."""
    found = _walk(old, new, ())
    return tuple(change for change in found if not any(change.keys[: len(k)] == k for k in _BOOKKEEPING))


def _walk(old: Any, new: Any, keys: Keys) -> Iterator[Change]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted({*old, *new}):
            yield from _walk(old.get(key), new.get(key), (*keys, str(key)))
    elif isinstance(old, list) and isinstance(new, list):
        before, after = _named(old, new)
        for name in dict.fromkeys((*before, *after)):
            yield from _walk(before.get(name), after.get(name), (*keys, name))
    elif old != new or type(old) is not type(new):
        yield Change(keys, old, new)


def _named(old: Sequence[Any], new: Sequence[Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The items of both lists by name, or by position where nothing names them."""
    for naming in _NAMING:
        if all(_is_named(items, naming) for items in (old, new)):
            before, after = ({f"[{naming}={item[naming]}]": item for item in items} for items in (old, new))
            return before, after
    before, after = ({f"[{number}]": item for number, item in enumerate(items)} for items in (old, new))
    return before, after


def _is_named(items: Sequence[Any], naming: str) -> bool:
    names = [item[naming] for item in items if isinstance(item, Mapping) and isinstance(item.get(naming), str | int)]
    return len(names) == len(items) and len(set(names)) == len(names)


def redact(change: Change, *, secret: bool = False) -> Change:
    """With credentials taken out. `secret`: of a Secret, of which no data is shown."""
    if (secret and change.keys[:1] in (("data",), ("stringData",))) or _is_credential(change.keys):
        return Change(change.keys, _hidden(change.old), _hidden(change.new))
    return Change(change.keys, redacted(change.old), redacted(change.new))


def _is_credential(keys: Keys) -> bool:
    *above, last = keys or ("",)
    if last == "value" and above and above[-1].startswith("[name="):  # a variable, a header
        last = above[-1][len("[name=") : -1]
    elif last.startswith("[") and above:  # an item of a list
        last = above[-1]
    return is_sensitive(last)


def is_sensitive(key: str) -> bool:
    """Whether a field of that name holds a credential."""
    return _SENSITIVE.search(re.sub(r"[^a-z]", "", key.lower())) is not None


def _hidden(value: Any) -> Any:
    """Flags and numbers may be seen: `automountServiceAccountToken` is not a token. What is empty stays so."""
    return value if value is None or isinstance(value, bool | int | float) or not value else REDACTED


def redacted(value: Any, key: str = "") -> Any:
    """A value without the credentials in it, and no longer than it need be."""
    if key and is_sensitive(key) and not isinstance(value, Mapping):
        return _hidden(value)
    match value:
        case {"name": str(name), "value": _} if is_sensitive(name):
            return {**value, "value": REDACTED}
        case Mapping():
            return {k: redacted(v, k) for k, v in value.items()}
        case list():
            return [redacted(item) for item in value]
        case str():
            return shortened(without_credentials(value))
    return value


def without_credentials(text: str) -> str:
    """Text with bearer tokens and the passwords of URLs taken out."""
    return _IN_TEXT.sub(lambda found: f"{found[1] or found[2]}{REDACTED}", text)


def shortened(text: str, longest: int = LONGEST) -> str:
    return text if len(text) <= longest else f"{text[:longest]}... ({len(text)} characters)"


def parsed(body: bytes) -> dict[str, Any]:
    """An object's JSON; empty if it is none."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
