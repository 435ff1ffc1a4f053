#!/usr/bin/python3
"""How a worker leaves its connections: GOAWAY in two phases, an end in order."""

import signal
import time
from typing import List

from hyperframe.frame import (
    ContinuationFrame,
    DataFrame,
    Frame,
    GoAwayFrame,
    HeadersFrame,
    PingFrame,
    WindowUpdateFrame,
)

from grpcd_test import check, frames, tap
from grpcd_test.frames import Frames, framed, greeted, request_headers
from grpcd_test.greeter import encode
from grpcd_test.response import Response
from grpcd_test.server import Server
from grpcd_test.wait import wait_for


def is_greeted(client: Frames) -> None:
    """Fails unless a call on this connection is answered."""
    client.expect_reply(client.request(encode("x")), "Hello x")


def goaways(client: Frames) -> int:
    """How many GOAWAYs have come."""
    return sum(isinstance(frame, GoAwayFrame) for frame in client.seen)


def expect_warning(client: Frames) -> None:
    """The first GOAWAY, which refuses no stream yet."""
    goaway = client.expect_goaway(frames.NO_ERROR)
    check.equal(goaway.last_stream_id, frames.LAST_POSSIBLE_STREAM, "last stream")
    check.equal(goaway.additional_data, b"the server is draining", "text")


def test_goaway_in_two_phases() -> None:
    with Server() as server, Frames(server.address, acknowledge=False) as client:
        is_greeted(client)
        server.send(signal.SIGHUP)
        expect_warning(client)
        between = client.request(encode("between"))
        client.expect_reply(between, "Hello between")
        check.equal(goaways(client), 1, "GOAWAYs")
        # The PING came before the reply, and after the GOAWAY that it measures.
        kinds = [type(frame) for frame in client.seen]
        assert kinds.index(GoAwayFrame) < kinds.index(PingFrame), kinds
        ping = next(frame for frame in client.seen if isinstance(frame, PingFrame))
        client.send(PingFrame(0, opaque_data=ping.opaque_data, flags=["ACK"]))
        goaway = client.expect_goaway(frames.NO_ERROR)
        check.equal(goaway.last_stream_id, between, "last stream")
        client.expect_closed()


def test_requests_that_come_with_the_ack_are_served_once() -> None:
    with Server() as server, Frames(server.address, acknowledge=False) as client:
        is_greeted(client)
        server.send(signal.SIGHUP)
        expect_warning(client)
        ping = client.expect_frame(PingFrame)
        streams = [client.new_stream() for _ in range(3)]
        batch: List[Frame] = [PingFrame(0, opaque_data=ping.opaque_data, flags=["ACK"])]
        for stream in streams:
            batch.append(client.headers_frame(stream))
            batch.append(DataFrame(stream, data=framed(encode("x")), flags=["END_STREAM"]))
        client.send(*batch)
        for stream in streams:
            client.expect_reply(stream, "Hello x")
        client.expect_closed()
        last = [frame for frame in client.seen if isinstance(frame, GoAwayFrame)][-1]
        check.equal(last.last_stream_id, streams[-1], "last stream")


def test_a_client_that_does_not_pong_is_not_waited_for_forever() -> None:
    with Server() as server, Frames(server.address, acknowledge=False) as client:
        is_greeted(client)
        server.send(signal.SIGHUP)
        expect_warning(client)
        goaway = client.expect_goaway(frames.NO_ERROR)
        check.equal(goaway.last_stream_id, 1, "last stream")
        client.expect_closed()


def test_open_calls_end_after_the_second_goaway() -> None:
    with Server() as server, Frames(server.address) as client:
        stream = client.open()
        client.expect_alive()
        server.send(signal.SIGHUP)
        expect_warning(client)
        client.expect_goaway(frames.NO_ERROR)
        client.data(stream, framed(encode("late")), end=True)
        client.expect_reply(stream, "Hello late")
        client.expect_closed()


def test_a_stream_after_the_second_goaway_is_not_served() -> None:
    with Server() as server, Frames(server.address) as client:
        stream = client.open()
        client.expect_alive()
        server.send(signal.SIGHUP)
        expect_warning(client)
        goaway = client.expect_goaway(frames.NO_ERROR)
        check.equal(goaway.last_stream_id, stream, "last stream")
        late = client.request(encode("x"))
        client.data(stream, framed(encode("late")), end=True)
        client.expect_reply(stream, "Hello late")
        client.expect_closed()
        # The GOAWAY has said all about it.
        check.equal(client.responses[late], Response(), "answer on the late stream")


