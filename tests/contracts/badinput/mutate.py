"""Bodies that are nearly right: a valid object changed at random, by what its schema says or against it."""

import copy
import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from armillary.engine.apiserver.schema.node import Form, Node

Json = Any
Path = tuple[str | int, ...]

STRINGS = (
    "", "a", "A b", "-", "a" * 64, "a" * 300, "a/b", "a/b/c", "../x", "%2f", "..", ".", "*", "0", "-1", "1.5", "true",
    "null", "é", "\u0000", "\ufeff", "\u2028", "a\nb", "💥", "10.0.0.1", "::1", "10.0.0.0/8", "fe80::1/64", "1Gi",
    "1e3", "9" * 40, "100%", "-5%", "1h", "2026-01-01T00:00:00Z", "2026-13-45T99:99:99Z", "0001-01-01T00:00:00Z",
    "metadata.name", "metadata.labels['a']", "example.com/x", "kubernetes.io/x", "k8s.io", "(", "[a-z", "$(A)", "{}",
    "Always", "Never", "None", "TCP", "In", "Exists", "ClusterIP", "aGVsbG8=", "=", "\\", '"', "$patch", "default",
)  # fmt: skip
NUMBERS = (
    0,
    1,
    -1,
    2,
    65535,
    65536,
    2**31 - 1,
    2**31,
    -(2**31),
    2**53,
    2**63 - 1,
    -(2**63),
    2**64 - 1,
    0.5,
    -0.0,
    1e300,
)
SCALARS: tuple[Json, ...] = (None, True, False, *NUMBERS, *STRINGS)
QUANTITIES = (
    "0",
    "1",
    "100m",
    "1Gi",
    "-1",
    "1.5",
    "1e3",
    "1E",
    "0.0000000001",
    "9" * 30,
    "1Zi",
    "",
    "+1",
    1,
    0.5,
    "1n",
)
TIMES = (
    "2026-01-01T00:00:00Z",
    "2026-01-01T00:00:00.123456Z",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59+14:00",
    "",
    "x",
)


