#!/usr/bin/python3
"""What a client may do to a call under way, frame by frame: how it cuts what it
sends, SETTINGS and windows that change, and an end at every stage."""

from typing import Callable, Iterator, List, Tuple

from hyperframe.frame import (
    ContinuationFrame,
    DataFrame,
    Frame,
    GoAwayFrame,
    HeadersFrame,
    RstStreamFrame,
    SettingsFrame,
    WindowUpdateFrame,
)

from grpcd_test import check, frames, tap
from grpcd_test.frames import Frames, framed, greeted, request_headers
from grpcd_test.greeter import BIDI_STREAM, SAY_HELLO, STREAM_REPLY, decode, encode
from grpcd_test.response import Response
from grpcd_test.server import Server
from grpcd_test.wait import wait_for

UNIMPLEMENTED = 12
HEADER_TABLE_SIZE = SettingsFrame.HEADER_TABLE_SIZE
INITIAL_WINDOW_SIZE = SettingsFrame.INITIAL_WINDOW_SIZE
MAX_FRAME_SIZE = SettingsFrame.MAX_FRAME_SIZE


def server() -> Server:
    """The server of all tests here."""
    return Server()


def is_greeted(client: Frames) -> None:
    """Fails unless a call on this connection is answered."""
    client.expect_reply(client.request(encode("x")), "Hello x")


def call(client: Frames, path: str) -> int:
    """Opens a call of a method."""
    return client.open(request_headers({":path": path}))


def greetings(response: Response) -> List[str]:
    """The texts of a response that went well."""
    check.equal(response.status, 0, f"grpc-status ({response.message})")
    return [decode(raw) for raw in response.messages]


def settle(client: Frames, **settings: int) -> None:
    """Changes settings, by their names in hyperframe, and waits for the ACK."""
    numbers = {getattr(SettingsFrame, name): value for name, value in settings.items()}
    client.send(SettingsFrame(0, settings=numbers))
    client.expect_frame(SettingsFrame, lambda frame: "ACK" in frame.flags)


def wait_body(client: Frames, stream: int, size: int) -> None:
    """Waits for so many bytes of a body, and fails if there are more."""
    response = client.responses[stream]
    client.wait(lambda: len(response.body) >= size, f"byte {size}")
    client.expect_alive()  # The ACK of a PING overtakes DATA,
    client.expect_alive()  # but not that of a PING before it.
    check.equal(len(response.body), size, "bytes that came")


# How it is cut


def test_every_field_of_headers_in_a_piece_of_its_own(shared: Server) -> None:
    with greeted(shared.address) as client:
        stream, block = client.new_stream(), client.encoder.encode(request_headers())
        begin = HeadersFrame(stream, flags=["PADDED", "PRIORITY"], pad_length=9, stream_weight=3)
        middle, end = len(block) // 3, len(block) - 1
        client.send(
            begin,
            ContinuationFrame(stream, data=block[:middle]),
            ContinuationFrame(stream),
            ContinuationFrame(stream, data=block[middle:end]),
            ContinuationFrame(stream, data=block[end:]),
            ContinuationFrame(stream, flags=["END_HEADERS"]),
        )
        client.data(stream, framed(encode("x")), end=True)
        client.expect_reply(stream, "Hello x")


def test_end_stream_on_headers_that_are_continued(shared: Server) -> None:
    with greeted(shared.address) as client:
        stream, block = client.new_stream(), client.encoder.encode(request_headers())
        client.send(HeadersFrame(stream, data=block[:5], flags=["END_STREAM"]))
        client.send(ContinuationFrame(stream, data=block[5:], flags=["END_HEADERS"]))
        client.expect_status(stream, UNIMPLEMENTED, "no message")


def test_trailers_in_pieces(shared: Server) -> None:
    with greeted(shared.address) as client:
        stream = client.open()
        client.data(stream, framed(encode("x")))
        block = client.encoder.encode([("x-checksum", "1"), ("x-bin", "AA==")])
        client.send(HeadersFrame(stream, data=block[:3], flags=["END_STREAM"]))
        client.send(ContinuationFrame(stream, data=block[3:], flags=["END_HEADERS"]))
        client.expect_reply(stream, "Hello x")


