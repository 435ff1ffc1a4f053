#!/usr/bin/python3
"""PINGs both ways: clients that are gone, and clients that ask too often."""

import queue
import socket
import time
from contextlib import suppress
from typing import Optional

import grpc
from hyperframe.frame import GoAwayFrame, PingFrame

from grpcd_test import check, frames, greeter, proc, tap
from grpcd_test.frames import Frames, greeted
from grpcd_test.greeter import encode, status_of
from grpcd_test.server import Server

TCP_USER_TIMEOUT = 18  # of linux/tcp.h

# What our harness sets, as it is by default.
STRICT = {"keepalive_min_time": "5m", "keepalive_permit_without_calls": False}


def test_a_silent_client_is_asked_and_let_go() -> None:
    limits = {"keepalive_time": "200ms", "keepalive_timeout": "200ms"}
    with Server(limits=limits) as server, Frames(server.address) as client:
        stream = client.open()
        client.expect_alive()
        client.acknowledge = False
        ping = client.expect_frame(PingFrame, lambda frame: "ACK" not in frame.flags)
        client.send(PingFrame(0, opaque_data=ping.opaque_data, flags=["ACK"]))
        client.expect_frame(PingFrame)
        client.expect_closed()
        check.equal(client.responses[stream].over, False, "the call had an answer")
        (goaway,) = [frame for frame in client.seen if isinstance(frame, GoAwayFrame)]
        check.contains(goaway.additional_data.decode(), "keepalive_timeout 200ms")
        server.wait_log("nothing came within keepalive_timeout 200ms")


def test_a_client_that_answers_stays() -> None:
    with Server(limits={"keepalive_time": "50ms", "keepalive_timeout": "2s"}) as server:
        with greeted(server.address) as client:
            for _ in range(10):
                client.expect_frame(PingFrame)
            client.expect_reply(client.request(encode("x")), "Hello x")


def test_a_stock_client_answers() -> None:
    with Server(limits={"keepalive_time": "50ms", "keepalive_timeout": "2s"}) as server:
        with greeter.at(server.address) as client:
            end = time.monotonic() + 1
            while time.monotonic() < end:
                check.equal(client.hello("x"), "Hello x")
        check.equal(server.count("keepalive_timeout"), 0, "complaints")


def ping_too_often(server: Server, source: str = "") -> None:
    """A client that is let go for its PINGs."""
    with Frames(server.address, source=source) as client:
        stream = client.open()
        client.send(*[PingFrame(0, opaque_data=b"hurry up")] * 4)
        client.expect_closed()
        goaway = next(frame for frame in client.seen if isinstance(frame, GoAwayFrame))
        check.equal(goaway.error_code, frames.ENHANCE_YOUR_CALM, "code of GOAWAY")
        check.equal(goaway.additional_data, b"too_many_pings", "text of GOAWAY")
        check.equal(client.responses[stream].over, False, "the call had an answer")


def test_too_many_pings_are_told_once_a_client() -> None:
    with Server(workers=2, limits=STRICT) as server:
        for source in ("127.0.0.1", "127.0.0.2") * 4:
            ping_too_often(server, source)
        lines = [line for line in server.log().splitlines() if "[warn]" in line]
        check.equal(len(lines), 2, f"warnings: {lines}")
        for line, source in zip(lines, ("127.0.0.1", "127.0.0.2")):
            check.contains(line, source, "keepalive_min_time 5m")
            check.contains(line, "raise the client's keepalive time")


def test_a_stock_client_that_asks_too_often() -> None:
    options = {"grpc.keepalive_time_ms": 100, "grpc.http2.max_pings_without_data": 0}
    with Server(limits=STRICT) as server, greeter.at(server.address, **options) as client:
        names: "queue.Queue[Optional[str]]" = queue.Queue()
        call = client.bidi_stream(iter(names.get, None))
        with check.raises(grpc.RpcError):
            next(call)
        names.put(None)
        check.equal(status_of(call), grpc.StatusCode.UNAVAILABLE, "status of the call")
        server.wait_log("lower keepalive_min_time")
        check.equal(client.hello("y"), "Hello y", "the answer on a new connection")


def test_permitted_pings() -> None:
    limits = {"keepalive_min_time": "100ms", "keepalive_permit_without_calls": True}
    with Server(limits=limits) as server, Frames(server.address) as client:
        for _ in range(6):
            client.expect_alive()
            time.sleep(0.11)
        client.expect_reply(client.request(encode("x")), "Hello x")
        check.equal(server.count("keepalive"), 0, "complaints")


def test_a_reader_that_rests_is_not_gone() -> None:
    limits = {
        "keepalive_time": "100ms",
        "keepalive_timeout": "300ms",
        "connection_window": "16m",
    }
    with Server(limits=limits) as server, Frames(server.address, greet=False) as client:
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
        client.greet({4: frames.WIDE_WINDOW}, frames.WIDE_WINDOW)
        # Each is answered ten times, which is more than sockets hold.
        fields = frames.request_headers({":path": greeter.STREAM_REPLY})
        streams = [client.open(fields) for _ in range(20)]
        for stream in streams:
            client.send_message(stream, encode("n" * 60000), wait=False)
        time.sleep(1)  # in which the server waits to be read
        for stream in streams:
            check.equal(client.response(stream).status, 0, "grpc-status")


def user_timeout(server: Server, client: Frames) -> int:
    """TCP_USER_TIMEOUT of the worker's end of a connection."""
    for worker in server.workers():
        for number in proc.descriptors(worker):
            copy = proc.socket_of(worker, number)
            if copy is None:
                continue
            with copy, suppress(OSError):
                if copy.getpeername() == client.socket.getsockname():
                    return copy.getsockopt(socket.IPPROTO_TCP, TCP_USER_TIMEOUT)
    raise AssertionError("no worker has the connection")


def test_the_kernel_gives_up_as_soon() -> None:
    limits = {"keepalive_timeout": "20s"}
    with Server(limits=limits, send_timeout="5s") as server:
        with greeted(server.address) as client:
            check.equal(user_timeout(server, client), 20000, "the longer of two")
        server.configure(send_timeout="30s")
        server.reload()
        with greeted(server.address) as client:
            check.equal(user_timeout(server, client), 30000, "after a reload")
        server.configure(limits={"keepalive_time": "0"})
        server.reload()
        with greeted(server.address) as client:
            check.equal(user_timeout(server, client), 0, "without keepalive")


if __name__ == "__main__":
    tap.main()
