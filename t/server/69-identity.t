#!/usr/bin/python3
"""Who a client is by its certificate: what services are told, whom `allow` lets
in, and what the log says."""

import socket
import ssl
from typing import Any, Optional

import grpc
from hpack import Encoder
from hyperframe.frame import DataFrame, HeadersFrame, SettingsFrame

from grpcd_test import check, command, greeter, modules, tap, tls
from grpcd_test.config import Directives, config, listener, service
from grpcd_test.frames import PREFACE, framed, request_headers
from grpcd_test.greeter import status_of
from grpcd_test.server import Server

Session = Optional[ssl.SSLSession]
VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)

DENIED, UNKNOWN = grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.UNAUTHENTICATED
BILLING = "spiffe://prod/billing"
ALLOW = [f"uri:{BILLING}", "uri:spiffe://prod/ops/*", "dns:*.ops.example"]

# A service that answers with what it is told of its client.
SOURCE = """
#include <grpcd.h>
#include <string.h>

static const ProtobufCMessageDescriptor empty = {
	PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC, "demo.Empty", "Empty", "Empty", "demo",
	sizeof(ProtobufCMessage), 0, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL
};

static const char *
word(const char *text)
{
	return text ? text : "-";
}

static bool
am_i(struct grpcd_call *call, const void *ops, const ProtobufCMessage *message)
{
	char *names = grpcd_strdup(call, "");
	const char *name;

	for (int kind = GRPCD_TLS_URI; kind <= GRPCD_TLS_IP; kind++)
		for (size_t i = 0; (name = grpcd_tls_name(call, kind, i)); i++)
			names = grpcd_printf(call, "%s %s", names, name);
	return grpcd_fail(call, GRPCD_ABORTED, "%s %s %s %s %zu%s",
	    word(grpcd_tls(call, GRPCD_TLS_PROTOCOL)),
	    word(grpcd_tls(call, GRPCD_TLS_CIPHER)),
	    word(grpcd_tls(call, GRPCD_TLS_SERVER_NAME)),
	    word(grpcd_tls(call, GRPCD_TLS_SUBJECT)),
	    strlen(word(grpcd_tls(call, GRPCD_TLS_FINGERPRINT))), names);
}

static const struct grpcd_method methods[] = {
	{ .name = "AmI", .input = &empty, .output = &empty, .message = am_i }
};
static const struct grpcd_descriptor descriptor = { "demo.Who", methods, 1 };
static const struct grpcd_service service = { .descriptor = &descriptor };
GRPCD_MODULE(&service)
"""


def asked(authority: tls.Authority, **directives: Any) -> Directives:
    """A tls section that wants certificates of an authority."""
    usual = {"client_ca": authority.ca, "verify": "require"}
    return {**authority.issue("localhost").directives, **usual, **directives}


def status(client: greeter.Greeter) -> Optional[grpc.StatusCode]:
    """How SayHello ends; None: with an answer."""
    try:
        client.hello()
    except grpc.RpcError as error:
        return status_of(error)
    return None


def who_am_i(channel: grpc.Channel) -> str:
    """What demo.Who is told."""
    ask = channel.unary_unary("/demo.Who/AmI")
    try:
        ask(b"", timeout=10)
    except grpc.RpcError as error:
        check.equal(status_of(error), grpc.StatusCode.ABORTED)
        details: str = error.details()  # type: ignore[attr-defined]
        return details
    raise AssertionError("there was an answer")


def test_a_service_asks() -> None:
    authority = tls.Authority()
    pair = authority.issue(f"URI:{BILLING}", "a.example", "email:a@example", "IP:192.0.2.7")
    who = modules.load(modules.compiled(SOURCE), "demo.Who")
    plain = listener("unix:plain.sock", "plain")
    with Server(plain, *who, tls=asked(authority, verify="request")) as server:
        with authority.greeter(server, pair) as client:
            said = who_am_i(client.channel)
            check.contains(said, "TLSv1.3 TLS_", " localhost CN=URI:spiffe:__prod_billing 64 ")
            check.contains(said, f"64 {BILLING} a.example a@example 192.0.2.7")
        with authority.greeter(server) as client:
            check.contains(who_am_i(client.channel), "TLSv1.3", " localhost - 1")
        with grpc.insecure_channel(f"unix:{server.directory / 'plain.sock'}") as channel:
            check.equal(who_am_i(channel), "- - - - 1")


