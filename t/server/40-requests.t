#!/usr/bin/python3
"""What a request may look like, and the answer to one that may not: gRPC's
PROTOCOL-HTTP2 on exact frames."""

import base64
from typing import Optional

from hyperframe.frame import DataFrame, HeadersFrame

from grpcd_test import check, greeter, tap
from grpcd_test.frames import CANCEL, NO_ERROR, PROTOCOL_ERROR, Frames, framed, request_headers
from grpcd_test.greeter import encode
from grpcd_test.response import Response
from grpcd_test.server import Server

DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, UNIMPLEMENTED, INTERNAL = 4, 8, 12, 13


def server() -> Server:
    """The server of all tests here."""
    return Server(limits={"max_message_size": "64k"})


def ask(target: Server, message: bytes = b"", **changes: Optional[str]) -> Response:
    """The response to one call with headers changed; _ stands for - in their
    names, and path, method, scheme and authority for those with a colon."""
    fields = {_header_name(name): value for name, value in changes.items()}
    with Frames(target.address) as client:
        return client.response(client.request(message, fields))


def _header_name(name: str) -> str:
    pseudo = name in ("path", "method", "scheme", "authority")
    return f":{name}" if pseudo else name.replace("_", "-")


def fails(response: Response, status: int, *parts: str) -> None:
    """Fails unless it is Trailers-Only with this status."""
    check.equal(response.headers, {}, "headers before the trailers")
    check.equal(response.trailers.get(":status"), "200", ":status")
    check.equal(response.status, status, f"grpc-status ({response.message})")
    check.contains(response.message, *parts)


def is_greeted(response: Response) -> None:
    """Fails unless it is a greeting."""
    check.equal(response.status, 0, f"grpc-status ({response.message})")
    check.equal(len(response.messages), 1, "messages")


def refused(response: Response, http_status: int) -> None:
    """Fails unless it is refused in HTTP's terms, and not granted in gRPC's."""
    check.equal(response.http_status, http_status, ":status")
    assert response.status != 0, response


# The path


def test_a_call_gets_headers_a_message_and_trailers(shared: Server) -> None:
    with Frames(shared.address) as client:
        response = client.expect_reply(client.request(encode("world")), "Hello world")
    check.equal(set(response.trailers), {"grpc-status"}, "names of trailers")


def test_ok_too_is_in_trailers(shared: Server) -> None:
    response = ask(shared, encode("x"))
    check.lacks(str(response.headers), "grpc-status")
    check.equal(response.trailers["grpc-status"], "0", "grpc-status")


def test_an_unknown_service(shared: Server) -> None:
    fails(ask(shared, path="/no.Such/SayHello"), UNIMPLEMENTED, "no.Such")


def test_an_unknown_method(shared: Server) -> None:
    fails(ask(shared, path="/helloworld.Greeter/Nod"), UNIMPLEMENTED, "Nod")


def test_paths_are_case_sensitive(shared: Server) -> None:
    fails(ask(shared, path="/helloworld.greeter/SayHello"), UNIMPLEMENTED)
    fails(ask(shared, path="/helloworld.Greeter/sayHello"), UNIMPLEMENTED)


def test_paths_that_are_nearly_right(shared: Server) -> None:
    for path in (
        "/",
        "//",
        "/helloworld.Greeter",
        "/helloworld.Greeter/",
        "/helloworld.Greeter/SayHello/",
        "//helloworld.Greeter/SayHello",
        "/helloworld.Greeter/SayHello?x=1",
        "/helloworld.Greeter/SayHell",
        "/helloworld.Greeter/SayHelloo",
        "/x" * 2000,
    ):
        fails(ask(shared, path=path), UNIMPLEMENTED)


def test_other_methods_of_http(shared: Server) -> None:
    for method in ("GET", "PUT", "HEAD", "OPTIONS", "post"):
        response = ask(shared, method=method)
        check.equal(response.http_status, 405, f":status of {method}")
        assert method == "HEAD" or len(response.body) >= 5, f"no body for {method}"


# content-type and te


def test_content_types_that_are_served(shared: Server) -> None:
    for kind in ("application/grpc", "application/grpc+proto"):
        is_greeted(ask(shared, encode("x"), content_type=kind))


