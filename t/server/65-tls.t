#!/usr/bin/python3
"""A listener with TLS: what it speaks, which certificate it shows, whom it
refuses, and what -t says of files that are wrong."""

import shutil
import socket
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, Optional, Sequence, Tuple

from grpcd_test import check, command, greeter, readme, tap, tls
from grpcd_test.config import config, listener
from grpcd_test.foreign import TOP_SOURCE
from grpcd_test.server import Server, kill
from grpcd_test.wait import LIMIT

NO_PROTOCOL = "TLSV1_ALERT_NO_APPLICATION_PROTOCOL"


def refused(server: Server, context: ssl.SSLContext, part: str, name: Optional[str] = None) -> None:
    """Fails unless a handshake does, with that reason."""
    try:
        with tls.connect(server, context, name or "localhost") as client:
            tls.first_bytes(client)
    except (ssl.SSLError, ConnectionError) as error:
        check.contains(str(error).upper().replace(" ", "_"), part)
        return
    raise AssertionError("the client was not refused")


def test_stock_client_calls() -> None:
    authority = tls.Authority()
    with Server(workers=2, tls=authority.issue("localhost").directives) as server:
        with authority.greeter(server) as client:
            for _ in range(100):
                check.equal(client.hello(), "Hello world")
            check.equal(client.hello("x" * 200_000), "Hello " + "x" * 200_000)
            check.equal(len(list(client.stream_reply("you"))), 10)


def test_plain_beside_tls_and_unix() -> None:
    authority = tls.Authority()
    pair = authority.issue("localhost")
    secure = listener("unix:tls.sock", "secure", tls=pair.directives)
    with Server(secure) as server:
        with greeter.at(server.address) as client:
            check.equal(client.hello(), "Hello world")
        with socket.socket(socket.AF_UNIX) as plain:
            plain.connect(str(server.directory / "tls.sock"))
            with authority.context().wrap_socket(plain, server_hostname="localhost") as client:
                check.equal(client.selected_alpn_protocol(), "h2")
                check.equal(tls.first_bytes(client)[3], 4, "SETTINGS")


def test_versions_and_alpn() -> None:
    authority = tls.Authority()
    with Server(tls=authority.issue("localhost").directives) as server:
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = authority.context()
            context.minimum_version = context.maximum_version = version
            with tls.connect(server, context) as client:
                check.equal(client.version(), version.name.replace("_", "."))
                check.equal(client.selected_alpn_protocol(), "h2")
                check.equal(tls.first_bytes(client)[3], 4, "SETTINGS")
        context.set_alpn_protocols(["http/1.1"])
        refused(server, context, NO_PROTOCOL)
        server.wait_log("does not offer h2 by ALPN")
        without = ssl.create_default_context(cafile=str(authority.ca))
        refused(server, without, NO_PROTOCOL)
        server.wait_log("offers no protocol by ALPN")


def test_old_versions_are_refused() -> None:
    authority = tls.Authority()
    pair = authority.issue("localhost")
    with Server(tls={**pair.directives, "protocols": "TLSv1.3"}) as server:
        context = authority.context()
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        refused(server, context, "ALERT_PROTOCOL_VERSION")
        with authority.greeter(server) as client:
            check.equal(client.hello(), "Hello world")


def test_names_choose_certificates() -> None:
    authority = tls.Authority()
    pairs = [authority.issue(name) for name in ("localhost", "*.example.org", "a.example.org")]
    section = {
        "certificate": [pair.certificate for pair in pairs],
        "key": [pair.key for pair in pairs],
    }
    with Server(tls=section) as server:
        context = authority.context()
        for name, shown in (
            ("localhost", "localhost"),
            ("a.example.org", "a.example.org"),
            ("b.example.org", "*.example.org"),
        ):
            with tls.connect(server, context, name) as client:
                check.equal(tls.shown_names(client), [shown])
        context.check_hostname = False
        for other in ("nowhere.example.com", None):
            with tls.connect(server, context, other) as client:
                check.equal(tls.shown_names(client), ["localhost"], "the default")
        server.tls = {**section, "tls_strict_sni": True}
        server.configure()
        server.wait_gone(set(server.workers()) - set(server.reload()))
        refused(server, context, "TLSV1_UNRECOGNIZED_NAME", "nowhere.example.com")
        with tls.connect(server, context, "b.example.org") as client:
            check.equal(tls.shown_names(client), ["*.example.org"])


