#!/usr/bin/python3
"""Floods end with ENHANCE_YOUR_CALM, while the calls of others go on."""

import threading
from contextlib import contextmanager
from typing import Callable, Iterator, List, Optional

from hyperframe.frame import (
    ContinuationFrame,
    DataFrame,
    ExtensionFrame,
    Frame,
    HeadersFrame,
    PingFrame,
    PriorityFrame,
    RstStreamFrame,
    SettingsFrame,
    WindowUpdateFrame,
)

from grpcd_test import check, frames, greeter, proc, tap
from grpcd_test.frames import ENHANCE_YOUR_CALM, Closed, Frames, greeted, request_headers
from grpcd_test.response import Headers
from grpcd_test.server import Server
from grpcd_test.wait import LIMIT

# Small budgets, so that a flood is short.
LIMITS = {"reset_burst": 100, "reset_rate": 1, "frame_burst": 500, "frame_rate": 10}
FLOOD = 3000

# Streams at once, and how often, where more at once would be another fault.
STREAMS, ROUNDS = 100, 30


def server() -> Server:
    """The server of all tests here; with one worker, so that all share it."""
    return Server(limits=LIMITS)


@contextmanager
def bystander(shared: Server) -> Iterator[None]:
    """Another client, whose calls must go on meanwhile."""
    done = threading.Event()
    faults: List[str] = []

    def call() -> None:
        with greeter.at(shared.address) as client:
            while not done.is_set() and not faults:
                try:
                    check.equal(client.hello("other"), "Hello other")
                except Exception as error:  # pylint: disable=broad-except
                    faults.append(repr(error))

    thread = threading.Thread(target=call)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(LIMIT)
    check.equal(faults, [], "faults of the bystander")


def floods(shared: Server, flood: Callable[[Frames], bytes], rounds: int = 1) -> None:
    """Fails unless what flood() makes, in so many rounds, ends its connection
    as a flood, and nothing else."""
    with bystander(shared), greeted(shared.address) as client:
        for _ in range(rounds):
            if not goes_on(client, flood(client)):
                break
        client.expect_refused(ENHANCE_YOUR_CALM)
    check.equal(len(shared.workers()), 1, "workers")


def goes_on(client: Frames, raw: bytes) -> bool:
    """Sends; False once the server has had enough."""
    try:
        client.send_bytes(raw)
        client.expect_alive()
    except (Closed, ConnectionError):
        return False
    return True


def repeated(frame: Frame) -> Callable[[Frames], bytes]:
    """A flood of one frame."""
    return lambda _: frame.serialize() * FLOOD


def on_a_stream(make: Callable[[int], Frame]) -> Callable[[Frames], bytes]:
    """A flood of one frame on an open stream."""
    return lambda client: make(client.open()).serialize() * FLOOD


def on_new_streams(
    make: Callable[[int], Frame], fields: Optional[Headers] = None
) -> Callable[[Frames], bytes]:
    """Streams that open and get one frame each; as many as may be open."""

    def flood(client: Frames) -> bytes:
        streams = [client.new_stream() for _ in range(STREAMS)]
        parts = [(client.headers_frame(stream, fields), make(stream)) for stream in streams]
        return b"".join(part.serialize() for pair in parts for part in pair)

    return flood


def test_pings(shared: Server) -> None:
    floods(shared, repeated(PingFrame(0)))


def test_settings(shared: Server) -> None:
    floods(shared, repeated(SettingsFrame(0)))


def test_settings_that_change_something(shared: Server) -> None:
    floods(shared, repeated(SettingsFrame(0, settings={SettingsFrame.INITIAL_WINDOW_SIZE: 9})))


def test_empty_data(shared: Server) -> None:
    floods(shared, on_a_stream(DataFrame))


def test_padding_and_no_data(shared: Server) -> None:
    floods(shared, on_a_stream(lambda stream: DataFrame(stream, pad_length=1, flags=["PADDED"])))


def test_priorities(shared: Server) -> None:
    floods(shared, repeated(PriorityFrame(1, depends_on=3, stream_weight=1)))


def test_window_updates(shared: Server) -> None:
    floods(shared, on_a_stream(lambda stream: WindowUpdateFrame(stream, window_increment=1)))


def test_frames_of_an_unknown_kind(shared: Server) -> None:
    floods(shared, repeated(ExtensionFrame(0xFA, 0, body=b"")))


def test_rapid_reset(shared: Server) -> None:
    flood = on_new_streams(lambda stream: RstStreamFrame(stream, error_code=frames.CANCEL))
    floods(shared, flood, ROUNDS)


def test_made_you_reset(shared: Server) -> None:
    burst = on_new_streams(lambda stream: WindowUpdateFrame(stream, window_increment=2**31 - 1))
    floods(shared, burst, ROUNDS)


def test_headers_that_are_refused(shared: Server) -> None:
    broken = request_headers({":path": None})
    floods(shared, on_new_streams(PriorityFrame, broken), ROUNDS)


def test_streams_beyond_what_is_allowed(shared: Server) -> None:
    with bystander(shared), greeted(shared.address) as client:
        for _ in range(ROUNDS):
            parts = [client.headers_frame(client.new_stream()) for _ in range(STREAMS)]
            if not goes_on(client, b"".join(part.serialize() for part in parts)):
                break
        client.drain()
        check.among(client.refusal(), (ENHANCE_YOUR_CALM, frames.PROTOCOL_ERROR), "code")


def ends(client: Frames, raw: bytes) -> None:
    """Fails unless these bytes end the connection, whatever the code."""
    try:
        client.send_bytes(raw)
    except ConnectionError:
        pass
    client.drain()


def test_endless_continuations(shared: Server) -> None:
    for piece in (b"", b"\0\x01a\x01b"):
        with bystander(shared), greeted(shared.address) as client:
            start = HeadersFrame(client.new_stream(), data=b"\x83").serialize()
            ends(client, start + ContinuationFrame(1, data=piece).serialize() * 20000)


BOMB_ENDS = (ENHANCE_YOUR_CALM, frames.COMPRESSION_ERROR)


def test_a_bomb_of_references_to_one_large_header(shared: Server) -> None:
    (worker,) = shared.workers()
    before = proc.memory(worker)
    with bystander(shared), greeted(shared.address) as client:
        client.request(b"", more=[("bomb", "b" * 3000)])
        block = client.encoder.encode(request_headers()) + b"\xbe" * 16000
        client.send(HeadersFrame(client.new_stream(), data=block, flags=["END_HEADERS"]))
        try:
            client.response(3)
        except Closed:
            check.among(client.refusal(), BOMB_ENDS, "code of GOAWAY")
    proc.check_growth(worker, before, 16 * 1024 * 1024)


def test_answers_that_nobody_reads(shared: Server) -> None:
    (worker,) = shared.workers()
    before = proc.memory(worker)
    with bystander(shared), Frames(shared.address, window=2**31 - 1) as client:
        for _ in range(100):
            client.request(greeter.encode("n" * 10000))
        proc.check_growth(worker, before, 16 * 1024 * 1024)


def test_no_client_fills_the_log() -> None:
    with Server(limits=LIMITS) as own:
        for _ in range(200):
            with Frames(own.address, greet=False) as client:
                client.send_bytes(b"GET / HTTP/1.0\r\n\r\n")
                client.drain()
        lines = own.log().splitlines()
        assert len(lines) < 100, f"{len(lines)} lines"


if __name__ == "__main__":
    tap.main(server)