def test_content_types_that_are_no_grpc(shared: Server) -> None:
    for kind in ("application/json", "text/plain", "application/grp", "", None):
        refused(ask(shared, encode("x"), content_type=kind), 415)


def test_another_protocol_is_told_at_once(shared: Server) -> None:
    with Frames(shared.address) as client:
        stream = client.open(request_headers({"content-type": "application/connect+proto"}))
        refused(client.response(stream), 415)


def test_content_types_of_grpc_that_are_not_served(shared: Server) -> None:
    for kind in ("application/grpc+json", "application/grpc+thrift"):
        fails(ask(shared, encode("x"), content_type=kind), UNIMPLEMENTED, "+proto is served", kind)


def test_te(shared: Server) -> None:
    is_greeted(ask(shared, encode("x"), te="trailers"))
    is_greeted(ask(shared, encode("x"), te=None))
    check.equal(ask(shared, encode("x"), te="gzip").reset, PROTOCOL_ERROR, "code of RST_STREAM")


# Deadlines


def test_timeouts_that_are_served(shared: Server) -> None:
    for timeout in ("1H", "10M", "100S", "10000m", "99999999u", "99999999H", "00000030S"):
        is_greeted(ask(shared, encode("x"), grpc_timeout=timeout))


def test_malformed_timeouts(shared: Server) -> None:
    for timeout in (
        "",
        "S",
        "1",
        "1s",
        "1h",
        "-1S",
        "+1S",
        "1.5S",
        "123456789S",
        "1SS",
        "1 S",
        "x",
    ):
        response = ask(shared, encode("x"), grpc_timeout=timeout)
        check.equal(response.http_status, 400, f":status for {timeout!r}")
        check.equal(response.status, INTERNAL, f"grpc-status for {timeout!r}")


def test_a_deadline_that_has_passed(shared: Server) -> None:
    for timeout in ("0S", "0n", "00000000H"):
        fails(ask(shared, encode("x"), grpc_timeout=timeout), DEADLINE_EXCEEDED)


def test_a_deadline_passes_while_the_client_still_sends(shared: Server) -> None:
    with Frames(shared.address) as client:
        stream = client.open(request_headers({"grpc-timeout": "50m"}))
        response = client.expect_status(stream, DEADLINE_EXCEEDED)
        if response.reset is None:
            client.wait(lambda: response.reset is not None, "RST_STREAM")
        check.equal(response.reset, NO_ERROR, "code of RST_STREAM")
        client.expect_alive()


# Metadata


def test_metadata_in_base64(shared: Server) -> None:
    for raw in (b"", b"1", b"12", b"123", bytes(range(256))):
        padded = base64.b64encode(raw).decode()
        for text in (padded, padded.rstrip("="), f"{padded},{padded}"):
            is_greeted(ask(shared, encode("x"), some_key_bin=text))


def test_metadata_that_is_no_base64(shared: Server) -> None:
    for text in ("!", "A", "AA=A", "AAAAA", "a b"):
        response = ask(shared, encode("x"), some_key_bin=text)
        check.equal((response.http_status, response.status), (400, INTERNAL), f"status of {text!r}")


def test_much_metadata_in_one_call(shared: Server) -> None:
    more = [(f"key-{number}", "value") for number in range(100)]
    with Frames(shared.address) as client:
        client.expect_reply(client.request(encode("x"), more=more), "Hello x")


def test_the_same_key_many_times(shared: Server) -> None:
    with Frames(shared.address) as client:
        client.expect_reply(client.request(encode("x"), more=[("key", "v")] * 50), "Hello x")


def test_reserved_metadata_is_let_through(shared: Server) -> None:
    more = [("grpc-unknown", "1"), ("user-agent", "tests"), ("grpc-accept-encoding", "gzip,zz")]
    with Frames(shared.address) as client:
        client.expect_reply(client.request(encode("x"), more=more), "Hello x")


def test_headers_above_the_limit(shared: Server) -> None:
    long = "v" * 8192
    with Frames(shared.address) as client:
        response = client.response(client.request(encode("x"), more=[("key", long)]))
        check.equal((response.http_status, response.status), (431, RESOURCE_EXHAUSTED), "status")
        check.contains(response.message, "max_header_list_size 8192")
        client.expect_reply(client.request(encode("x")), "Hello x")


