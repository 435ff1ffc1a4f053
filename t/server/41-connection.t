#!/usr/bin/python3
"""HTTP/2 of one connection: preface, SETTINGS, PING, windows, frames that are
odd, frames that are wrong."""

import socket
import struct
from typing import Dict, List, Optional

from hyperframe.frame import (
    ContinuationFrame,
    DataFrame,
    GoAwayFrame,
    HeadersFrame,
    PingFrame,
    PriorityFrame,
    PushPromiseFrame,
    RstStreamFrame,
    SettingsFrame,
    WindowUpdateFrame,
)

from grpcd_test import check, frames, greeter, tap
from grpcd_test.frames import PREFACE, Frames, framed, greeted, request_headers
from grpcd_test.greeter import encode
from grpcd_test.response import Response
from grpcd_test.server import Server


def server() -> Server:
    """The server of all tests here."""
    return Server()


def raw_frame(kind: int, stream: int, body: bytes = b"", flags: int = 0) -> bytes:
    """A frame that no library would make."""
    return struct.pack(">I", len(body))[1:] + struct.pack(">BBI", kind, flags, stream) + body


def is_greeted(client: Frames) -> None:
    """Fails unless a call on this connection is answered."""
    client.expect_reply(client.request(encode("x")), "Hello x")


def ends_with(shared: Server, code: int, raw: bytes) -> None:
    """Fails unless these bytes end the connection with that code, and nobody
    else's."""
    with greeted(shared.address) as other, greeted(shared.address) as client:
        client.send_bytes(raw)
        client.expect_refused(code)
        is_greeted(other)


# Beginning


def test_the_server_sends_settings_first(shared: Server) -> None:
    with Frames(shared.address, greet=False) as client:
        client.send_bytes(PREFACE + SettingsFrame(0).serialize())
        first = client.next()
        assert isinstance(first, SettingsFrame) and "ACK" not in first.flags, first
        streams = first.settings.get(SettingsFrame.MAX_CONCURRENT_STREAMS)
        check.equal(streams, 128, "MAX_CONCURRENT_STREAMS")
        size = first.settings.get(SettingsFrame.MAX_HEADER_LIST_SIZE)
        check.equal(size, 8192, "MAX_HEADER_LIST_SIZE")


def test_the_preface_byte_by_byte(shared: Server) -> None:
    with Frames(shared.address, greet=False) as client:
        for byte in PREFACE + SettingsFrame(0).serialize():
            client.send_bytes(bytes([byte]))
        is_greeted(client)


def test_everything_in_one_piece(shared: Server) -> None:
    with Frames(shared.address, greet=False) as client:
        call = client.headers_frame(1)
        data = DataFrame(1, data=framed(encode("x")), flags=["END_STREAM"])
        parts = [SettingsFrame(0), call, data, PingFrame(0, opaque_data=b"12345678")]
        client.send_bytes(PREFACE + b"".join(part.serialize() for part in parts))
        client.expect_reply(1, "Hello x")


