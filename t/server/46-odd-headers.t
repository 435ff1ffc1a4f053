#!/usr/bin/python3
"""Headers that no stock client sends: each gets one answer, the same every time,
and harms nothing on its connection."""

from typing import Dict, List, Optional, Tuple

from hyperframe.frame import ContinuationFrame, Frame, HeadersFrame

from grpcd_test import check, frames, tap
from grpcd_test.frames import FRAME_SIZE, Closed, Frames, framed, greeted, request_headers
from grpcd_test.greeter import SAY_HELLO, encode
from grpcd_test.response import Headers, Response
from grpcd_test.server import Server

INVALID_ARGUMENT, RESOURCE_EXHAUSTED, UNIMPLEMENTED, INTERNAL = 3, 8, 12, 13
# What may follow a refusal that overtakes the client's message.
NO_FAULT = (None, frames.NO_ERROR)
Changes = Dict[str, Optional[str]]


def server() -> Server:
    """The server of all tests here."""
    return Server()


def ask(client: Frames, fields: Headers) -> Response:
    """The response to a call with these headers and a message, after which
    another call must be answered."""
    stream = client.new_stream()
    block = client.encoder.encode(fields)
    client.send(HeadersFrame(stream, data=block, flags=["END_HEADERS"]))
    client.data(stream, framed(encode("x")), end=True)
    response = client.response(stream)
    client.expect_reply(client.request(encode("y")), "Hello y")
    return response


def changed(**changes: Optional[str]) -> Headers:
    """The usual headers with changes; _ stands for - in their names, and path,
    method and their like for those with a colon."""
    pseudo = ("path", "method", "scheme", "authority", "protocol", "status")
    names = {name: f":{name}" if name in pseudo else name.replace("_", "-") for name in changes}
    return request_headers({names[name]: text for name, text in changes.items()})


def served(shared: Server, *requests: Headers) -> None:
    """Fails unless each is greeted."""
    with greeted(shared.address) as client:
        for fields in requests:
            response = ask(client, fields)
            check.equal(response.status, 0, f"grpc-status of {fields}")
            check.equal(response.messages, [encode("Hello x")], "messages")


def malformed(shared: Server, *requests: Headers) -> None:
    """Fails unless each ends its stream, as RFC 9113, 8.1.1 has it."""
    with greeted(shared.address) as client:
        for fields in requests:
            response = ask(client, fields)
            check.equal(response.reset, frames.PROTOCOL_ERROR, f"RST_STREAM for {fields}")
            check.equal((response.headers, response.trailers), ({}, {}), "an answer besides")


def refused(shared: Server, http: int, status: int, *requests: Tuple[Headers, str]) -> None:
    """Fails unless each is refused with that, and the text beside it."""
    with greeted(shared.address) as client:
        for fields, text in requests:
            response = ask(client, fields)
            check.among(response.reset, NO_FAULT, f"RST_STREAM for {fields}")
            check.equal(response.http_status, http, f":status for {fields}")
            check.equal(response.status, status, f"grpc-status for {fields}")
            check.contains(response.message, text)


def not_allowed(shared: Server, *requests: Headers) -> None:
    """Fails unless each gets 405, in HTTP's terms alone."""
    with greeted(shared.address) as client:
        for fields in requests:
            response = ask(client, fields)
            check.equal(response.headers.get(":status"), "405", f":status for {fields}")
            check.equal(response.headers.get("allow"), "POST", "allow")
            check.equal(response.status, None, "grpc-status")


def test_content_types(shared: Server) -> None:
    served(
        shared,
        changed(content_type="application/grpc"),
        changed(content_type="application/grpc+proto"),
        changed(content_type="application/grpc;charset=utf-8"),
        changed(content_type="application/grpc; charset=utf-8"),
        changed(content_type="application/grpc+proto;messageType=x"),
        changed(content_type="APPLICATION/gRPC+Proto"),
    )
    no_grpc = "content-type is not application/grpc"
    refused(
        shared,
        415,
        INVALID_ARGUMENT,
        (changed(content_type=None), no_grpc),
        (changed(content_type=""), no_grpc),
        (changed(content_type="application/grpc-web"), f"{no_grpc}: application/grpc-web"),
        (changed(content_type="application/grpcx"), no_grpc),
        (changed(content_type="application/json"), no_grpc),
        (changed(content_type="text/html;application/grpc"), no_grpc),
        (request_headers(more=[("content-type", "text/html")]), no_grpc),
    )
    # These are of gRPC, so its clients get the status, and its text.
    for kind in ("application/grpc+json", "application/grpc+proto2", "application/grpc+"):
        text = f"only application/grpc+proto is served: {kind}"
        refused(shared, 200, UNIMPLEMENTED, (changed(content_type=kind), text))