def test_the_limit_counts_32_bytes_a_field(shared: Server) -> None:
    with Frames(shared.address) as client:
        own = sum(len(name) + len(value) + 32 for name, value in request_headers())
        fits = 8192 - own - len("key") - 32
        client.expect_reply(client.request(encode("x"), more=[("key", "v" * fits)]), "Hello x")
        response = client.response(client.request(encode("x"), more=[("key", "v" * (fits + 1))]))
        check.equal(response.status, RESOURCE_EXHAUSTED, "grpc-status of one byte more")


# Messages


def test_a_message_split_at_every_byte(shared: Server) -> None:
    with Frames(shared.address) as client:
        whole = framed(encode("split"))
        for at in range(len(whole) + 1):
            stream = client.open()
            client.data(stream, whole[:at])
            client.data(stream, whole[at:], end=True)
            client.expect_reply(stream, "Hello split")


def test_a_message_byte_by_byte(shared: Server) -> None:
    with Frames(shared.address) as client:
        stream = client.open()
        for byte in framed(encode("bytes")):
            client.data(stream, bytes([byte]))
        client.data(stream, end=True)
        client.expect_reply(stream, "Hello bytes")


def test_padding_is_no_part_of_a_message(shared: Server) -> None:
    with Frames(shared.address) as client:
        stream = client.open()
        raw = framed(encode("pad"))
        client.send(DataFrame(stream, data=raw, pad_length=200, flags=["PADDED", "END_STREAM"]))
        client.expect_reply(stream, "Hello pad")


def test_an_empty_message(shared: Server) -> None:
    with Frames(shared.address) as client:
        client.expect_reply(client.request(b""), "Hello ")


def test_no_message(shared: Server) -> None:
    with Frames(shared.address) as client:
        client.expect_status(client.open(end=True), UNIMPLEMENTED, "no message")
        stream = client.open()
        client.data(stream, end=True)
        client.expect_status(stream, UNIMPLEMENTED, "no message")


def test_two_messages(shared: Server) -> None:
    with Frames(shared.address) as client:
        stream = client.open()
        client.data(stream, framed(encode("a")) + framed(encode("b")), end=True)
        client.expect_status(stream, UNIMPLEMENTED, "more than one message")


def test_a_message_cut_short(shared: Server) -> None:
    for raw in (framed(encode("abc"))[:-1], framed(encode("abc"))[:3], framed(b"") + b"\0"):
        with Frames(shared.address) as client:
            stream = client.open()
            client.data(stream, raw, end=True)
            client.expect_status(stream, INTERNAL, "ends within a message")


def test_bad_protobuf(shared: Server) -> None:
    for raw in (b"\x0a\x7fx", b"\xff" * 20, b"\x0a\xff\xff\xff\xff\x0f", b"\x07"):
        fails(ask(shared, raw), INTERNAL)


def test_a_name_that_is_no_utf_8(shared: Server) -> None:
    fails(ask(shared, b"\x0a\x02\xff\xfe"), INTERNAL, "not UTF-8")


def test_unknown_fields_are_skipped(shared: Server) -> None:
    with Frames(shared.address) as client:
        stream = client.request(encode("x") + b"\x12\x03abc\x18\x07")
        client.expect_reply(stream, "Hello x")


def test_a_compressed_flag_without_an_encoding(shared: Server) -> None:
    with Frames(shared.address) as client:
        stream = client.open()
        client.data(stream, framed(encode("x"), flag=1), end=True)
        client.expect_status(stream, INTERNAL, "compressed message without a grpc-encoding")


def test_a_flag_that_does_not_exist(shared: Server) -> None:
    with Frames(shared.address) as client:
        stream = client.open()
        client.data(stream, framed(encode("x"), flag=0x82), end=True)
        client.expect_status(stream, INTERNAL, "unknown flags")


def test_an_unknown_encoding(shared: Server) -> None:
    response = ask(shared, encode("x"), grpc_encoding="squeeze")
    fails(response, UNIMPLEMENTED, "squeeze")
    assert "grpc-accept-encoding" in response.trailers, response
    is_greeted(ask(shared, encode("x"), grpc_encoding="identity"))