def test_what_comes_too_late_is_read_all_the_same() -> None:
    with Server() as server, Frames(server.address) as client:
        stream = client.open()
        client.expect_alive()
        server.send(signal.SIGHUP)
        expect_warning(client)
        client.expect_goaway(frames.NO_ERROR)
        room = 1 << 20  # of the connection, of which the late ones take more
        for number in range(100):
            late = client.open(request_headers(more=[(f"x-late-{number}", "remember")]))
            if room < frames.FRAME_SIZE:
                room += client.expect_frame(WindowUpdateFrame).window_increment
            client.data(late, b"x" * frames.FRAME_SIZE, end=True)
            room -= frames.FRAME_SIZE
        # Headers that look back at those of the late ones, in HPACK's table.
        client.data(stream, framed(encode("x")))
        client.send(client.headers_frame(stream, [("x-late-99", "remember")], end=True))
        client.expect_reply(stream, "Hello x")
        client.expect_closed()
        check.equal(client.refusal(), frames.NO_ERROR, "code of GOAWAY")


def test_each_stream_is_served_or_past_the_last() -> None:
    with Server() as server, Frames(server.address, acknowledge=False) as client:
        streams = [client.request(encode("0"))]
        client.response(streams[0])
        server.send(signal.SIGHUP)
        ping = client.expect_frame(PingFrame)
        streams += [client.request(encode("before")) for _ in range(20)]
        answer = PingFrame(0, opaque_data=ping.opaque_data, flags=["ACK"])
        parts: List[Frame] = []
        for number in range(20):
            stream = client.new_stream()
            streams.append(stream)
            parts += [answer] if number == 10 else []
            parts += [client.headers_frame(stream)]
            parts += [DataFrame(stream, data=framed(encode("x")), flags=["END_STREAM"])]
        client.send(*parts)
        client.expect_closed()
        last = [frame for frame in client.seen if isinstance(frame, GoAwayFrame)][-1].last_stream_id
        assert streams[20] <= last <= streams[-1], last
        for stream in streams:
            check.equal(client.responses[stream].over, stream <= last, f"answer on {stream}")


def test_headers_that_a_drain_comes_between() -> None:
    with Server() as server, Frames(server.address) as client:
        is_greeted(client)
        stream, block = client.new_stream(), client.encoder.encode(request_headers())
        client.send(HeadersFrame(stream, data=block[:9]))
        server.send(signal.SIGHUP)
        expect_warning(client)
        # No other frame may come before the rest, not even the PING's ACK.
        client.send(ContinuationFrame(stream, data=block[9:], flags=["END_HEADERS"]))
        client.data(stream, framed(encode("between")), end=True)
        client.expect_reply(stream, "Hello between")
        client.expect_closed()


def test_an_unused_connection_hears_of_it_after_its_first_request() -> None:
    with Server() as server:
        old, start = server.workers(), time.monotonic()
        with greeted(server.address) as client:
            server.reload()
            wait_for(lambda: not set(old) & set(server.serving()), "the old worker's drain")
            client.expect_alive()
            waited = time.monotonic() - start
            # It may come a second after the connection was accepted, not before.
            assert goaways(client) == 0 or waited >= 1, f"GOAWAY after {waited:.3f} s"
            stream = client.request(encode("first"))
            client.expect_reply(stream, "Hello first")
            client.expect_closed()
            assert goaways(client) == 2, client.seen


def test_an_unused_connection_does_not_stay() -> None:
    with Server() as server, greeted(server.address) as client:
        server.send(signal.SIGHUP)
        expect_warning(client)
        client.expect_closed()


def test_a_connection_without_a_preface_does_not_keep_a_worker() -> None:
    with Server(preface_timeout="500ms") as server:
        with Frames(server.address, greet=False) as client:
            old = set(server.workers())
            server.reload()
            server.wait_gone(old)
            client.drain()


def test_the_end_resets_nothing() -> None:
    with Server() as server, Frames(server.address) as client:
        is_greeted(client)
        server.send(signal.SIGHUP)
        client.expect_goaway(frames.NO_ERROR)
        client.expect_goaway(frames.NO_ERROR)
        for _ in range(20):
            client.send(PingFrame(0, opaque_data=b"too late"))
        client.expect_closed()


def test_calls_that_outlast_graceful_timeout_are_unavailable() -> None:
    with Server(graceful_timeout="300ms") as server:
        old = set(server.workers())
        with Frames(server.address) as client:
            stream = client.open()
            client.expect_alive()
            server.send(signal.SIGHUP)
            response = client.response(stream)
            check.equal(response.status, 14, f"grpc-status ({response.message})")
            client.expect_closed()
        server.wait_gone(old)


def test_a_client_that_reads_nothing_does_not_keep_a_worker() -> None:
    with Server(graceful_timeout="300ms", lingering_timeout="300ms") as server:
        with greeted(server.address) as client:
            client.open()
            client.expect_alive()
            old = set(server.workers())
            server.reload()
            server.wait_gone(old)


if __name__ == "__main__":
    tap.main()
