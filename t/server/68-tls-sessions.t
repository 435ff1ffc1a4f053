#!/usr/bin/python3
"""Sessions of TLS are resumed by every worker and over reloads, until their
keys have gone or the rules about clients have changed."""

import ssl
from typing import Optional, Set

from grpcd_test import tap, tls
from grpcd_test.load import Load
from grpcd_test.server import Server
from grpcd_test.wait import scaled, wait_for

VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)


def session_of(server: Server, context: ssl.SSLContext) -> Optional[ssl.SSLSession]:
    """A session, once its ticket has come."""
    with tls.connect(server, context) as client:
        tls.first_bytes(client)
        return client.session


def resumes(server: Server, context: ssl.SSLContext, session: Optional[ssl.SSLSession]) -> bool:
    """True if the server takes a session up."""
    with tls.connect(server, context, session=session) as client:
        tls.first_bytes(client)
        return bool(client.session_reused)


def context_of(
    authority: tls.Authority, version: ssl.TLSVersion, pair: Optional[tls.Pair] = None
) -> ssl.SSLContext:
    """A client of one version, perhaps with a certificate."""
    context = authority.context(pair)
    context.minimum_version = context.maximum_version = version
    return context


def comes_back(
    server: Server, context: ssl.SSLContext, session: Optional[ssl.SSLSession]
) -> bool:
    """False if a client is refused, and its session with it."""
    try:
        return resumes(server, context, session)
    except (ssl.SSLError, ConnectionError):
        return False


def wait_refused(
    server: Server, context: ssl.SSLContext, session: Optional[ssl.SSLSession]
) -> None:
    """Waits until a client is refused."""
    wait_for(lambda: not comes_back(server, context, session), "the end of a session")


def busy(server: Server) -> Set[int]:
    """The slots of workers that have a connection."""
    workers = server.status()["workers"]
    return {worker["slot"] for worker in workers if worker["connections"]}


def test_all_workers_resume() -> None:
    authority = tls.Authority()
    with Server(workers=3, tls=authority.issue("localhost").directives) as server:
        for version in VERSIONS:
            context = context_of(authority, version)
            session = session_of(server, context)
            seen: Set[int] = set()
            while len(seen) < 3:
                wait_for(lambda: not busy(server), "the end of the last client")
                with tls.connect(server, context, session=session) as client:
                    tls.first_bytes(client)
                    assert client.session_reused, f"{version}: {busy(server)} did not resume"
                    seen |= busy(server)


def test_reloads_and_heirs_resume() -> None:
    authority = tls.Authority()
    with Server(workers=2, tls=authority.issue("localhost").directives) as server:
        for version in VERSIONS:
            context = context_of(authority, version)
            session = session_of(server, context)
            server.tls = authority.issue("localhost").directives
            server.configure()
            server.wait_gone(set(server.workers()) - set(server.reload()))
            for _ in range(10):
                assert resumes(server, context, session), version


def test_each_use_brings_the_next_ticket() -> None:
    authority = tls.Authority()
    with Server(workers=2, tls=authority.issue("localhost").directives) as server:
        context = context_of(authority, ssl.TLSVersion.TLSv1_3)
        session, seen = session_of(server, context), set()
        for _ in range(10):
            assert session and session.id not in seen, "a ticket was used before"
            seen.add(session.id)
            with tls.connect(server, context, session=session) as client:
                tls.first_bytes(client)
                assert client.session_reused
                session = client.session


def test_sessions_end_with_their_certificate() -> None:
    authority = tls.Authority()
    section = {"client_ca": authority.ca, "verify": "require"}
    with Server(tls={**authority.issue("localhost").directives, **section}) as server:
        client = authority.issue("client", ends=8 / 86400)
        contexts = [context_of(authority, version, client) for version in VERSIONS]
        sessions = [session_of(server, context) for context in contexts]
        for context, session in zip(contexts, sessions):
            assert resumes(server, context, session), context.maximum_version
        for context, session in zip(contexts, sessions):
            wait_refused(server, context, session)
        server.wait_log("certificate has expired", 2)


def test_keys_go() -> None:
    authority = tls.Authority()
    pair = authority.issue("localhost")
    with Server(tls=pair.directives, tls_ticket_rotation="1s") as server:
        context = context_of(authority, ssl.TLSVersion.TLSv1_3)
        session = session_of(server, context)
        wait_for(lambda: not resumes(server, context, session), "the end of a session")
        assert resumes(server, context, session_of(server, context)), "a new session"


def test_new_rules_end_sessions() -> None:
    authority = tls.Authority()
    section = {
        **authority.issue("localhost").directives,
        "client_ca": authority.ca,
        "verify": "require",
    }
    bad = authority.issue("bad")
    with Server(tls=section) as server:
        context = authority.context(bad)
        session = session_of(server, context)
        assert resumes(server, context, session)
        server.tls = {**section, "crl": authority.crl(bad)}
        server.configure()
        server.wait_gone(set(server.workers()) - set(server.reload()))
        assert not comes_back(server, context, session), "a revoked client has come back"
        server.wait_log("certificate revoked")


def test_each_rule_ends_sessions() -> None:
    authority, other = tls.Authority(), tls.Authority("other")
    section = {
        **authority.issue("localhost").directives,
        "client_ca": authority.ca,
        "verify": "request",
    }
    with Server(tls=section) as server:
        context = authority.context(authority.issue("client"))
        for rule in (
            {"verify": "require"},
            {"verify_depth": 1},
            {"client_ca": [authority.ca, other.ca]},
            {"crl": authority.crl()},
        ):
            session = session_of(server, context)
            assert resumes(server, context, session)
            server.tls = {**section, **rule}
            server.configure()
            server.wait_gone(set(server.workers()) - set(server.reload()))
            assert not resumes(server, context, session), rule


@tap.limit(120)
def test_reloads_lose_nothing() -> None:
    authority = tls.Authority()
    pairs = [authority.issue("localhost", f"{number}.example") for number in range(2)]
    with Server(workers=2, tls=pairs[0].directives) as server:
        with Load(server.address, long=2, fresh=2, server=1, bidi=1, ca=authority.ca) as load:
            for number in range(scaled(60, least=10)):
                server.tls = pairs[number // 2 % 2].directives
                server.configure()
                old = set(server.workers()) - set(server.serving())
                server.reload()
                server.wait_gone(old)
                tls.wait_shown(server, authority, f"{number // 2 % 2}.example")
        load.expect_no_loss()


if __name__ == "__main__":
    tap.main()