def test_trailers_that_are_wrong(shared: Server) -> None:
    wrong = [
        ([("x-checksum", "1")], ["END_HEADERS"]),  # and no end
        ([(":path", SAY_HELLO)], ["END_HEADERS", "END_STREAM"]),
        ([(":status", "200")], ["END_HEADERS", "END_STREAM"]),
        ([("Upper", "1")], ["END_HEADERS", "END_STREAM"]),
    ]
    for fields, flags in wrong:
        with greeted(shared.address) as client:
            stream = client.open()
            client.data(stream, framed(encode("x")))
            block = client.encoder.encode(fields)
            client.send(HeadersFrame(stream, data=block, flags=flags))
            client.expect_reset(stream, frames.PROTOCOL_ERROR)
            is_greeted(client)


def test_two_messages_cut_at_every_byte(shared: Server) -> None:
    whole = framed(encode("one")) + framed(b"") + framed(encode("two"))
    with greeted(shared.address) as client:
        for at in range(len(whole) + 1):
            stream = call(client, BIDI_STREAM)
            client.data(stream, whole[:at])
            client.data(stream)
            client.data(stream, whole[at:], end=True)
            answers = greetings(client.response(stream))
            check.equal(answers, ["Hello one", "Hello ", "Hello two"], f"cut at {at}")


def test_messages_of_nothing(shared: Server) -> None:
    with greeted(shared.address) as client:
        stream = call(client, BIDI_STREAM)
        client.data(stream, framed(b"") * 3, end=True)
        check.equal(greetings(client.response(stream)), ["Hello "] * 3, "answers")


def test_no_messages_at_all(shared: Server) -> None:
    with greeted(shared.address) as client:
        stream = client.open(request_headers({":path": BIDI_STREAM}), end=True)
        response = client.response(stream)
        check.equal(greetings(response), [], "answers")
        check.equal(response.headers.get(":status"), "200", "headers, then trailers")
        check.equal(response.trailers, {"grpc-status": "0"}, "trailers")


def test_a_server_stream_takes_one_message(shared: Server) -> None:
    message = framed(encode("x"))
    for bodies in ([], [b""], [message, message], [message + message], [message, b"", message]):
        with greeted(shared.address) as client:
            stream = client.open(request_headers({":path": STREAM_REPLY}), end=not bodies)
            for at, body in enumerate(bodies):
                client.data(stream, body, end=at == len(bodies) - 1)
            what = "more than one message" if len(b"".join(bodies)) else "no message"
            client.expect_status(stream, UNIMPLEMENTED, what, STREAM_REPLY)


def test_the_room_of_padding_comes_back(shared: Server) -> None:
    with greeted(shared.address) as client:
        stream = call(client, BIDI_STREAM)
        sent = 0

        def room() -> int:
            updates = [frame for frame in client.seen if isinstance(frame, WindowUpdateFrame)]
            given = sum(frame.window_increment for frame in updates if frame.stream_id)
            return frames.DEFAULT_WINDOW + given - sent

        for _ in range(1000):
            client.wait(lambda: room() > 300, "room")
            padded = DataFrame(stream, data=framed(b""), pad_length=250, flags=["PADDED"])
            client.send(padded)
            sent += padded.body_len
        client.data(stream, end=True)
        check.equal(len(greetings(client.response(stream))), 1000, "answers")


def test_the_connections_room_of_padding_comes_back(shared: Server) -> None:
    with greeted(shared.address) as client:
        for _ in range(100):
            stream = client.open()
            flags = ["PADDED", "END_STREAM"]
            padding = [DataFrame(stream, pad_length=255, flags=flags[:1])] * 50
            last = DataFrame(stream, data=framed(encode("x")), pad_length=255, flags=flags)
            client.send(*padding, last)
            client.expect_reply(stream, "Hello x")


# SETTINGS and windows in mid-call


def test_a_header_table_that_goes_and_comes_back(shared: Server) -> None:
    with greeted(shared.address) as client:
        for size in (0, 4096, 64, 65536, 0, 1, 4096):
            stream = call(client, BIDI_STREAM)
            client.data(stream, framed(encode("x")))
            response = client.responses[stream]
            client.wait(lambda response=response: response.body, "a message")
            settle(client, HEADER_TABLE_SIZE=size)
            # A decoder that is as strict as may be: it wants to be told.
            client.decoder.max_allowed_table_size = size
            client.data(stream, end=True)
            check.equal(greetings(client.response(stream)), ["Hello x"], f"answers at {size}")
            is_greeted(client)