def test_methods_that_are_not_post(shared: Server) -> None:
    not_allowed(
        shared,
        changed(method="GET"),
        changed(method="GET", content_type=None, te=None, path="/"),
        changed(method="post"),
        changed(method="OPTIONS", path="*"),
        [(":method", "CONNECT"), (":authority", "localhost:443")],
    )
    malformed(
        shared,
        changed(method="CONNECT"),  # with a path and a scheme
        changed(method="CONNECT", protocol="websocket"),  # never announced
        changed(method=""),
        changed(method=None),
    )


def test_informational_statuses_are_not_for_clients(shared: Server) -> None:
    malformed(shared, changed(status="100"), changed(status="103"))
    # Who expects one sends the body without (RFC 9110, 10.1.1).
    served(shared, changed(expect="100-continue"))


def test_a_long_body_is_not_waited_for(shared: Server) -> None:
    # Others than gRPC's clients look for the answer behind their request, but
    # one of more than some kilobytes is answered at once.
    for fields in (changed(method="PUT"), changed(content_type=None)):
        with greeted(shared.address) as client:
            stream = client.open(fields)
            client.data(stream, b"x" * 1000)
            client.expect_alive()
            client.expect_alive()
            assert not client.responses[stream].over, client.responses[stream]
            client.data(stream, b"x" * 10000)
            response = client.response(stream)
            check.among(response.http_status, (405, 415), ":status")
            client.wait(lambda response=response: response.reset is not None, "RST_STREAM")
            check.equal(response.reset, frames.NO_ERROR, "code of RST_STREAM")
            client.expect_reply(client.request(encode("y")), "Hello y")


def test_schemes(shared: Server) -> None:
    # Whatever a proxy before us had: the transport says what it is.
    served(shared, changed(scheme="https"), changed(scheme="HTTP"), changed(scheme="ftp"))
    malformed(shared, changed(scheme=""), changed(scheme=None), changed(scheme="h ttp"))


def test_authorities(shared: Server) -> None:
    served(
        shared,
        changed(authority=None, host="localhost"),
        changed(authority="localhost", host="elsewhere"),
        changed(authority="[::1]:50051"),
    )
    # Without any, as RFC 9113, 8.3.1 has it for http, though gRPC's protocol
    # does not insist.
    malformed(shared, changed(authority="a b"), changed(authority="a/b"), changed(authority=None))


def test_paths(shared: Server) -> None:
    paths = ("/", "//", "/a", "/käse/x", "/a/b/c")
    unknown = [(path, f"unknown service: {path}") for path in paths]
    unknown += [("/x" * 3000, "unknown service: /x/x/x")]
    method = "unknown method: "
    unknown += [(f"{SAY_HELLO}/", method), (f"{SAY_HELLO}?x=1", method), (f"{SAY_HELLO}#x", method)]
    cases = [(changed(path=path), text) for path, text in unknown]
    refused(shared, 200, UNIMPLEMENTED, *cases)
    malformed(
        shared,
        changed(path=""),
        changed(path=None),
        changed(path="*"),
        changed(path=SAY_HELLO[1:]),
        changed(path=f"http://localhost{SAY_HELLO}"),
        changed(path="/a b/c"),
        changed(path="/a\x01/c"),
    )


def test_pseudo_headers_in_the_wrong_place(shared: Server) -> None:
    usual = request_headers()
    again = [[field, *usual] for field in usual if field[0].startswith(":")]
    malformed(
        shared,
        *again,
        request_headers(more=[(":path", SAY_HELLO)]),
        [("x", "y"), *usual],
        [(":status", "200"), *usual],
        [(":unknown", "x"), *usual],
        [(":", "x"), *usual],
    )


def test_fields_that_http_2_forbids(shared: Server) -> None:
    names = ("connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade")
    broken: List[Changes] = [{name: "x"} for name in names]
    broken += [{"te": text} for text in ("gzip", "trailers, gzip", "")]
    broken += [{"Upper": "x"}, {"uPPer-bin": "AA"}, {"content-length": "x"}]
    malformed(shared, *[request_headers(changes) for changes in broken])
    served(shared, changed(te=None), changed(te="Trailers"), changed(expect="100-continue"))


def test_names_and_values_of_odd_characters(shared: Server) -> None:
    # HTTP/2 knows these; what is no metadata of gRPC's is kept from services.
    known = [("x", "käse"), ("x", ""), ("!#$%&'*", "x"), ("-bin", "!")]
    served(shared, *[request_headers(more=[field]) for field in known])
    for name in ("a b", "käse", "", "a:b"):
        malformed(shared, request_headers(more=[(name, "x")]))
    for text in ("a\x01b", "a\nb", "a\rb", "a\0b", " a", "a ", "\ta"):
        malformed(shared, request_headers(more=[("x", text)]))


