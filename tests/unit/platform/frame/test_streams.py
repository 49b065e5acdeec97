"""Streams end with what they were opened with, and with nothing else."""

from armillary.platform.frame.caller import Caller
from armillary.platform.frame.streams import OpenStreams

ANN, ANN_ELSEWHERE, BOB = Caller("ann", session="1"), Caller("ann", session="2"), Caller("bob", session="3")


def test_only_the_ended_sessions_streams_end_and_each_once() -> None:
    streams, ended = OpenStreams(), list[str]()
    with (
        streams.opened(ANN, lambda: ended.append("ann")),
        streams.opened(ANN_ELSEWHERE, lambda: ended.append("ann elsewhere")),
        streams.opened(BOB, lambda: ended.append("bob")),
    ):
        streams.end_session("1")
        assert ended == ["ann"]
        streams.end_user("ann")
        assert ended == ["ann", "ann elsewhere"]
        streams.end_all()
        assert ended == ["ann", "ann elsewhere", "bob"]
    assert len(streams) == 0


def test_a_stream_that_has_ended_by_itself_is_forgotten() -> None:
    streams = OpenStreams()
    with streams.opened(ANN, lambda: None):
        assert len(streams) == 1
    assert len(streams) == 0
