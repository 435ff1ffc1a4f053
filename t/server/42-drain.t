#!/usr/bin/python3
"""How a worker leaves its connections: GOAWAY in two phases, an end in order."""

import signal
import time

from hyperframe.frame import GoAwayFrame, PingFrame

from grpcd_test import check, frames, tap
from grpcd_test.frames import Frames, framed, greeted
from grpcd_test.greeter import encode
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
        response = client.responses[late]
        check.among(response.reset, (None, frames.REFUSED_STREAM), "end of the late stream")
        check.equal(response.headers, {}, "headers of the late stream")


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
