#!/usr/bin/python3
"""Clients that have the server hold things for them, for ever if it lets them:
answers without a window, requests without an end, lines in the log."""

import signal
import time
from typing import Callable, Dict, List

import grpc
from hyperframe.frame import (
    DataFrame,
    GoAwayFrame,
    HeadersFrame,
    PingFrame,
    PriorityFrame,
    RstStreamFrame,
    SettingsFrame,
    WindowUpdateFrame,
)

from grpcd_test import check, frames, greeter, proc, tap
from grpcd_test.frames import PREFACE, Frames, framed, greeted, request_headers
from grpcd_test.greeter import BIDI_STREAM, encode, status_of
from grpcd_test.server import Server

NO_WINDOW = {SettingsFrame.INITIAL_WINDOW_SIZE: 0}
STREAMS = 128  # as many as may be open
MEGABYTE = 1 << 20


def is_greeted(server: Server) -> None:
    """Fails unless another connection is served."""
    with Frames(server.address) as client:
        client.expect_reply(client.request(encode("x")), "Hello x")


def fill(client: Frames, size: int) -> List[int]:
    """Asks for a large answer on each stream that may be open."""
    streams = []
    for _ in range(STREAMS):
        streams.append(client.open())
        client.send_message(streams[-1], encode("n" * size), wait=False)
        client.expect_alive()
    return streams


# Answers that may not be sent


def test_answers_without_a_window_are_held_once() -> None:
    with Server() as server, Frames(server.address, settings=NO_WINDOW) as client:
        (worker,) = server.workers()
        before = proc.memory(worker)
        streams = fill(client, 50000)
        # The request, the text of the answer, and the answer packed.
        proc.check_growth(worker, before, STREAMS * 3 * 65536 + 4 * MEGABYTE)
        full = proc.memory(worker)
        is_greeted(server)
        for _ in range(3):
            for stream in streams:
                client.reset(stream)
            client.expect_alive()
            streams = fill(client, 50000)
        proc.check_growth(worker, full, 4 * MEGABYTE)
        client.send(SettingsFrame(0, settings={SettingsFrame.INITIAL_WINDOW_SIZE: 65535}))
        for stream in streams:
            client.expect_reply(stream, "Hello " + "n" * 50000)


def test_answers_that_outlast_their_deadline_are_given_up() -> None:
    with Server(limits={"max_deadline": "1s"}) as server:
        with Frames(server.address, settings=NO_WINDOW) as client:
            for stream in fill(client, 50000):
                client.expect_reset(stream, frames.CANCEL)
            client.send(SettingsFrame(0, settings={SettingsFrame.INITIAL_WINDOW_SIZE: 65535}))
            client.expect_reply(client.request(encode("x")), "Hello x")


def test_a_stream_without_a_window_stops_its_service() -> None:
    with Server() as server, Frames(server.address, settings=NO_WINDOW) as client:
        (worker,) = server.workers()
        before = proc.memory(worker)
        fields = request_headers({":path": BIDI_STREAM})
        message = framed(encode("n" * 1000))
        # What a window of 64k takes, on all streams; each message is echoed.
        for _ in range(STREAMS):
            stream = client.open(fields)
            for _ in range(64):
                client.data(stream, message)
            client.expect_alive()
        proc.check_growth(worker, before, STREAMS * 2 * 65536 + 4 * MEGABYTE)
        is_greeted(server)


def test_a_drain_does_not_wait_for_windows() -> None:
    with Server(graceful_timeout="300ms") as server:
        with Frames(server.address, settings=NO_WINDOW) as client:
            fill(client, 20000)
            server.send(signal.SIGHUP)
            client.expect_closed()
            check.equal(client.refusal(), frames.NO_ERROR, "code of GOAWAY")


def test_a_stock_client_without_a_window_is_told_unavailable() -> None:
    with Server(graceful_timeout="300ms") as server, greeter.at(server.address) as client:
        call = client.stream_reply("n" * 3 * MEGABYTE)
        # It reads ahead what its window holds, and then no more.
        check.equal(call.initial_metadata() is not None, True)
        server.reload()
        server.wait_log("graceful_timeout is over: ends 1 calls")
        with check.raises(grpc.RpcError):
            list(call)
        check.equal(status_of(call), grpc.StatusCode.UNAVAILABLE)


# Requests that do not end


def unfinished_headers(client: Frames) -> None:
    """HEADERS that are to be continued."""
    block = client.encoder.encode(request_headers())
    client.send(HeadersFrame(client.new_stream(), data=block[:9]))