def test_rsa_beside_ecdsa() -> None:
    authority = tls.Authority()
    pairs = [authority.issue("localhost", key=kind) for kind in ("rsa", "ec")]
    section = {
        "certificate": [pair.certificate for pair in pairs],
        "key": [pair.key for pair in pairs],
    }
    with Server(tls=section) as server:
        for kind in ("RSA", "ECDSA"):
            context = authority.context()
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            context.set_ciphers(f"ECDHE-{kind}-AES128-GCM-SHA256")
            with tls.connect(server, context) as client:
                cipher = client.cipher()
                assert cipher
                check.contains(cipher[0], kind)


def test_wrong_protocol_on_wrong_port() -> None:
    authority = tls.Authority()
    pair = authority.issue("localhost")
    plain_text = listener("unix:plain.sock", "plain")
    with Server(plain_text, tls=pair.directives) as server:
        with socket.create_connection(("127.0.0.1", server.port), LIMIT) as plain:
            plain.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
            while plain.recv(1000):
                pass
        server.wait_log("speaks HTTP without TLS, this listener has a tls section")
        with socket.socket(socket.AF_UNIX) as plain:
            plain.connect(str(server.directory / "plain.sock"))
            with check.raises(OSError):
                authority.context().wrap_socket(plain, server_hostname="localhost")
        server.wait_log("speaks TLS, this listener does not")


def test_reload_shows_the_new_certificate() -> None:
    authority = tls.Authority()
    with Server(tls=authority.issue("localhost", "old.example").directives) as server:
        context = authority.context()
        with tls.connect(server, context) as client:
            check.equal(tls.shown_names(client)[1], "old.example")
        server.tls = authority.issue("localhost", "new.example").directives
        server.configure()
        server.reload()
        tls.wait_shown(server, authority, "new.example")
        server.tls = {**server.tls, "key": authority.issue("localhost").key}
        server.configure()
        server.announce("is not the key of the certificate")
        server.announce("reload failed")
        server.reload_fails()
        server.wait_log("is not the key of the certificate in")
        with tls.connect(server, context) as client:
            check.equal(tls.shown_names(client)[1], "new.example", "the last good one")


def test_a_worker_that_dies_has_an_heir() -> None:
    authority = tls.Authority()
    with Server(tls=authority.issue("localhost").directives) as server:
        server.announce_death()
        (old,) = server.workers()
        kill(old)
        server.wait_log("worker 0 .* serves", 2)
        with authority.greeter(server) as client:
            check.equal(client.hello(), "Hello world")


def test_certificates_for_development() -> None:
    with command.workspace() as folder:
        certs = folder / "certs"
        script = [str(TOP_SOURCE / "data" / "grpcd-dev-cert"), str(certs)]
        subprocess.run(script, check=True, stdout=subprocess.DEVNULL)
        section = {
            "certificate": certs / "server.pem",
            "key": certs / "server.key",
            "client_ca": certs / "ca.pem",
            "verify": "request",
        }
        hello = [sys.executable, str(TOP_SOURCE / "examples" / "hello.py"), "you"]
        with Server(tls=section) as server:
            hello += [f"localhost:{server.port}", str(certs / "ca.pem")]
            done = subprocess.run(hello, check=True, stdout=subprocess.PIPE)
            check.equal(done.stdout, b"Hello you\n")
            context = ssl.create_default_context(cafile=str(certs / "ca.pem"))
            context.set_alpn_protocols(["h2"])
            context.load_cert_chain(certs / "client.pem", certs / "client.key")
            with tls.connect(server, context) as client:
                check.equal(tls.first_bytes(client)[3], 4, "SETTINGS")
        again = subprocess.run(script, check=False, stderr=subprocess.PIPE)
        check.equal(again.returncode, 1)
        check.contains(str(again.stderr), "nothing done")


def test_readme() -> None:
    (serve, call), port = readme.blocks("TLS")[:2], "50052"
    *making, serving = serve.strip().splitlines()
    check.equal(serving, "build/src/grpcd -p build/run -c build/run/tls.conf", "what serves")
    with command.workspace() as place:
        for name in ("data", "examples"):
            (place / name).symlink_to(TOP_SOURCE / name)
        making = ["exec >/dev/null", "mkdir -p build/run", *making]
        subprocess.run(["sh", "-ec", "\n".join(making)], check=True, cwd=place)
        server = Server(text=(place / "build/run/tls.conf").read_text().replace(port, "{port}"))
        shutil.rmtree(server.directory)
        server.directory = place / "build" / "run"
        with server:
            call = call.replace(port, str(server.port)).replace("/usr/bin/python3", sys.executable)
            said = subprocess.run(["sh", "-ec", call], check=True, cwd=place, capture_output=True)
            check.equal(said.stdout, b"Hello World\n")


def told(section: Any) -> str:
    """What -t says of a tls section."""
    text = config(listener("127.0.0.1:1", tls=section))
    with command.workspace(text) as folder:
        return command.run(folder, "-t").err