def test_who_may_call() -> None:
    authority = tls.Authority()
    names = {
        (f"URI:{BILLING}",): None,
        ("nobody.example", f"URI:{BILLING}"): None,
        ("URI:spiffe://prod/ops/night/1",): None,
        ("a.ops.example",): None,
        (f"URI:{BILLING}2",): DENIED,
        ("URI:spiffe://prod/ops",): DENIED,
        ("URI:spiffe://prod/ops/../root",): DENIED,
        ("URI:https://a.ops.example",): DENIED,
        (f"DNS:{BILLING}",): DENIED,
        (f"email:{BILLING}",): DENIED,
        ("URI:a.ops.example",): DENIED,
        ("a.b.ops.example",): DENIED,
        ("*.ops.example",): DENIED,
    }
    with Server(
        tls=asked(authority, verify="request"), workers=2, greeter={"allow": ALLOW}
    ) as server:
        for own, expected in names.items():
            with authority.greeter(server, authority.issue(*own)) as client:
                check.equal(status(client), expected, str(own))
        server.wait_log(f'refused: its client "uri:{BILLING}2" is not among those of allow at')
        check.contains(server.log(), str(server.config_file))
        with authority.greeter(server) as client:
            check.equal(status(client), UNKNOWN)
            check.equal(status(client), UNKNOWN, "again")
        server.wait_log("refused: its client has no certificate, and allow at")


def test_a_stream_is_refused_before_its_messages() -> None:
    authority = tls.Authority()
    with Server(tls=asked(authority), greeter={"allow": ALLOW}) as server:
        with authority.greeter(server, authority.issue("stranger.example")) as client:
            stream = client.bidi_stream(iter([]))
            with check.raises(grpc.RpcError):
                list(stream)
            check.equal(stream.code(), DENIED)
            check.equal(stream.details(), "this client may not call this")


def test_a_method_has_its_own_list() -> None:
    authority = tls.Authority()
    hello, stream = f"method \"{greeter.SAY_HELLO}\"", f"method \"{greeter.STREAM_REPLY}\""
    methods = {hello: {"allow": "any"}, stream: {"allow": "dns:stream.example"}}
    with Server(methods, tls=asked(authority), greeter={"allow": ALLOW}) as server:
        with authority.greeter(server, authority.issue("hello.example")) as client:
            check.equal(status(client), None, "any")
            with check.raises(grpc.RpcError):
                list(client.stream_reply("x"))
        with authority.greeter(server, authority.issue("stream.example")) as client:
            check.equal(len(list(client.stream_reply("x"))), 10)
        with authority.greeter(server, authority.issue("a.ops.example")) as client:
            with check.raises(grpc.RpcError):
                list(client.stream_reply("x"))
            check.equal(status(client), None, "any")


def test_built_in_services_have_lists() -> None:
    authority = tls.Authority()
    health = service("grpc.health.v1.Health", allow=["dns:probe.example"])
    with Server(health, tls=asked(authority)) as server:
        for name, expected in ("probe.example", None), ("other.example", DENIED):
            with authority.greeter(server, authority.issue(name)) as client:
                check.equal(status(client), None, "the greeter is for everybody")
                ask = client.channel.unary_unary("/grpc.health.v1.Health/Check")
                try:
                    got = None if ask(b"", timeout=10) else None
                except grpc.RpcError as error:
                    got = status_of(error)
                check.equal(got, expected, name)


def test_a_reload_changes_the_list() -> None:
    authority = tls.Authority()
    pair = authority.issue("a.example")
    with Server(tls=asked(authority), greeter={"allow": "dns:a.example"}) as server:
        with authority.greeter(server, pair) as client:
            check.equal(status(client), None)
        server.configure(greeter={"allow": "dns:b.example"})
        server.wait_gone(set(server.workers()) - set(server.reload()))
        with authority.greeter(server, pair) as client:
            check.equal(status(client), DENIED)


def test_listeners_without_certificates() -> None:
    authority = tls.Authority()
    sections = listener("unix:plain.sock", "plain")
    with Server(sections, tls=asked(authority), greeter={"allow": "any"}) as server:
        with grpc.insecure_channel(f"unix:{server.directory / 'plain.sock'}") as channel:
            check.equal(status(greeter.Greeter(channel)), UNKNOWN)
        server.wait_log("unix: refused: its client has no certificate")
        check.contains(
            server.run("-t").err,
            'service "helloworld.Greeter": allow refuses all calls by way of listener "plain",'
            " which asks for no certificates",
        )


def told(text: str) -> str:
    """What -t says of a config."""
    with command.workspace(text) as folder:
        return command.run(folder, "-t").err


def test_lists_that_are_wrong() -> None:
    authority = tls.Authority()
    secure = listener("127.0.0.1:1", tls=asked(authority))
    plain = listener("127.0.0.1:2", "plain")
    at = 'service "helloworld.Greeter": allow: '
    for allow, part in (
        ([], "an empty list would let nobody call"),
        ([BILLING], f'"{BILLING}": the kind of name stands before it: uri:'),
        (["any", "dns:*"], '"dns:*": a DNS name is wanted'),
    ):
        text = config(secure, greeter={"greeting": "x", "allow": allow})
        line = 1 + text[: text.index("allow =")].count("\n")
        check.contains(told(text), f"grpcd.conf:{line}: {at}{part}")
    for listeners, where in (([plain], None), ([secure, plain], "plain")):
        said = told(config(*listeners, greeter={"listeners": where, "allow": "any"}))
        check.contains(said, at + "nobody could call", "verify = require")
    method: Directives = {f'method "{greeter.SAY_HELLO}"': {"allow": []}}
    said = told(config(secure, method))
    check.contains(said, f'method "{greeter.SAY_HELLO}": allow: an empty list')