def test_a_wrong_preface_is_cut_off(shared: Server) -> None:
    for hello in (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\0" * 64, b"\x16\x03\x01\0\xa5" * 9):
        with Frames(shared.address, greet=False) as client:
            client.send_bytes(hello)
            client.drain()


def test_a_preface_without_settings_is_refused(shared: Server) -> None:
    with Frames(shared.address, greet=False) as client:
        client.send_bytes(PREFACE + PingFrame(0).serialize())
        client.expect_refused(frames.PROTOCOL_ERROR)


def test_a_connection_that_says_nothing_and_leaves(shared: Server) -> None:
    for _ in range(20):
        Frames(shared.address, greet=False).socket.close()
    with Frames(shared.address) as client:
        is_greeted(client)


# SETTINGS and PING


def test_settings_are_acknowledged(shared: Server) -> None:
    with greeted(shared.address) as client:
        client.send(SettingsFrame(0, settings={SettingsFrame.INITIAL_WINDOW_SIZE: 70000}))
        client.expect_frame(SettingsFrame, lambda frame: "ACK" in frame.flags)
        is_greeted(client)


def test_unknown_settings_are_ignored(shared: Server) -> None:
    with Frames(shared.address, settings={0xFACE: 7, 0x1234: 1}) as client:
        is_greeted(client)


def test_a_tiny_header_table(shared: Server) -> None:
    for size in (0, 1, 64):
        with Frames(shared.address, settings={SettingsFrame.HEADER_TABLE_SIZE: size}) as client:
            client.decoder.max_allowed_table_size = size
            for _ in range(3):
                is_greeted(client)


def test_pings_come_back(shared: Server) -> None:
    with greeted(shared.address) as client:
        for number in range(20):
            token = struct.pack(">Q", number)
            client.send(PingFrame(0, opaque_data=token))
            pong = client.expect_frame(PingFrame)
            check.equal((pong.opaque_data, "ACK" in pong.flags), (token, True), "PING")


def test_an_unasked_pong_is_ignored(shared: Server) -> None:
    with greeted(shared.address) as client:
        client.send(PingFrame(0, opaque_data=b"nonsense", flags=["ACK"]))
        is_greeted(client)


# Odd, but right


def test_unknown_frames_are_ignored(shared: Server) -> None:
    with greeted(shared.address) as client:
        client.send_bytes(raw_frame(0xFA, 0, b"abc") + raw_frame(0xFB, 1, b"", 0xFF))
        is_greeted(client)


def test_priorities_are_ignored(shared: Server) -> None:
    with greeted(shared.address) as client:
        client.send(PriorityFrame(1, depends_on=0, stream_weight=7))
        stream = client.new_stream()
        block = client.encoder.encode(request_headers())
        flags = ["END_HEADERS", "PRIORITY"]
        client.send(HeadersFrame(stream, data=block, flags=flags, depends_on=0, stream_weight=1))
        client.data(stream, framed(encode("x")), end=True)
        client.expect_reply(stream, "Hello x")


def test_headers_in_many_pieces(shared: Server) -> None:
    with greeted(shared.address) as client:
        stream = client.new_stream()
        block = client.encoder.encode(request_headers())
        client.send(HeadersFrame(stream, data=block[:1]))
        pieces = [
            ContinuationFrame(stream, data=block[at : at + 15]) for at in range(1, len(block), 15)
        ]
        pieces[-1].flags.add("END_HEADERS")
        client.send(*pieces)
        client.data(stream, framed(encode("x")), end=True)
        client.expect_reply(stream, "Hello x")


def test_padded_headers(shared: Server) -> None:
    with greeted(shared.address) as client:
        stream = client.new_stream()
        block = client.encoder.encode(request_headers())
        flags = ["END_HEADERS", "PADDED"]
        client.send(HeadersFrame(stream, data=block, flags=flags, pad_length=255))
        client.data(stream, framed(encode("x")), end=True)
        client.expect_reply(stream, "Hello x")


def test_stream_numbers_may_jump(shared: Server) -> None:
    with greeted(shared.address) as client:
        for stream in (1, 7, 1001, 2**31 - 1):
            client.send(client.headers_frame(stream))
            client.data(stream, framed(encode("x")), end=True)
            client.expect_reply(stream, "Hello x")


def test_a_half_closed_client_is_answered(shared: Server) -> None:
    with Frames(shared.address) as client:
        stream = client.request(encode("x"))
        client.socket.shutdown(socket.SHUT_WR)
        client.expect_reply(stream, "Hello x")
        client.expect_closed()


def test_a_client_that_says_goodbye(shared: Server) -> None:
    with greeted(shared.address) as client:
        stream = client.request(encode("x"))
        client.send(GoAwayFrame(0, last_stream_id=0, error_code=0))
        client.expect_reply(stream, "Hello x")


# Windows


def wait_body(client: Frames, response: Response, size: int) -> None:
    """Waits until so many bytes of the body have come, or the end."""
    client.wait(lambda: response.over or len(response.body) >= size, f"byte {size}")


def test_a_window_of_one_byte(shared: Server) -> None:
    with Frames(shared.address, window=1) as client:
        stream = client.request(encode("window"))
        response = client.responses[stream]
        wanted = framed(encode("Hello window"))
        for size in range(1, len(wanted) + 1):
            wait_body(client, response, size)
            check.equal(len(response.body), size, "bytes sent")
            client.open_window(stream, 1)
        client.expect_reply(stream, "Hello window")


def test_a_window_of_nothing_opened_by_settings(shared: Server) -> None:
    with Frames(shared.address, settings={SettingsFrame.INITIAL_WINDOW_SIZE: 0}) as client:
        stream = client.request(encode("x"))
        client.expect_alive()
        check.equal(client.responses[stream].body, b"", "body")
        client.send(SettingsFrame(0, settings={SettingsFrame.INITIAL_WINDOW_SIZE: 1000}))
        client.expect_reply(stream, "Hello x")


def test_an_answer_larger_than_the_connections_window(shared: Server) -> None:
    name = "n" * 200000
    with Frames(shared.address, window=frames.DEFAULT_WINDOW) as client:
        stream = client.open()
        client.send_message(stream, encode(name))
        response = client.responses[stream]
        while not response.over:
            before = len(response.body)
            wait_body(client, response, before + 1)
            taken = len(response.body) - before
            if taken and not response.over:
                client.open_window(0, taken)
                client.open_window(stream, taken)
        client.expect_reply(stream, "Hello " + name)


def test_the_servers_windows_open_again(shared: Server) -> None:
    with Frames(shared.address) as client:
        for _ in range(30):
            stream = client.open()
            client.send_message(stream, encode("n" * 60000))
            check.equal(client.response(stream).status, 0, "grpc-status")


# Wrong


def test_data_without_a_stream(shared: Server) -> None:
    ends_with(shared, frames.PROTOCOL_ERROR, raw_frame(0, 0, b"x"))


def test_data_of_an_idle_stream(shared: Server) -> None:
    ends_with(shared, frames.PROTOCOL_ERROR, DataFrame(9, data=b"x").serialize())


def test_a_reset_of_an_idle_stream(shared: Server) -> None:
    ends_with(shared, frames.PROTOCOL_ERROR, RstStreamFrame(9, error_code=8).serialize())


def test_an_even_stream(shared: Server) -> None:
    ends_with(shared, frames.PROTOCOL_ERROR, HeadersFrame(2, data=b"\x82").serialize())


def test_a_push_promise(shared: Server) -> None:
    promise = PushPromiseFrame(1, promised_stream_id=2, data=b"\x82", flags=["END_HEADERS"])
    ends_with(shared, frames.PROTOCOL_ERROR, promise.serialize())


def test_a_continuation_of_nothing(shared: Server) -> None:
    ends_with(shared, frames.PROTOCOL_ERROR, ContinuationFrame(1, data=b"").serialize())


def test_a_frame_between_headers_and_continuation(shared: Server) -> None:
    both = HeadersFrame(1, data=b"\x82").serialize() + PingFrame(0).serialize()
    ends_with(shared, frames.PROTOCOL_ERROR, both)


def test_rubbish_for_headers(shared: Server) -> None:
    frame = HeadersFrame(1, data=b"\xff" * 20, flags=["END_HEADERS"])
    ends_with(shared, frames.COMPRESSION_ERROR, frame.serialize())


def test_a_frame_that_is_too_large(shared: Server) -> None:
    ends_with(shared, frames.FRAME_SIZE_ERROR, raw_frame(0, 1, b"x" * 16385)[:9])


def test_frames_of_a_wrong_size(shared: Server) -> None:
    for kind, size in ((6, 7), (4, 5), (8, 3), (3, 3)):
        stream = 1 if kind == 3 else 0
        ends_with(shared, frames.FRAME_SIZE_ERROR, raw_frame(kind, stream, b"x" * size))


def test_windows_that_do_not_grow(shared: Server) -> None:
    ends_with(shared, frames.PROTOCOL_ERROR, raw_frame(8, 0, bytes(4)))


def test_windows_that_burst(shared: Server) -> None:
    wide = WindowUpdateFrame(0, window_increment=2**31 - 1)
    ends_with(shared, frames.FLOW_CONTROL_ERROR, wide.serialize() * 2)


def test_a_streams_window_that_bursts(shared: Server) -> None:
    with greeted(shared.address) as client:
        stream = client.open()
        client.open_window(stream, 1)
        client.open_window(stream, 2**31 - 1)
        client.expect_reset(stream, frames.FLOW_CONTROL_ERROR)
        is_greeted(client)


def test_a_streams_window_that_does_not_grow(shared: Server) -> None:
    with greeted(shared.address) as client:
        client.send_bytes(raw_frame(8, client.open(), bytes(4)))
        client.expect_refused(frames.PROTOCOL_ERROR)


def test_settings_that_are_wrong(shared: Server) -> None:
    for number, value, code in (
        (SettingsFrame.INITIAL_WINDOW_SIZE, 2**31, frames.FLOW_CONTROL_ERROR),
        (SettingsFrame.ENABLE_PUSH, 2, frames.PROTOCOL_ERROR),
        (SettingsFrame.MAX_FRAME_SIZE, 100, frames.PROTOCOL_ERROR),
    ):
        body = struct.pack(">HI", number, value)
        ends_with(shared, code, raw_frame(4, 0, body))


def test_more_data_than_the_window_holds(shared: Server) -> None:
    with Frames(shared.address, settings={SettingsFrame.INITIAL_WINDOW_SIZE: 0}) as client:
        stream = client.open(request_headers({":path": greeter.BIDI_STREAM}))
        client.send_bytes(DataFrame(stream, data=framed(encode("n" * 1000))).serialize() * 500)
        client.expect_reset(stream, frames.FLOW_CONTROL_ERROR)
        client.expect_alive()


def test_headers_that_break_http(shared: Server) -> None:
    broken: List[Dict[str, Optional[str]]] = [
        {"Upper": "x"},
        {"connection": "close"},
        {":path": None},
        {":method": None},
        {":unknown": "x"},
    ]
    for changes in broken:
        with greeted(shared.address) as client:
            response = client.response(client.request(encode("x"), changes))
            check.equal(response.reset, frames.PROTOCOL_ERROR, f"RST_STREAM for {changes}")
            is_greeted(client)


def test_more_streams_than_a_client_has_been_told_of(shared: Server) -> None:
    with Frames(shared.address, acknowledge=False) as client:
        streams = [client.open() for _ in range(130)]
        for late in streams[128:]:
            client.expect_reset(late, frames.REFUSED_STREAM)
        for stream in streams[:128]:
            client.data(stream, framed(encode("x")), end=True)
            client.expect_reply(stream, "Hello x")
        is_greeted(client)


def test_more_streams_than_allowed(shared: Server) -> None:
    with greeted(shared.address) as client:
        for _ in range(129):
            client.open()
        client.expect_refused(frames.PROTOCOL_ERROR)


def test_a_content_length_that_lies(shared: Server) -> None:
    with greeted(shared.address) as client:
        stream = client.request(encode("x"), {"content-length": "3"})
        client.expect_reset(stream, frames.PROTOCOL_ERROR)
        is_greeted(client)


def test_every_kind_of_frame_with_rubbish(shared: Server) -> None:
    with greeted(shared.address) as other:
        for kind in range(10):
            for stream in (0, 1, 2):
                with greeted(shared.address) as client:
                    client.send_bytes(raw_frame(kind, stream, b"\xa5" * 24, 0xFF))
                    client.socket.shutdown(socket.SHUT_WR)
                    client.drain()
        is_greeted(other)


if __name__ == "__main__":
    tap.main(server)