def test_wrong_files_are_told() -> None:
    authority = tls.Authority()
    good, other = authority.issue("localhost"), authority.issue("localhost")
    broken, empty = authority.folder / "broken.pem", authority.folder / "empty.pem"
    broken.write_bytes(good.certificate.read_bytes().replace(b"MII", b"MIX", 1))
    empty.touch()
    upside_down = joined(authority.ca, good.certificate)
    cases: Sequence[Tuple[Dict[str, Any], str]] = (
        ({"key": other.key}, f"{other.key} is not the key of the certificate in"),
        ({"key": good.certificate}, "has no private key"),
        ({"certificate": good.key}, "has no certificate"),
        ({"certificate": broken}, "has a broken certificate"),
        ({"certificate": empty}, "has no certificate"),
        ({"key": empty}, "has no private key"),
        ({"certificate": upside_down}, f"of the key in {good.key} as number 2: it has to be"),
        ({"certificate": "/gone.pem"}, 'certificate: cannot read "/gone.pem"'),
        (authority.issue("localhost", key="short").directives, "its key is too short: RSA needs"),
        ({"client_ca": good.key, "verify": "request"}, "has no certificate"),
        ({"client_ca": authority.ca, "verify": "request", "crl": empty}, "has no list of revo"),
        ({"ciphers": "ROT13"}, 'ciphers = "ROT13": OpenSSL does not know'),
        ({"curves": "P-1"}, 'curves = "P-1": OpenSSL does not know'),
        ({"ciphersuites": "X"}, 'ciphersuites = "X": OpenSSL does not know'),
    )
    for section, part in cases:
        said = told({**good.directives, **section})
        check.contains(said, part)
        check.contains(said, "grpcd.conf:")


def joined(*files: Path) -> Path:
    """A file of several, beside the last."""
    together = files[-1].parent / "joined.pem"
    together.write_bytes(b"".join(file.read_bytes() for file in files))
    return together


def test_chains_are_told_and_shown() -> None:
    root = tls.Authority()
    between, stranger = tls.Authority("between", root), tls.Authority("stranger")
    leaf = between.issue("localhost", ends=40)
    whole = {**leaf.directives, "certificate": joined(leaf.certificate, between.ca)}
    broken = {**leaf.directives, "certificate": joined(leaf.certificate, stranger.ca)}
    check.lacks(told(whole), "no chain")
    check.contains(told(broken), "certificate 2 in it has not issued the one before it")
    with Server(tls=whole) as server:
        with root.greeter(server) as client:
            check.equal(client.hello(), "Hello world")


def test_a_certificate_without_names_is_told() -> None:
    authority = tls.Authority()
    check.contains(told(authority.issue(subject="nameless").directives), "has no subjectAltName")


def test_what_clients_have_against_us_is_told() -> None:
    authority, stranger = tls.Authority(), tls.Authority("stranger")
    pair = authority.issue("localhost")
    modern = {**pair.directives, "protocols": "TLSv1.3", "curves": "P-384"}
    with Server(tls=pair.directives) as server:
        refused(server, stranger.context(), "CERTIFICATE_VERIFY_FAILED")
        server.wait_log("does not know the CA of our certificate .unknown_ca.")
        refused(server, authority.context(), "CERTIFICATE_VERIFY_FAILED", "other.example")
        server.wait_log("refuses our certificate .bad_certificate.")
        context = authority.context()
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers("ECDHE-RSA-AES128-GCM-SHA256")
        refused(server, context, "ALERT_HANDSHAKE_FAILURE")
        server.wait_log("has no cipher that is allowed here")
        server.tls = modern
        server.configure()
        server.wait_gone(set(server.workers()) - set(server.reload()))
        refused(server, context, "ALERT_PROTOCOL_VERSION")
        server.wait_log("speaks no version of TLS that is allowed here")
        context = authority.context()
        context.set_ecdh_curve("prime256v1")
        refused(server, context, "ALERT_HANDSHAKE_FAILURE")
        server.wait_log("has no curve that is allowed here")


def test_an_encrypted_key_is_told() -> None:
    authority = tls.Authority()
    pair = authority.issue("localhost")
    authority.encrypt(pair)
    check.contains(told(pair.directives), "is encrypted", "openssl pkey -in FILE -out NEW")


def test_times_are_told() -> None:
    authority = tls.Authority()
    for days, part in (
        ((-10, -2), "has expired"),
        ((2, 20), "is not valid yet"),
        ((-10, 20), " days, at 20"),
    ):
        pair = authority.issue("localhost", begins=days[0], ends=days[1])
        check.contains(told(pair.directives), part)
    pair = authority.issue("localhost", ends=50)
    check.lacks(told(pair.directives), "expires")


if __name__ == "__main__":
    tap.main()