def test_a_window_that_shrinks_below_zero(shared: Server) -> None:
    with Frames(shared.address, settings={INITIAL_WINDOW_SIZE: 100}) as client:
        stream = client.request(encode("n" * 1000))
        wait_body(client, stream, 100)
        settle(client, INITIAL_WINDOW_SIZE=10)
        client.open_window(stream, 90)
        wait_body(client, stream, 100)
        client.open_window(stream, 1)
        wait_body(client, stream, 101)
        settle(client, INITIAL_WINDOW_SIZE=0)
        settle(client, INITIAL_WINDOW_SIZE=11)
        wait_body(client, stream, 102)
        settle(client, INITIAL_WINDOW_SIZE=5000)
        client.expect_reply(stream, "Hello " + "n" * 1000)


def test_a_window_pushed_over_its_end(shared: Server) -> None:
    with greeted(shared.address) as client:
        call(client, BIDI_STREAM)
        client.send(SettingsFrame(0, settings={INITIAL_WINDOW_SIZE: 0}))
        client.open_window(1, 2**31 - 1)
        client.send(SettingsFrame(0, settings={INITIAL_WINDOW_SIZE: 1}))
        response = client.responses[1]
        client.wait(lambda: response.over or client.refusal(), "an end")
        code = client.refusal() or response.reset
        check.equal(code, frames.FLOW_CONTROL_ERROR, "code of RST_STREAM or GOAWAY")


def test_a_connection_window_of_one_byte(shared: Server) -> None:
    name = "n" * 70000
    with Frames(shared.address, settings={INITIAL_WINDOW_SIZE: 2**31 - 1}, window=0) as client:
        stream = client.open()
        client.send_message(stream, encode(name))
        for size in range(frames.DEFAULT_WINDOW, frames.DEFAULT_WINDOW + 10):
            wait_body(client, stream, size)
            client.open_window(0, 1)
        client.open_window(0, 1 << 20)
        client.expect_reply(stream, "Hello " + name)


def test_larger_frames_are_welcome(shared: Server) -> None:
    name = "n" * 100000
    with greeted(shared.address) as client:
        stream = client.open()
        settle(client, MAX_FRAME_SIZE=1 << 20)
        client.send_message(stream, encode(name))
        client.expect_reply(stream, "Hello " + name)
        settle(client, MAX_FRAME_SIZE=16384)
        stream = client.open()
        seen = len(client.seen)
        client.send_message(stream, encode(name))
        client.expect_reply(stream, "Hello " + name)
        sizes = [frame.body_len for frame in client.seen[seen:] if isinstance(frame, DataFrame)]
        assert sizes and max(sizes) <= 16384, sizes


def test_settings_that_are_none_of_ours(shared: Server) -> None:
    with greeted(shared.address) as client:
        stream = call(client, BIDI_STREAM)
        settle(client, MAX_CONCURRENT_STREAMS=0, ENABLE_PUSH=0, MAX_HEADER_LIST_SIZE=1 << 30)
        client.data(stream, framed(encode("x")), end=True)
        check.equal(greetings(client.response(stream)), ["Hello x"])


# An end at every stage

Stage = Callable[[Frames], int]


def stages() -> Iterator[Tuple[str, Stage]]:
    """Ways to bring a call as far as its name says; each returns its stream."""
    message = framed(encode("x"))

    def sent(path: str, body: bytes, end: bool) -> Stage:
        def bring(client: Frames) -> int:
            stream = call(client, path)
            if body or end:
                client.data(stream, body, end=end)
            client.expect_alive()
            return stream

        return bring

    for name, path in (("unary", SAY_HELLO), ("server", STREAM_REPLY), ("bidi", BIDI_STREAM)):
        yield f"{name}: headers", sent(path, b"", False)
        yield f"{name}: within a prefix", sent(path, message[:3], False)
        yield f"{name}: within a message", sent(path, message[:7], False)
        yield f"{name}: a message", sent(path, message, False)
        yield f"{name}: a message and a half", sent(path, message + message[:7], False)
        yield f"{name}: half a message, ended", sent(path, message[:7], True)
        yield f"{name}: no message, ended", sent(path, b"", True)
        yield f"{name}: answered, to be read", sent(path, message, True)
    yield "refused", sent("/no.Such/Method", message, True)


def calls_open(shared: Server) -> int:
    """Calls that the server has."""
    return sum(worker["calls_open"] for worker in shared.status()["workers"])


