"""What is remembered of the past, for how long, and who is told."""

import random

import pytest

from armillary.base.errors import Expired
from armillary.engine.store import history as limits
from armillary.engine.store.history import History, Stream
from armillary.engine.store.port import Change, Entry, Key


class Past:
    """A history that is written one change at a time."""

    def __init__(self) -> None:
        self.history = History(0)
        self.now = 0.0
        self.revision = 0

    def put(self, *names: str, body: bytes = b"", resource: str = "pods") -> None:
        self.history.publish([self._change(Key(resource, *_place(name)), body, False) for name in names], self.now)

    def delete(self, name: str, body: bytes = b"") -> None:
        self.history.publish([self._change(Key("pods", *_place(name)), body, True)], self.now)

    def _change(self, key: Key, body: bytes, deleted: bool) -> Change:
        self.revision += 1
        return Change(Entry(key, self.revision, body, {}, {}), self.history.get(key), deleted)

    def state(self, at: int | None = None, namespace: str = "") -> list[tuple[str, int]]:
        return [(_name(e.key), e.revision) for e in self.history.page("pods", namespace, at=at).entries]

    def in_pages(self, at: int, limit: int) -> list[tuple[str, int]]:
        found: list[tuple[str, int]] = []
        after, total = None, len(self.state(at))
        while True:
            page = self.history.page("pods", after=after, limit=limit, at=at)
            found += [(_name(e.key), e.revision) for e in page.entries]
            assert page.remaining == total - len(found)
            assert (page.last is None) == (page.remaining == 0)
            if page.last is None:
                return found
            after = page.last


def _place(name: str) -> tuple[str, str]:
    namespace, _, rest = name.rpartition("/")
    return namespace or "d", rest


def _name(key: Key) -> str:
    return key.name if key.namespace == "d" else f"{key.namespace}/{key.name}"


def names(stream: Stream) -> list[str]:
    return [_name(change.entry.key) for change in stream.take()]


@pytest.mark.parametrize("seed", range(5))
def test_every_older_state_can_be_read_whole_and_in_pages(seed: int) -> None:
    past, dice = Past(), random.Random(seed)
    states = {0: past.state()}
    for _ in range(60):
        name = f"{dice.choice('de')}/p{dice.randrange(8)}"
        if past.history.get(Key("pods", *_place(name))) is not None and dice.random() < 0.4:
            past.delete(name)
        else:
            past.put(name)
        past.put("n", resource="nodes")
        states[past.revision] = past.state()
    for at, state in states.items():
        assert past.state(at) == state
        assert past.state(at, "e") == [(name, revision) for name, revision in state if name.startswith("e/")]
        assert past.in_pages(at, 3) == state


def test_changes_are_kept_for_a_time() -> None:
    past = Past()
    past.put("a")
    past.now = limits.KEPT_SECONDS
    past.put("b")
    assert past.history.oldest == 0
    past.now += 1
    past.put("c")
    assert past.history.oldest == 1, "what came after it can still be read"
    assert past.state(1) == [("a", 1)]
    with pytest.raises(Expired, match=r"too old resource version: 0 \(1\)"):
        past.state(0)
    with pytest.raises(Expired):
        past.history.open_stream("pods", "", 0)


def test_so_many_changes_are_kept() -> None:
    past = Past()
    past.put(*["a"] * (limits.KEPT_CHANGES + 3))
    assert past.history.oldest == 3


def test_the_past_may_take_so_much_memory() -> None:
    past, body = Past(), bytes(1 << 20)
    most = limits.KEPT_BYTES >> 20
    past.put(*(f"p{n}" for n in range(2 * most)), body=body)
    assert past.history.oldest == 0, "present versions cost nothing"
    for _ in range(most + 5):
        past.put("p0", body=body)
    assert past.history.oldest == 2 * most + 5


def test_a_stream_begins_with_what_it_missed() -> None:
    past = Past()
    past.put("a", "b", "c")
    stream = past.history.open_stream("pods", "", 1)
    past.put("d", "e/a")
    assert names(stream) == ["b", "c", "d", "e/a"]
    assert names(stream) == []


def test_a_stream_of_a_namespace_or_from_a_later_revision() -> None:
    past = Past()
    of_e, later = past.history.open_stream("pods", "e", 0), past.history.open_stream("pods", "", 3)
    past.put("a", "e/b")
    past.put("e/c", "d", "e")
    assert (names(of_e), names(later)) == (["e/b", "e/c"], ["d", "e"])


def test_a_stream_says_how_far_it_has_been_read() -> None:
    past = Past()
    stream = past.history.open_stream("pods", "", 0)
    past.put("n", "m", resource="nodes")
    assert stream.revision == 2, "what is not its own is read at once"
    past.put("a")
    past.put("n", resource="nodes")
    assert stream.revision == 2, "an unread change holds it back, to where it was"
    stream.take()
    assert stream.revision == 4


def test_a_stream_that_falls_behind_is_told() -> None:
    past = Past()
    stream = past.history.open_stream("pods", "", 0)
    past.put("n", resource="nodes")
    past.put(*["a"] * limits.WATCHER_CHANGES)
    past.put("b")
    for _ in range(2):
        with pytest.raises(Expired):
            stream.take()
    assert stream.revision == 1, "a bookmark must not pass over what was dropped"


def test_a_closed_stream_is_given_nothing() -> None:
    past = Past()
    stream = past.history.open_stream("pods", "", 0)
    past.history.close_stream(stream)
    past.put("a")
    assert names(stream) == []