class Mutator:
    """Changes of objects of one type."""

    def __init__(self, random: Random, root: Node) -> None:
        self.random, self.root = random, root

    def any_value(self, depth: int = 2) -> Json:
        """Any JSON value."""
        pick = self.random.random()
        if depth == 0 or pick < 0.7:
            return self.random.choice(SCALARS)
        values = [self.any_value(depth - 1) for _ in range(self.random.randrange(3))]
        if pick < 0.85:
            return values
        return {self.random.choice(STRINGS): value for value in values}

    def value_of(self, node: Node, depth: int = 2) -> Json:
        """A value of that type, with a taste for the extreme."""
        match node.form:
            case Form.STRING | Form.BYTES:
                return self.random.choice(STRINGS)
            case Form.BOOLEAN:
                return self.random.random() < 0.5
            case Form.INTEGER:
                return self.random.choice((0, 1, -1, 5, 70000, 2**31 - 1, -(2**31)))
            case Form.NUMBER:
                return self.random.choice(NUMBERS)
            case Form.QUANTITY:
                return self.random.choice(QUANTITIES)
            case Form.TIME | Form.MICRO_TIME:
                return self.random.choice(TIMES)
            case Form.INT_OR_STRING:
                return self.random.choice((0, 1, -1, 80, "http", "50%", "x%", "", "a" * 40))
            case Form.LIST:
                return [self.value_of(node.item, depth - 1) for _ in range(self.random.randrange(3))]
            case Form.MAP:
                return {self.random.choice(STRINGS): self.value_of(node.item, depth - 1) for _ in range(2)}
            case Form.STRUCT if depth > 0 and node.fields:
                names = self.random.sample(sorted(node.fields), min(len(node.fields), self.random.randrange(1, 4)))
                return {name: self.value_of(node.fields[name], depth - 1) for name in names}
            case Form.STRUCT:
                return {}
        return self.any_value(1)

    def mutated(self, obj: Json) -> Json:
        """A copy with one to three changes."""
        found = copy.deepcopy(obj)
        for _ in range(self.random.choice((1, 1, 1, 2, 3))):
            self.random.choice(_CHANGES)(self, found)
        return found

    def set_known(self, obj: Json) -> None:
        """A field that the schema knows gets a value of its type, more or less."""
        below: tuple[Json, Node] | None = (obj, self.root)
        while below is not None:
            below = self._descend(*below)

    def _descend(self, here: Json, node: Node) -> tuple[Json, Node] | None:
        """One step down, most often to where the object has something; None once a value was set."""
        if node.form is Form.STRUCT and isinstance(here, dict) and node.fields:
            there = [name for name in here if name in node.fields and isinstance(here[name], dict | list)]
            if there and self.random.random() < 0.7:
                name = self.random.choice(there)
                return here[name], node.fields[name]
            name = self.random.choice(sorted(node.fields))
            here[name] = self.value_of(node.fields[name])
        elif node.form is Form.LIST and isinstance(here, list):
            at = self.random.randrange(len(here) + 1)
            if at < len(here) and isinstance(here[at], dict):
                return here[at], node.item
            here[at : at + 1] = [self.value_of(node.item)]
        elif isinstance(here, dict):
            here[self.random.choice(STRINGS)] = self.any_value()
        return None

    def _place(self, obj: Json) -> tuple[Any, str | int] | None:
        places = list(_places(obj))
        return self.random.choice(places) if places else None

    def set_any(self, obj: Json) -> None:
        if (place := self._place(obj)) is not None:
            place[0][place[1]] = self.any_value()

    def drop(self, obj: Json) -> None:
        if (place := self._place(obj)) is not None:
            del place[0][place[1]]

    def repeat(self, obj: Json) -> None:
        """An item of a list stands there twice, or a value becomes a list of itself."""
        if (place := self._place(obj)) is None:
            return
        around, at = place
        if isinstance(around, list):
            around.append(copy.deepcopy(around[at]))
        else:
            around[at] = [around[at]]

    def rename(self, obj: Json) -> None:
        place = self._place(obj)
        if place is not None and isinstance(place[0], dict):
            place[0][self.random.choice(STRINGS)] = place[0].pop(place[1])

    def merge_patch(self, obj: Json) -> Json:
        """A merge or a strategic merge patch: a few changes of the object, with directives here and there."""
        changed = self.mutated(obj)
        patch = {name: changed[name] for name in changed if self.random.random() < 0.5}
        if self.random.random() < 0.4 and (place := self._place(patch)) is not None and isinstance(place[0], dict):
            name = str(place[1])
            directives = {
                "$patch": self.random.choice(("replace", "delete", "merge", "x", 1)),
                f"$deleteFromPrimitiveList/{name}": self.any_value(),
                f"$setElementOrder/{name}": self.any_value(),
                "$retainKeys": self.any_value(),
            }
            directive = self.random.choice(sorted(directives))
            place[0][directive] = directives[directive]
        return patch if self.random.random() < 0.95 else self.any_value()

    def json_patch(self, obj: Json) -> Json:
        if self.random.random() < 0.05:
            return self.any_value()
        return [self._operation(obj) for _ in range(self.random.choice((1, 1, 2, 4)))]

    def _operation(self, obj: Json) -> Json:
        paths = [pointer(path) for path in paths_of(obj)] + ["", "/", "/-", "x", "/metadata/labels/-", "/a~2b", "/~"]
        operation = {
            "op": self.random.choice(("add", "replace", "remove", "test", "move", "copy", "x", None)),
            "path": self.random.choice(paths),
            "from": self.random.choice(paths),
            "value": self.any_value(),
        }
        for name in ("from", "value", "path"):
            if self.random.random() < (0.02 if name == "path" else 0.3):
                operation[name] = self.any_value()
        return {k: v for k, v in operation.items() if self.random.random() < 0.97}

    def broken(self, body: bytes) -> bytes:
        """Bytes that are most often no JSON any more."""
        at = self.random.randrange(len(body) + 1)
        return self.random.choice((
            body[:at],
            body[:at] + self.random.randbytes(1) + body[at + 1 :],
            body[:at] + b"\xff\xfe" + body[at:],
            body.replace(b'":', b'":' + b"[" * 600, 1),
            body.replace(b"{", b'{"kind":"x","kind":"y",', 1),
            body.replace(b'":"', b'":1e999,"x":"', 1),
            body + body,
            b"",
            b"null",
        ))  # fmt: skip


_CHANGES: tuple[Callable[[Mutator, Json], None], ...] = (
    Mutator.set_known, Mutator.set_known, Mutator.set_known, Mutator.set_known, Mutator.set_any, Mutator.set_any,
    Mutator.drop, Mutator.repeat, Mutator.rename,
)  # fmt: skip


def _places(value: Json) -> Iterator[tuple[Any, str | int]]:
    """Every place below a value: what is around it, and its key there."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, sub in items:
        yield value, key
        yield from _places(sub)


def paths_of(value: Json, at: Path = ()) -> Iterator[Path]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, sub in items:
        yield (*at, key)
        yield from paths_of(sub, (*at, key))


def pointer(path: Path) -> str:
    """RFC 6901."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def encoded(value: Json) -> bytes:
    """JSON, with NaN and numbers of any size as Python writes them."""
    return json.dumps(value).encode()
