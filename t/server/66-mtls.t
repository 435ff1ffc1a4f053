#!/usr/bin/python3
"""Certificates of clients: who may come, who is refused, and why."""

import ssl
from typing import Any, Optional

import grpc

from grpcd_test import check, tap, tls
from grpcd_test.greeter import status_of
from grpcd_test.server import Server

Pair = Optional[tls.Pair]


def calls(authority: tls.Authority, server: Server, pair: Pair) -> None:
    """Fails unless a client with that certificate is answered."""
    with authority.greeter(server, pair) as client:
        check.equal(client.hello(), "Hello world")


def refused(context: ssl.SSLContext, server: Server, why: str) -> None:
    """Fails unless a client is refused, and the log says why."""
    count = server.count(why)
    try:
        with tls.connect(server, context) as client:
            check.equal(tls.first_bytes(client), b"", "what a refused client gets")
    except (ssl.SSLError, ConnectionError):
        pass
    server.wait_log(why, count + 1)


def section(authority: tls.Authority, **directives: Any) -> Any:
    """A tls section that wants certificates of an authority."""
    server = authority.issue("localhost")
    return {**server.directives, "client_ca": authority.ca, **directives}


def test_a_certificate_is_required() -> None:
    authority, stranger = tls.Authority(), tls.Authority("stranger")
    with Server(workers=2, tls=section(authority, verify="require")) as server:
        calls(authority, server, authority.issue("client"))
        refused(authority.context(), server, "peer did not return a certificate")
        other = stranger.issue("client")
        refused(authority.context(other), server, "unable to get .*issuer certificate")
        old = authority.issue("client", begins=-10, ends=-2)
        refused(authority.context(old), server, "certificate has expired")
        with authority.greeter(server) as client:
            try:
                client.hello()
            except grpc.RpcError as error:
                check.equal(status_of(error), grpc.StatusCode.UNAVAILABLE)
            else:
                raise AssertionError("a client without certificate was answered")


def test_a_certificate_is_requested() -> None:
    authority, stranger = tls.Authority(), tls.Authority("stranger")
    with Server(tls=section(authority, verify="request")) as server:
        calls(authority, server, authority.issue("client"))
        calls(authority, server, None)
        other = stranger.issue("client")
        refused(authority.context(other), server, "unable to get .*issuer certificate")


def test_a_revoked_certificate() -> None:
    authority = tls.Authority()
    good, bad = authority.issue("good"), authority.issue("bad")
    with Server(tls=section(authority, verify="require")) as server:
        calls(authority, server, bad)
        server.tls = {**(server.tls or {}), "crl": authority.crl(bad)}
        server.configure()
        server.reload()
        calls(authority, server, good)
        refused(authority.context(bad), server, "certificate revoked")


def test_a_chain_that_is_too_long() -> None:
    authority = tls.Authority()
    between = tls.Authority("between", authority)
    pair = between.issue("client")
    with pair.certificate.open("ab") as chain:
        chain.write(between.ca.read_bytes())
    with Server(tls=section(authority, verify="require", verify_depth=1)) as server:
        calls(authority, server, pair)
        server.tls = {**(server.tls or {}), "verify_depth": 0}
        server.configure()
        server.wait_gone(set(server.workers()) - set(server.reload()))
        calls(authority, server, authority.issue("client"))
        refused(authority.context(pair), server, "certificate chain too long")


def test_a_stranger_in_tls_1_2() -> None:
    authority, stranger = tls.Authority(), tls.Authority("stranger")
    with Server(tls=section(authority, verify="require", protocols="TLSv1.2")) as server:
        calls(authority, server, authority.issue("client"))
        other = stranger.issue("client")
        refused(authority.context(other), server, "unable to get .*issuer certificate")


if __name__ == "__main__":
    tap.main()
