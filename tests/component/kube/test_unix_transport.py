"""The Unix socket's transport against a server that says exactly what a test wants."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from armillary.base.errors import NotFound, Unavailable
from armillary.kube.transport.port import Response
from armillary.kube.transport.unix import UnixHttp

PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Kind: plain\r\n\r\n{}"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"


@dataclass
class Script:
    """Answers each request with the next of `answers`, None by hanging up; after the last it hangs up too."""

    answers: Sequence[bytes | None]
    connections: int = 0
    asked: list[bytes] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = next((int(v) for k, v in _headers(head) if k == b"content-length"), 0)
                self.asked.append(head + await reader.readexactly(length))
                answer = self.answers[len(self.asked) - 1]
                if answer is None:
                    break
                writer.write(answer)
                if len(self.asked) == len(self.answers):
                    break
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()


def _headers(head: bytes) -> list[tuple[bytes, bytes]]:
    lines = head.split(b"\r\n")[1:-2]
    return [(name.lower(), value.strip()) for name, _, value in (line.partition(b":") for line in lines)]


@asynccontextmanager
async def talking(directory: Path, *answers: bytes | None) -> AsyncIterator[tuple[UnixHttp, Script]]:
    script, path = Script(answers), str(directory / "s")
    server = await asyncio.start_unix_server(script.serve, path)
    http = UnixHttp(path, {"authorization": "Bearer t"})
    try:
        async with asyncio.timeout(20):
            yield http, script
    finally:
        await http.close()
        server.close()


async def get(http: UnixHttp, body: bytes | None = None) -> Response:
    return await http.request("POST" if body else "GET", "/a", query={"b": "c d"}, body=body, headers={"accept": "x"})


async def test_one_connection_serves_many_requests(tmp_path: Path) -> None:
    async with talking(tmp_path, PLAIN, CHUNKED + b"3\r\nabc\r\n2\r\nde\r\n" + END, PLAIN) as (http, script):
        assert (await get(http)).headers["x-kind"] == "plain"
        assert (await get(http, b"body")).body == b"abcde"
        assert (await get(http)).body == b"{}"
    assert script.connections == 1
    assert (
        script.asked[0] == b"GET /a?b=c+d HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer t\r\naccept: x\r\n\r\n"
    )
    assert script.asked[1].endswith(b"content-length: 4\r\n\r\nbody")


async def test_who_asks_at_the_same_time_has_a_connection_of_its_own(tmp_path: Path) -> None:
    async with talking(tmp_path, *[PLAIN] * 6) as (http, script):
        await asyncio.gather(*(get(http) for _ in range(3)))
        await asyncio.gather(*(get(http) for _ in range(3)))
    assert script.connections == 3


@pytest.mark.parametrize("answer", [None, b"this is no HTTP\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Le"])
async def test_no_answer_is_told_and_the_next_request_is_answered(tmp_path: Path, answer: bytes | None) -> None:
    async with talking(tmp_path, answer, PLAIN) as (http, script):
        asking = asyncio.create_task(get(http))
        if answer is not None and answer.startswith(b"HTTP"):  # a server that stalls: whoever asked gives up
            while not script.asked:
                await asyncio.sleep(0)
            asking.cancel()
        with pytest.raises((Unavailable, asyncio.CancelledError)):
            await asking
        assert (await get(http)).status == 200
    assert script.connections == 2


async def test_a_connection_that_the_server_ended_is_not_used_again(tmp_path: Path) -> None:
    closing = PLAIN.replace(b"X-Kind: plain", b"Connection: close")
    async with talking(tmp_path, closing, PLAIN) as (http, script):
        assert (await get(http)).status == 200
        assert (await get(http)).status == 200
    assert script.connections == 2


async def test_nobody_there(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="does not answer"):
        await get(UnixHttp(str(tmp_path / "none")))


async def test_lines_come_whole(tmp_path: Path) -> None:
    chunks = b"3\r\nab\n\r\n1\r\nc\r\n3\r\nd\ne\r\n1\r\n\n\r\n"
    async with talking(tmp_path, CHUNKED + chunks + END) as (http, _):
        assert [line async for line in http.lines("GET", "/w", query={})] == [b"ab", b"cd", b"e"]


async def test_a_long_stream_comes_whole(tmp_path: Path) -> None:
    line = b"x" * 9999 + b"\n"
    async with talking(tmp_path, CHUNKED + b"2710\r\n%b\r\n" % line * 500 + END) as (http, _):
        assert [found async for found in http.lines("GET", "/w", query={})] == [line[:-1]] * 500


async def test_a_stream_that_is_refused_raises(tmp_path: Path) -> None:
    status = b'{"code":404,"message":"none"}'
    refusal = b"HTTP/1.1 404 Not Found\r\nContent-Length: %d\r\n\r\n%b" % (len(status), status)
    async with talking(tmp_path, refusal) as (http, _):
        with pytest.raises(NotFound, match="none"):
            _ = [line async for line in http.lines("GET", "/w", query={})]


async def test_a_stream_cut_off_is_told(tmp_path: Path) -> None:
    async with talking(tmp_path, CHUNKED + b"2\r\na\n\r\n") as (http, _):
        lines = http.lines("GET", "/w", query={})
        assert await anext(lines) == b"a"
        with pytest.raises(Unavailable, match="hung up"):
            await anext(lines)


async def test_an_answer_whose_reader_was_cancelled_is_given_to_nobody_else(tmp_path: Path) -> None:
    numbered = [b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n%03d" % number for number in range(200)]
    async with talking(tmp_path, *numbered) as (http, script), asyncio.TaskGroup() as group:
        for turns in range(40):  # one of them meets the moment in which the answer is in and nobody has looked
            left = group.create_task(http.request("GET", "/", query={}, body=None, headers={}))
            for _ in range(turns):
                await asyncio.sleep(0)
            left.cancel()
            await asyncio.wait((left,))
            answer = await http.request("GET", "/", query={}, body=None, headers={})
            assert int(answer.body) == len(script.asked) - 1