def test_metadata_in_base64(shared: Server) -> None:
    right = ("", "AA", "AA==", "AAA", "AAA=", "AA,AA==", ",", "AAAA,,AAAA", "+/+/")
    served(shared, *[request_headers(more=[("a-bin", text)]) for text in right])
    wrong = ("A", "A===", "AA=", "AA==AA", "AAAAA", "-_-_", "AA AA", "AA;AA", "AA,A", "=", "AAAA=")
    said = "malformed base64 in metadata: a-bin"
    cases = [(request_headers(more=[("a-bin", text)]), said) for text in wrong]
    refused(shared, 400, INTERNAL, *cases)


def test_encodings(shared: Server) -> None:
    served(shared, changed(grpc_encoding="identity"), changed(grpc_encoding="gzip"))
    for name in ("zstd", "GZIP", "", "gzip,deflate", "x" * 300):
        with greeted(shared.address) as client:
            response = ask(client, changed(grpc_encoding=name))
            check.equal(response.status, UNIMPLEMENTED, f"grpc-status for {name}")
            check.contains(response.message, f"unknown grpc-encoding: {name[:200]}")
            accepted = response.trailers.get("grpc-accept-encoding")
            check.equal(accepted, "identity,gzip,deflate", "grpc-accept-encoding")


def test_fields_that_come_twice(shared: Server) -> None:
    # Whatever is wrong with one of them is wrong with the request.
    for name, text in (("grpc-timeout", "x"), ("grpc-encoding", "x"), ("content-type", "x/y")):
        usual = {"grpc-timeout": "9S", "grpc-encoding": "gzip", "content-type": "application/grpc"}
        for first, second in ((text, usual[name]), (usual[name], text)):
            with greeted(shared.address) as client:
                fields = [*request_headers({name: None}), (name, first), (name, second)]
                assert ask(client, fields).status != 0, f"{name}: {first}, {second}"


def test_reserved_names_are_not_obeyed(shared: Server) -> None:
    more = [
        ("grpc-status", "13"),
        ("grpc-message", "lies"),
        ("grpc-tags-bin", "AA"),
        ("grpc-retry-pushback-ms", "1000"),
        ("grpc-previous-rpc-attempts", "2"),
    ]
    served(shared, request_headers(more=more))


def test_the_largest_header_lists(shared: Server) -> None:
    """The limit is 8k; the answer names it, what came, and the directive."""
    own = sum(len(name) + len(text) + 32 for name, text in request_headers())
    with greeted(shared.address) as client:
        for over in (1, 100, 1000, 50000):
            # Of one large field, of many small ones, and of the path.
            size = 8192 - own + over
            lists = [[("x", "v" * (size - 33))], [("x", "yy")] * (-(-size // 35))]
            for more in lists if over < 50000 else lists[1:]:
                fields = request_headers(more=more)
                seen = sum(len(name) + len(text) + 32 for name, text in fields)
                response = ask(client, fields)
                check.equal(response.http_status, 431, ":status")
                check.equal(response.status, RESOURCE_EXHAUSTED, "grpc-status")
                check.contains(response.message, f"{seen} bytes exceed max_header_list_size 8192")


def send_list(client: Frames, fields: Headers) -> Response:
    """The response to headers in as few frames as they take, and a message."""
    stream, block = client.new_stream(), client.encoder.encode(fields, huffman=False)
    pieces = [block[at : at + FRAME_SIZE] for at in range(0, len(block), FRAME_SIZE)]
    parts: List[Frame] = [HeadersFrame(stream, data=pieces[0])]
    parts += [ContinuationFrame(stream, data=piece) for piece in pieces[1:]]
    parts[-1].flags.add("END_HEADERS")
    client.send(*parts)
    client.data(stream, framed(encode("x")), end=True)
    return client.response(stream)


def test_the_largest_limit_can_be_used() -> None:
    limit = 128 * 1024
    own = sum(len(name) + len(text) + 32 for name, text in request_headers())
    rest = limit - own - 2 * (60000 + 33) - 33
    more = [("a", "v" * 60000), ("b", "v" * 60000), ("c", "v" * rest)]
    with Server(limits={"max_header_list_size": "128k"}) as own_server:
        with Frames(own_server.address) as client:
            check.equal(send_list(client, request_headers(more=more)).status, 0, "grpc-status")
            more[2] = ("c", "v" * (rest + 1))
            response = send_list(client, request_headers(more=more))
            check.equal(response.status, RESOURCE_EXHAUSTED, "grpc-status of one byte more")
            text = f"{limit + 1} bytes exceed max_header_list_size {limit}"
            check.contains(response.message, text)


def test_fields_that_are_larger_than_any_limit(shared: Server) -> None:
    with greeted(shared.address) as client:
        size = "v" * 65536
        check.equal(send_list(client, request_headers(more=[("x", size)])).http_status, 431)
    with greeted(shared.address) as client:
        with check.raises(Closed):
            send_list(client, request_headers(more=[("x", size + "v")]))
        check.equal(client.refusal(), frames.COMPRESSION_ERROR, "code of GOAWAY")


if __name__ == "__main__":
    tap.main(server)
