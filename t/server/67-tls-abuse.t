#!/usr/bin/python3
"""Clients of TLS that stop, dribble, lie and leave, while others call."""

import os
import select
import signal
import socket
import ssl
import struct
import time
from contextlib import ExitStack
from typing import List, cast

from grpcd_test import check, frames, greeter, tap, tls
from grpcd_test.config import listener
from grpcd_test.ports import free_port
from grpcd_test.server import Server, kill
from grpcd_test.wait import LIMIT, scaled, wait_for

STOPPED = scaled(1000, least=200)
UNAVAILABLE = bytes([21, 3, 3, 0, 2, 2, 80])  # the fatal alert internal_error


def hello(context: ssl.SSLContext) -> bytes:
    """The first flight of a client."""
    out = ssl.MemoryBIO()
    client = context.wrap_bio(ssl.MemoryBIO(), out, server_hostname="localhost")
    with check.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return out.read()


def dial(server: Server) -> socket.socket:
    """A connection without TLS."""
    return socket.create_connection(("127.0.0.1", server.port), LIMIT)


def drained(plain: socket.socket) -> bytes:
    """All that comes until the end."""
    got = b""
    try:
        while True:
            more = plain.recv(65536)
            if not more:
                return got
            got += more
    except ConnectionError:
        return got


class Dribble:
    """A client whose records hold little, and are sent and taken in pieces."""

    def __init__(
        self, server: Server, context: ssl.SSLContext, piece: int, record: int = 16384
    ) -> None:
        self.piece, self.record, self.hold = piece, record, False
        self.plain = dial(server)
        self.plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.into, self.out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.into, self.out, server_hostname="localhost")

    def send(self) -> None:
        """Sends what there is, in pieces."""
        raw = self.out.read()
        for start in range(0, len(raw), self.piece):
            self.plain.sendall(raw[start : start + self.piece])

    def read(self) -> bytes:
        """The next plain bytes."""
        while True:
            try:
                return self.tls.read(65536)
            except ssl.SSLWantReadError:
                self.into.write(self.plain.recv(self.piece))

    # As a socket has it, for Frames

    def sendall(self, raw: bytes) -> None:
        """Sends plain bytes, or leaves them to the next send."""
        for start in range(0, len(raw), self.record):
            self.tls.write(raw[start : start + self.record])
        if not self.hold:
            self.send()

    def recv(self, _: int) -> bytes:
        """Plain bytes; none after a close_notify."""
        try:
            return self.read()
        except ssl.SSLZeroReturnError:
            return b""

    def settimeout(self, limit: float) -> None:
        """Of each read."""
        self.plain.settimeout(limit)

    def close(self) -> None:
        """Without a word."""
        self.plain.close()

    def handshake(self) -> None:
        """All of it."""
        while True:
            try:
                self.tls.do_handshake()
                return self.send()
            except ssl.SSLWantReadError:
                self.send()
                self.into.write(self.plain.recv(self.piece))


def test_records_in_pieces() -> None:
    authority = tls.Authority()
    with Server(tls=authority.issue("localhost").directives) as server:
        for piece, record in ((1, 1), (7, 1), (1000, 1), (65536, 1), (3, 7), (1000, 100)):
            client = Dribble(server, authority.context(), piece, record)
            client.handshake()
            with frames.Frames(cast(socket.socket, client)) as caller:
                for name in ("world", "x" * 1000):
                    caller.expect_reply(caller.request(greeter.encode(name)), f"Hello {name}")