def test_a_message_at_the_limit(shared: Server) -> None:
    name = "n" * (65536 - 4)
    with Frames(shared.address) as client:
        check.equal(len(encode(name)), 65536, "size of the message")
        stream = client.open()
        client.send_message(stream, encode(name))
        client.expect_reply(stream, "Hello " + name)


def test_a_message_above_the_limit(shared: Server) -> None:
    with Frames(shared.address) as client:
        stream = client.open()
        client.data(stream, framed(b"x" * 65537)[:100])
        response = client.expect_status(
            stream, RESOURCE_EXHAUSTED, "65536", "65537", "max_message_size"
        )
        client.wait(lambda: response.reset == NO_ERROR, "RST_STREAM NO_ERROR")
        client.expect_reply(client.request(encode("x")), "Hello x")


def test_a_length_of_four_gigabytes(shared: Server) -> None:
    with Frames(shared.address) as client:
        stream = client.open()
        client.data(stream, b"\0\xff\xff\xff\xff")
        client.expect_status(stream, RESOURCE_EXHAUSTED, str(2**32 - 1))


# The way out


def test_the_text_of_a_status_is_percent_encoded(shared: Server) -> None:
    response = ask(shared, path="/käse.100%/M")
    fails(response, UNIMPLEMENTED, "käse.100%")
    check.contains(response.trailers["grpc-message"].upper(), "K%C3%A4SE.100%25")


def test_a_status_before_the_clients_end_is_followed_by_no_error(shared: Server) -> None:
    with Frames(shared.address) as client:
        stream = client.open(request_headers({":path": "/no.Such/M"}))
        response = client.expect_status(stream, UNIMPLEMENTED)
        client.wait(lambda: response.reset is not None, "RST_STREAM")
        check.equal(response.reset, NO_ERROR, "code of RST_STREAM")


def test_data_after_a_refusal_harms_nobody(shared: Server) -> None:
    with Frames(shared.address) as client:
        stream = client.open(request_headers({":path": "/no.Such/M"}))
        client.data(stream, framed(encode("x")))
        client.data(stream, end=True)
        client.expect_status(stream, UNIMPLEMENTED)
        client.expect_reply(client.request(encode("x")), "Hello x")


def test_a_client_cancels(shared: Server) -> None:
    with Frames(shared.address) as client:
        for _ in range(100):
            client.reset(client.open(), CANCEL)
        client.expect_reply(client.request(encode("x")), "Hello x")


def test_a_client_leaves_in_the_middle(shared: Server) -> None:
    for _ in range(20):
        with Frames(shared.address) as client:
            client.data(client.open(), b"\0\0\0")
    is_greeted(ask(shared, encode("x")))


def test_trailers_of_the_client_are_taken(shared: Server) -> None:
    with Frames(shared.address) as client:
        stream = client.open()
        client.data(stream, framed(encode("x")))
        block = client.encoder.encode([("x-checksum", "1")])
        client.send(HeadersFrame(stream, data=block, flags=["END_HEADERS", "END_STREAM"]))
        client.expect_reply(stream, "Hello x")


def test_many_calls_at_once(shared: Server) -> None:
    with Frames(shared.address) as client:
        streams = {client.request(encode(str(n))): n for n in range(100)}
        for stream, number in streams.items():
            client.expect_reply(stream, f"Hello {number}")


def test_a_method_has_limits_of_its_own() -> None:
    method = {f'method "{greeter.SAY_HELLO}"': {"limits": {"max_message_size": 10}}}
    with Server(method) as own, Frames(own.address) as client:
        client.expect_reply(client.request(encode("12345678")), "Hello 12345678")
        client.expect_status(client.request(encode("123456789")), RESOURCE_EXHAUSTED, "11", "10")


def test_a_service_has_limits_of_its_own() -> None:
    with Server(greeter={"limits": {"max_message_size": 10}}) as own:
        fails(ask(own, encode("123456789")), RESOURCE_EXHAUSTED)


def test_max_deadline_bounds_calls_without_one() -> None:
    with Server(limits={"max_deadline": "100ms"}) as own, Frames(own.address) as client:
        client.expect_status(client.open(), DEADLINE_EXCEEDED)
        stream = client.open(request_headers({"grpc-timeout": "1H"}))
        client.expect_status(stream, DEADLINE_EXCEEDED)


if __name__ == "__main__":
    tap.main(server)
