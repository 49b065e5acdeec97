"""Whatever is opened, before or after its session has ended, ends."""

from armillary.platform.frame.ending import Ending


def test_what_is_open_ends_with_the_session() -> None:
    ended: list[str] = []
    ending = Ending()
    ending.then(lambda: ended.append("stream"))
    assert ended == []
    ending()
    assert ended == ["stream"]


def test_what_is_opened_too_late_ends_at_once() -> None:
    ended: list[str] = []
    ending = Ending()
    ending()
    ending.then(lambda: ended.append("stream"))
    assert ended == ["stream"]