@tap.limit(90)
def test_handshakes_that_stop() -> None:
    authority = tls.Authority()
    pair = authority.issue("localhost")
    section = {**pair.directives, "tls_handshake_timeout": "5s", "max_handshakes": STOPPED + 10}
    with Server(tls=section) as server, ExitStack() as stack:
        first = hello(authority.context())
        stopped: List[socket.socket] = []
        for number in range(STOPPED):
            stopped.append(stack.enter_context(dial(server)))
            stopped[-1].sendall(first[: len(first) * (number % 3) // 2])
        with authority.greeter(server) as client:
            for _ in range(50):
                check.equal(client.hello(), "Hello world")
        for plain in stopped:
            drained(plain)
        server.wait_log(r"no TLS handshake within 5000 ms \(tls_handshake_timeout\)")


def arrival(connection: socket.socket) -> float:
    """When its last bytes came, in milliseconds, whenever we come to look."""
    info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
    last_data_recv = int(struct.unpack_from("=I", info, 52)[0])
    return time.monotonic() * 1000 - last_data_recv


def test_calls_go_before_a_flood_of_handshakes() -> None:
    authority = tls.Authority()
    address = f"127.0.0.1:{free_port()}"
    plain = listener(address, "plain")
    with Server(plain, tls=authority.issue("localhost").directives) as server, ExitStack() as stack:
        first, poll = hello(authority.context()), select.poll()
        flood = [stack.enter_context(dial(server)) for _ in range(400)]
        caller = stack.enter_context(frames.greeted(address))
        wait_for(lambda: server.status()["workers"][0]["connections"] > len(flood), "all of them")
        (worker,) = server.workers()
        kill(worker, signal.SIGSTOP)
        for client in flood:
            client.sendall(first)
            poll.register(client, select.POLLIN)
        stream = caller.request(greeter.encode("world"))
        kill(worker, signal.SIGCONT)
        caller.expect_reply(stream, "Hello world")
        wait_for(lambda: len(poll.poll(0)) == len(flood), "their turn")
        earlier = sum(arrival(client) < arrival(caller.socket) for client in flood)
        assert earlier < len(flood) // 2, f"{earlier} handshakes went before the call"


def test_handshakes_beyond_the_limit() -> None:
    authority = tls.Authority()
    pair = authority.issue("localhost")
    with Server(tls={**pair.directives, "max_handshakes": 2}) as server:
        with dial(server), dial(server):
            with dial(server) as third:
                check.equal(drained(third), UNAVAILABLE, "what one too many gets")
            server.wait_log("3 TLS handshakes at once exceed max_handshakes 2")
        with authority.greeter(server) as client:
            answer = client.say_hello("world", wait_for_ready=True, timeout=LIMIT)
            check.equal(answer, "Hello world")


def test_handshakes_do_not_keep_a_worker() -> None:
    authority = tls.Authority()
    section = {**authority.issue("localhost").directives, "tls_handshake_timeout": "1h"}
    times = {"graceful_timeout": "1s", "lingering_timeout": "1m"}
    with Server(tls=section, **times) as server:
        first = hello(authority.context())
        with dial(server) as silent, dial(server) as stopped:
            stopped.sendall(first[: len(first) // 2])
            wait_for(lambda: server.status()["workers"][0]["connections"] == 2, "both")
            server.wait_gone(set(server.workers()) - set(server.reload()))
            check.equal(drained(silent) + drained(stopped), b"", "what they got")


def test_ends_without_goodbye() -> None:
    authority = tls.Authority()
    pair = authority.issue("localhost")
    with Server(tls=pair.directives, log_level="debug") as server:
        context = authority.context()
        with dial(server) as plain:
            plain.sendall(hello(context)[:100])
        server.wait_log(r"\[info\].* its client left in its TLS handshake")
        client = tls.connect(server, context)
        tls.first_bytes(client)
        client.close()  # the socket alone: no close_notify
        server.wait_log(r"\[debug\].* its client left without close_notify")
        polite = Dribble(server, context, 65536)
        with polite.plain:
            polite.handshake()
            check.equal(polite.read()[3], 4, "SETTINGS")
            with check.raises(ssl.SSLWantReadError):
                polite.tls.unwrap()
            polite.send()
            polite.into.write(drained(polite.plain))
            polite.tls.unwrap()  # raises without close_notify
        check.equal(server.count("without close_notify"), 1, "lines about it")
        with authority.greeter(server) as stock:
            check.equal(stock.hello(), "Hello world")


def test_goodbye_behind_the_last_request() -> None:
    authority = tls.Authority()
    with Server(tls=authority.issue("localhost").directives) as server:
        client = Dribble(server, authority.context(), 65536)
        client.handshake()
        with frames.Frames(cast(socket.socket, client)) as caller:
            caller.expect_alive()
            client.hold = True
            stream = caller.request(greeter.encode("world"))
            with check.raises(ssl.SSLWantReadError):
                client.tls.unwrap()
            client.send()
            caller.expect_reply(stream, "Hello world")
            caller.expect_closed()


def test_garbage() -> None:
    authority = tls.Authority()
    with Server(tls=authority.issue("localhost").directives) as server:
        context = authority.context()
        for raw, line in (
            (b"\x80\xff\xff" + os.urandom(100), "ended: what its client sent is no TLS"),
            (b"\x16\x03\x01\xff\xff" + bytes(70000), "ended: packet length too long"),
            (b"\x17\x03\x03\0\5hello", "ended: unexpected message"),
            (b"\x80\x01\x01", "ended: its client left in its TLS handshake"),
        ):
            with dial(server) as plain:
                plain.sendall(raw)
                plain.shutdown(socket.SHUT_WR)
                drained(plain)
            server.wait_log(line)
        client = Dribble(server, context, 65536)
        with client.plain:
            client.handshake()
            client.plain.sendall(b"\x17\x03\x03\x00\x20" + os.urandom(32))
            drained(client.plain)
        server.wait_log("ended: decryption failed or bad record mac")
        with authority.greeter(server) as stock:
            check.equal(stock.hello(), "Hello world")


if __name__ == "__main__":
    tap.main()
