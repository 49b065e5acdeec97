"""The lean client: what comes is given as it comes, and a connection is used again only when that is safe."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from armillary.base.serving import client
from armillary.base.serving.client import Endpoint, Exchange, Pool

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass
class Server:
    """Gives its answers in turn, the last one again and again; b"" hangs up instead."""

    answers: Sequence[bytes] = (OK,)
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                self.requests.append(await reader.readuntil(b"\r\n\r\n"))
                answer = self.answers[min(len(self.requests), len(self.answers)) - 1]
                if not answer:
                    break
                writer.write(answer)
                if b"Connection: close" in answer or (b"Length" not in answer and b"chunked" not in answer):
                    break
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()


@asynccontextmanager
async def serving(*answers: bytes) -> AsyncIterator[tuple[Server, Pool]]:
    found = Server(answers or (OK,))
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0)
    pool = Pool(Endpoint(*server.sockets[0].getsockname()))
    async with server, asyncio.timeout(10):
        yield found, pool
        pool.close()


async def read(exchange: Exchange) -> bytes:
    whole = b""
    while chunk := await exchange.read():
        whole += chunk
    return whole


async def ask(pool: Pool) -> tuple[int, bytes]:
    exchange = await pool.exchange(GET, bodyless=True)
    head = await exchange.head()
    body = await read(exchange)
    pool.give_back(exchange)
    return head.status, body


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        (OK, 200, b"ok"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", 200, b"abc"),
        (b"HTTP/1.1 200 OK\r\n\r\nuntil the end", 200, b"until the end"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, 200, b"ok"),
        (b"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" + OK, 200, b"ok"),
        (b"HTTP/1.1 204 No Content\r\nX-Length: 0\r\n\r\n", 204, b""),
        (b"HTTP/1.1 301 Moved\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n", 301, b""),
    ],
)
async def test_answers(answer: bytes, status: int, body: bytes) -> None:
    async with serving(answer) as (_, pool):
        assert await ask(pool) == (status, body)


@pytest.mark.parametrize(
    "answer", [b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\ncut", b""]
)
async def test_answers_that_are_none(answer: bytes) -> None:
    async with serving(answer) as (_, pool):
        with pytest.raises(ConnectionError):
            await ask(pool)


async def test_a_connection_is_used_again() -> None:
    async with serving() as (server, pool):
        for _ in range(3):
            assert await ask(pool) == (200, b"ok")
        assert server.connections == 1


async def test_a_kept_connection_that_is_closed_costs_a_new_one() -> None:
    async with serving(OK, b"", OK) as (server, pool):
        assert await ask(pool) == (200, b"ok")
        assert await ask(pool) == (200, b"ok")
        assert (server.connections, len(server.requests)) == (2, 3)


async def test_a_write_is_never_sent_twice() -> None:
    async with serving(OK, b"", OK) as (server, pool):
        await ask(pool)
        with pytest.raises(ConnectionError):
            await (await pool.exchange(GET, bodyless=False)).head()
        assert len(server.requests) == 2


async def test_an_answer_that_nobody_has_read_is_not_given_to_another() -> None:
    async with serving(OK, b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nother") as (server, pool):
        exchange = await pool.exchange(GET, bodyless=True)
        await exchange.head()
        pool.give_back(exchange)  # its reader was cancelled
        assert await ask(pool) == (200, b"other")
        assert server.connections == 2


async def test_an_old_connection_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "IDLE_SECONDS", -1.0)
    async with serving() as (server, pool):
        await ask(pool)
        await ask(pool)
        assert server.connections == 2


async def test_nobody_there() -> None:
    pool = Pool(Endpoint("127.0.0.1", 1))
    with pytest.raises(ConnectionError, match="can't be reached"):
        await ask(pool)
    with pytest.raises(ConnectionError, match="can't be reached"):
        await pool.dial()


async def test_what_is_finished_early_is_whole_only_if_its_length_was_not_told() -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n"
    sized = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab"
    async with serving(chunked, sized) as (_, pool):
        exchange = await pool.exchange(GET, bodyless=True)
        await exchange.head()
        assert await exchange.read() == b"ab"
        exchange.finish()
        assert await exchange.read() == b""
        exchange = await pool.exchange(GET, bodyless=True)
        await exchange.head()
        exchange.finish()
        with pytest.raises(ConnectionError):
            await read(exchange)


async def test_a_body_is_sent_piece_by_piece() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"ab"
        yield b"c\r\n\r\n"

    async with serving() as (server, pool):
        exchange = await pool.exchange(GET, pieces(), bodyless=False)
        assert (await exchange.head()).status == 200
        exchange.drop()
        assert b"".join(server.requests).startswith(GET)