def call(server: Server, context: ssl.SSLContext, session: Session = None) -> ssl.SSLSocket:
    """A client that has called, by HTTP/2 that is written by hand."""
    headers = Encoder().encode(request_headers())
    frames = (
        SettingsFrame(),
        HeadersFrame(1, headers, flags=("END_HEADERS",)),
        DataFrame(1, framed(greeter.encode("you")), flags=("END_STREAM",)),
    )
    client = tls.connect(server, context, session=session)
    got = b""
    try:
        client.sendall(PREFACE + b"".join(frame.serialize() for frame in frames))
        while b"Hello you" not in got:
            some = client.recv(65536)  # and with it the tickets of TLS 1.3
            if not some:
                raise ConnectionError("the server has closed")
            got += some
        return client
    except BaseException:
        client.close()
        raise


def comes_back(server: Server, context: ssl.SSLContext, session: Session) -> bool:
    """True if a client is let in, by its session or without."""
    try:
        with call(server, context, session):
            return True
    except (ssl.SSLError, ConnectionError):
        return False


def test_a_session_goes_on_as_the_same_client() -> None:
    authority = tls.Authority()
    pair = authority.issue("a.ops.example")
    with Server(tls=asked(authority), workers=2, greeter={"allow": ALLOW}) as server:
        for version in VERSIONS:
            context = authority.context(pair)
            context.minimum_version = context.maximum_version = version
            with call(server, context) as client:
                session = client.session
            for _ in range(20):
                with call(server, context, session) as client:
                    assert client.session_reused


def test_sessions_end_with_their_ca() -> None:
    old, new = tls.Authority("old"), tls.Authority("new")
    pair = old.issue("client.example")
    section = asked(old, client_ca=[old.ca, new.ca])
    for version in VERSIONS:
        with Server(tls=section) as server:
            context = old.context(pair)
            context.minimum_version = context.maximum_version = version
            with call(server, context) as client:
                session = client.session
            with call(server, context, session) as client:
                assert client.session_reused
                session = client.session
            server.tls = {**section, "client_ca": new.ca}
            server.configure()
            server.wait_gone(set(server.workers()) - set(server.reload()))
            assert not comes_back(server, context, session), "a client of a CA that has gone"
            server.wait_log('; its client shows that of "dns:client.example"')


def test_a_session_of_another_listener_is_none() -> None:
    authority = tls.Authority()
    lax = {**asked(authority), "client_ca": None, "verify": "none"}
    with Server(listener("unix:lax.sock", "lax", tls=lax), tls=asked(authority)) as server:
        for version in VERSIONS:
            context = authority.context()
            context.minimum_version = context.maximum_version = version
            with socket.socket(socket.AF_UNIX) as plain:
                plain.connect(str(server.directory / "lax.sock"))
                with context.wrap_socket(plain, server_hostname="localhost") as client:
                    tls.first_bytes(client)
                    session = client.session
            assert session and session.has_ticket
            assert not comes_back(server, context, session), "without a certificate"
        server.wait_log("peer did not return a certificate", 2)


def test_the_log_names_clients() -> None:
    authority = tls.Authority()
    with Server(tls=asked(authority)) as server:
        with tls.connect(server, authority.context(authority.issue("a.example"))) as client:
            client.sendall(b"GET / HTTP/1.1\r\n\r\n")
            while client.recv(65536):
                pass
        server.wait_log('connection of ipv4:127.0.0.1:[0-9]+ "dns:a.example" ended: ')
        old = authority.context(authority.issue("a.example", begins=-9, ends=-2))
        with tls.connect(server, old) as client:
            with check.raises(OSError):
                client.recv(65536)
        server.wait_log('certificate has expired; its client shows that of "dns:a.example"')


def test_nobody_writes_into_the_log() -> None:
    authority = tls.Authority()
    evil = "a\n2026-01-01 [alarm] master: all is lost"
    pair = authority.issue("stranger.example", subject=evil)
    bare = authority.issue("RID:1.2.3", subject=evil)
    with Server(tls=asked(authority), greeter={"allow": ALLOW}) as server:
        for own in (pair, bare):
            with authority.greeter(server, own) as client:
                check.equal(status(client), DENIED)
        server.wait_log(r'refused: its client "CN=a\\0A2026-01-01 \[alarm\] master')
        check.equal(server.count("^2026-01-01"), 0, "lines of the client's")


if __name__ == "__main__":
    tap.main()
