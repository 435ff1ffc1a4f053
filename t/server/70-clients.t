#!/usr/bin/python3
"""The greeter called by clients on grpc-go and grpc-js, as their users do: in
plain text, over TLS, and with certificates of their own."""

from contextlib import contextmanager
from typing import Iterator, NamedTuple, Sequence, Tuple

from grpcd_test import check, foreign, tap, tls
from grpcd_test.config import listener, service
from grpcd_test.foreign import BUILDING
from grpcd_test.ports import free_port
from grpcd_test.server import Server

GO, JS = "grpc-go", "grpc-js"

# The cases of each client that are about calls, and those about streams.
CALLS = {
    GO: "unary many large metadata cancel too-large unimplemented".split(),
    JS: "unary many large metadata unimplemented".split(),
}
STREAMS = {
    GO: "server-stream bidi bidi-many bidi-deadline bidi-cancel health".split(),
    JS: "server-stream bidi cancel".split(),
}


class Ways(NamedTuple):
    """Addresses of listeners of one server, and who may come."""

    plain: str
    secure: str
    mutual: str  # to clients with a certificate of the authority
    authority: tls.Authority


@contextmanager
def ways() -> Iterator[Ways]:
    """The server of all tests here."""
    authority = tls.Authority()
    section = authority.issue("localhost", "IP:127.0.0.1").directives
    require = {**section, "client_ca": authority.ca, "verify": "require"}
    secure, mutual = (f"127.0.0.1:{free_port()}" for _ in range(2))
    with Server(
        service("grpc.health.v1.Health"),
        listener(secure, "secure", tls=section),
        listener(mutual, "mutual", tls=require),
        workers=2,
    ) as server:
        yield Ways(server.address, secure, mutual, authority)


def client(kind: str, address: str, *files: Tuple[str, object]) -> Sequence[str]:
    """The command of a client."""
    options = [part for name, file in files for part in (f"--{name}", str(file))]
    if kind == GO:
        return (foreign.go_program("greeter"), *options, "-address", address)
    return (*foreign.node_client("greeter"), *options, address)


def faults(command: Sequence[str], *cases: str) -> str:
    """What a client is not content with."""
    done = foreign.run(*command, *cases)
    return (done.stdout + done.stderr).strip() if done.returncode != 0 else ""


def content(shared: Ways, kind: str, *cases: str) -> None:
    """Fails unless a client is content with each case, with and without TLS."""
    check.equal(faults(client(kind, shared.plain), *cases), "", "in plain text")
    own = client(kind, shared.secure, ("ca", shared.authority.ca))
    check.equal(faults(own, *cases), "", "over TLS")


def is_served(shared: Ways, kind: str, *authorities: tls.Authority) -> bool:
    """Whether a client with certificates of these is."""
    files = [("ca", shared.authority.ca)]
    for pair in (authority.issue("client") for authority in authorities):
        files += [("cert", pair.certificate), ("key", pair.key)]
    return not faults(client(kind, shared.mutual, *files), "unary")


def is_known(shared: Ways, kind: str) -> None:
    """Fails unless a client needs a certificate, and one of our authority."""
    served = {
        "own": is_served(shared, kind, shared.authority),
        "none": is_served(shared, kind),
        "a stranger's": is_served(shared, kind, tls.Authority("stranger")),
    }
    check.equal(served, {"own": True, "none": False, "a stranger's": False}, "who is served")


@tap.limit(BUILDING)
def test_grpc_go_calls(shared: Ways) -> None:
    content(shared, GO, *CALLS[GO])


@tap.limit(BUILDING)
def test_grpc_go_streams(shared: Ways) -> None:
    content(shared, GO, *STREAMS[GO])


@tap.limit(BUILDING)
def test_grpc_go_has_a_certificate(shared: Ways) -> None:
    is_known(shared, GO)


@tap.limit(BUILDING)
def test_grpc_js_calls(shared: Ways) -> None:
    content(shared, JS, *CALLS[JS])


@tap.limit(BUILDING)
def test_grpc_js_streams(shared: Ways) -> None:
    content(shared, JS, *STREAMS[JS])


@tap.limit(BUILDING)
def test_grpc_js_has_a_certificate(shared: Ways) -> None:
    is_known(shared, JS)


if __name__ == "__main__":
    tap.main(ways)