def test_a_reset_at_every_stage(shared: Server) -> None:
    codes = (frames.CANCEL, frames.NO_ERROR, frames.INTERNAL_ERROR, 0xBAD)
    # No window: what is answered with a body stays where it is.
    with Frames(shared.address, settings={INITIAL_WINDOW_SIZE: 0}) as client:
        for number, (_, bring) in enumerate(stages()):
            stream = bring(client)
            client.reset(stream, codes[number % len(codes)])
            client.open_window(stream, 5)
            client.reset(stream)
        client.expect_alive()
        wait_for(lambda: calls_open(shared) == 0, "the end of all calls")
        settle(client, INITIAL_WINDOW_SIZE=65535)
        is_greeted(client)


def test_a_connection_that_goes_at_every_stage(shared: Server) -> None:
    for _, bring in stages():
        with Frames(shared.address, settings={INITIAL_WINDOW_SIZE: 0}) as client:
            bring(client)
    wait_for(lambda: calls_open(shared) == 0, "the end of all calls")


def test_goaway_at_every_stage(shared: Server) -> None:
    for name, bring in stages():
        with Frames(shared.address, settings={INITIAL_WINDOW_SIZE: 0}) as client:
            stream = bring(client)
            goaway = GoAwayFrame(0, last_stream_id=0, error_code=2, additional_data=b"bye" * 900)
            client.send(goaway)
            client.send(SettingsFrame(0, settings={INITIAL_WINDOW_SIZE: 65535}))
            if client.responses[stream].over or "ended" in name or "answered" in name:
                client.response(stream)
            else:
                client.reset(stream)
            # All of it is done, so the server closes.
            client.expect_closed()


def test_a_goaway_of_any_last_stream(shared: Server) -> None:
    # The client's own last stream is what grpc-go's client tells.
    for last in (0, 1, 2, frames.LAST_POSSIBLE_STREAM):
        with greeted(shared.address) as client:
            stream = client.open()
            client.send(GoAwayFrame(0, last_stream_id=last))
            client.data(stream, framed(encode("x")), end=True)
            client.expect_reply(stream, "Hello x")
            client.expect_refused(frames.NO_ERROR)
    check.lacks(shared.log(), "GOAWAY")


def test_goaways_that_are_wrong(shared: Server) -> None:
    goaway = GoAwayFrame(0).serialize()
    of_a_stream = goaway[:8] + b"\1" + goaway[9:]
    short = b"\0\0\7" + goaway[3:-1]
    for wrong, code in ((of_a_stream, frames.PROTOCOL_ERROR), (short, frames.FRAME_SIZE_ERROR)):
        with greeted(shared.address) as client:
            call(client, BIDI_STREAM)
            client.send_bytes(wrong)
            client.expect_refused(code)


def test_more_after_the_end_of_the_request(shared: Server) -> None:
    def too_much(stream: int) -> List[Frame]:
        block = HeadersFrame(stream, data=b"\x82", flags=["END_HEADERS", "END_STREAM"])
        return [DataFrame(stream, data=b"x"), DataFrame(stream, flags=["END_STREAM"]), block]

    for kind in range(3):
        with Frames(shared.address, settings={INITIAL_WINDOW_SIZE: 0}) as client:
            stream = client.request(encode("x"))
            client.send(too_much(stream)[kind])
            client.expect_refused(frames.STREAM_CLOSED)
    with greeted(shared.address) as client:
        stream = client.request(encode("x"))
        client.expect_reply(stream, "Hello x")
        client.open_window(stream, 1)
        client.send(RstStreamFrame(stream, error_code=frames.CANCEL))
        is_greeted(client)
        client.send(too_much(stream)[0])
        client.expect_refused(frames.STREAM_CLOSED)


def test_what_comes_on_a_call_that_has_its_answer(shared: Server) -> None:
    with greeted(shared.address) as client:
        # More than the stream's window holds, in all: nobody takes it.
        stream = client.open(request_headers({":path": "/no.Such/Method"}))
        client.expect_status(stream, UNIMPLEMENTED)
        for _ in range(4):
            client.data(stream, b"x" * 16000)
        block = client.encoder.encode([("x-checksum", "1")])
        client.send(HeadersFrame(stream, data=block, flags=["END_HEADERS", "END_STREAM"]))
        is_greeted(client)


if __name__ == "__main__":
    tap.main(server)