def unfinished_message(client: Frames) -> None:
    """A message of which the last byte is missing."""
    client.data(client.open(), framed(encode("x"))[:-1])


def unfinished_request(client: Frames) -> None:
    """A message without the end behind it."""
    client.data(client.open(), framed(encode("x")))


def half_a_frame(client: Frames) -> None:
    """DATA of which most is missing."""
    raw = DataFrame(client.open(), data=framed(encode("x" * 1000))).serialize()
    client.send_bytes(raw[:20])


def half_a_head(client: Frames) -> None:
    """Not even that."""
    client.send_bytes(PingFrame(0).serialize()[:5])


STAGES: List[Callable[[Frames], None]] = [
    unfinished_headers,
    unfinished_message,
    unfinished_request,
    half_a_frame,
    half_a_head,
]


def test_requests_that_stop_anywhere_do_not_keep_a_worker() -> None:
    with Server(graceful_timeout="300ms", lingering_timeout="300ms") as server:
        clients = [Frames(server.address) for _ in range(4 * len(STAGES))]
        for number, client in enumerate(clients):
            client.expect_alive()
            STAGES[number % len(STAGES)](client)
        is_greeted(server)
        old = set(server.workers())
        server.reload()
        server.wait_gone(old)
        for client in clients:
            client.socket.close()


def test_max_deadline_ends_what_does_not_go_on() -> None:
    with Server(limits={"max_deadline": "200ms"}) as server:
        for begin in (unfinished_message, unfinished_request):
            with Frames(server.address) as client:
                begin(client)
                client.expect_status(1, 4, "deadline")


# Lines in the log

EMPTY = b"\0\0\0\0\0\0\0\0\0"


def cause(raw: bytes, greet: bool = True) -> Callable[[Server], None]:
    """A client that sends this, and is let go; without greet it says nothing else."""

    def run(server: Server) -> None:
        with Frames(server.address, greet=greet, acknowledge=greet) as client:
            try:
                client.send_bytes(raw)
                client.drain()
            except ConnectionError:
                pass

    return run


CAUSES: Dict[str, Callable[[Server], None]] = {
    "no preface": cause(b"GET / HTTP/1.0\r\n\r\n", greet=False),
    "no SETTINGS": cause(PREFACE + PingFrame(0).serialize(), greet=False),
    "DATA without a stream": cause(EMPTY),
    "DATA on an idle stream": cause(DataFrame(1).serialize()),
    "PRIORITY of stream 0": cause(b"\0\0\5\2\0\0\0\0\0" + bytes(5)),
    "a large frame": cause(b"\xff" * 9),
    "rubbish for headers": cause(b"\0\0\4\1\4\0\0\0\1" + b"\xff" * 4),
    "an open window": cause(WindowUpdateFrame(0, window_increment=2**31 - 1).serialize()),
    "a reset of nothing": cause(RstStreamFrame(1).serialize()),
    "PINGs": cause(PingFrame(0).serialize() * 200),
    "a flood": cause(PriorityFrame(1, depends_on=3).serialize() * 200),
    "a goodbye": cause(GoAwayFrame(0, error_code=2, additional_data=b"bye\n" * 99).serialize()),
    "silence": cause(b"", greet=False),
}
GATE = 5  # lines a second for each place that logs


def test_no_cause_fills_the_log() -> None:
    limits = {"frame_burst": 100, "frame_rate": 10, "keepalive_min_time": "5m"}
    for name, misbehave in CAUSES.items():
        with Server(limits=limits, preface_timeout="100ms") as server:
            start, before = time.monotonic(), len(server.log().splitlines())
            for _ in range(30 if name != "silence" else 10):
                misbehave(server)
            lines = server.log().splitlines()[before:]
            seconds = int(time.monotonic() - start) + 2
            assert len(lines) <= GATE * seconds, f"{name}: {len(lines)} lines: {lines[-3:]}"
            assert all(len(line) < 400 for line in lines), f"{name}: {lines}"


def test_calls_that_fail_are_no_lines_of_the_log() -> None:
    with Server() as server, greeted(server.address) as client:
        before = len(server.log().splitlines())
        for changes in ({":path": "/no.Such/Method"}, {"grpc-timeout": "x"}, {"Upper": "x"}):
            for _ in range(100):
                client.response(client.request(b"\xff", changes))
        for _ in range(100):
            client.response(client.request(b"\xff"))
        check.equal(server.log().splitlines()[before:], [], "lines")


if __name__ == "__main__":
    tap.main()
