#!/usr/bin/python3
"""What openssl s_client and sslscan say of a listener with TLS."""

import re
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Set
from xml.etree import ElementTree

from grpcd_test import check, foreign, tap, tls
from grpcd_test.server import Server
from grpcd_test.wait import LIMIT, wait_for

# For clients that are older than what OpenSSL does by itself.
OLD = ("-cipher", "ALL:@SECLEVEL=0")


class Client:
    """openssl s_client, for as long as the block lasts."""

    def __init__(self, process: "subprocess.Popen[bytes]", out: Path) -> None:
        self.process, self.out = process, out

    @property
    def said(self) -> str:
        """All that it has printed."""
        return self.out.read_text(errors="replace")

    def type(self, line: str) -> None:
        """Types a line, or a command: Q, R."""
        assert self.process.stdin
        self.process.stdin.write(f"{line}\n".encode())
        self.process.stdin.flush()

    def wait(self, pattern: str) -> str:
        """Waits until it has said that; what it said."""
        wait_for(lambda: re.search(pattern, self.said), f"/{pattern}/ in:\n{self.said}")
        return self.said

    def wait_end(self) -> str:
        """Waits for its end; what it said."""
        self.process.wait(LIMIT)
        return self.said


@contextmanager
def s_client(server: Server, *options: str, alpn: Optional[str] = "h2") -> Iterator[Client]:
    """Runs it; with no options a client of today."""
    command = ["openssl", "s_client", "-connect", server.address, *options]
    command += ["-alpn", alpn] if alpn else []
    out = server.directory / "s_client.out"
    with out.open("wb") as file:
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdin=pipe, stdout=file, stderr=file) as process:
            yield Client(process, out)
            process.kill()


def connected(server: Server, *options: str) -> str:
    """What it says of a handshake that is to succeed."""
    with s_client(server, *options) as client:
        return client.wait("Verify return code")


def refused(server: Server, *options: str, alpn: Optional[str] = "h2") -> str:
    """What it says of a handshake that is to fail."""
    with s_client(server, *options, alpn=alpn) as client:
        return client.wait_end()


def reconfigured(server: Server, section: Any) -> None:
    """Has the server serve with another tls section alone."""
    server.tls = section
    server.configure()
    server.wait_gone(set(server.workers()) - set(server.reload()))


def test_protocols() -> None:
    authority = tls.Authority()
    pair = authority.issue("localhost").directives
    words = {"-tls1_2": "TLSv1.2", "-tls1_3": "TLSv1.3"}
    with Server(tls=pair) as server:
        for allowed in ("TLSv1.2 TLSv1.3", "TLSv1.2", "TLSv1.3"):
            reconfigured(server, {**pair, "protocols": allowed})
            for old in ("-tls1", "-tls1_1"):
                check.contains(refused(server, old, *OLD), "alert protocol version")
            for option, word in words.items():
                if word in allowed:
                    check.contains(connected(server, option), f"New, {word}, ")
                else:
                    check.contains(refused(server, option), "alert protocol version")
        server.wait_log("speaks no version of TLS that is allowed here")


def test_alpn() -> None:
    authority = tls.Authority()
    with Server(tls=authority.issue("localhost").directives) as server:
        for version in ("-tls1_2", "-tls1_3"):
            check.contains(connected(server, version), "ALPN protocol: h2")
            for alpn in ("http/1.1", None):
                said = refused(server, version, alpn=alpn)
                check.contains(said, "alert no application protocol", "SSL alert number 120")


def test_chain_and_names() -> None:
    root = tls.Authority()
    between = tls.Authority("between", root)
    pairs = [between.issue(name) for name in ("localhost", "*.example.org", "a.example.org")]
    for pair in pairs:
        with pair.certificate.open("ab") as chain:
            chain.write(between.ca.read_bytes())
    section: Dict[str, Any] = {
        "certificate": [pair.certificate for pair in pairs],
        "key": [pair.key for pair in pairs],
    }
    verified = ("-CAfile", str(root.ca), "-verify_return_error", "-showcerts")
    with Server(tls=section) as server:
        for name, subject in (
            ("localhost", "localhost"),
            ("a.example.org", "a.example.org"),
            ("b.example.org", "*.example.org"),
            ("b.c.example.org", "localhost"),  # a wildcard is for one label
            ("B.EXAMPLE.ORG", "*.example.org"),
        ):
            said = connected(server, *verified, "-servername", name)
            check.contains(said, "Verify return code: 0 (ok)", f"0 s:CN = {subject}\n")
            check.contains(said, "1 s:CN = between\n")
            check.equal(said.count("BEGIN CERTIFICATE"), 2, "certificates shown")
        check.contains(connected(server, "-noservername"), "0 s:CN = localhost\n")
        reconfigured(server, {**section, "tls_strict_sni": True})
        for option in (("-servername", "c.example.com"), ("-noservername",)):
            check.contains(refused(server, *option), "SSL alert number 112")
        server.wait_log(r"has the name that its client asks for .tls_strict_sni")
        server.wait_log(r"asks for no name .tls_strict_sni")
        check.contains(connected(server, "-servername", "b.example.org"), "CN = *.example.org")


def test_ciphers_and_curves() -> None:
    authority = tls.Authority()
    section = {
        **authority.issue("localhost").directives,
        "ciphers": "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ciphersuites": "TLS_CHACHA20_POLY1305_SHA256",
        "curves": "P-384",
    }
    other = ("-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256")
    with Server(tls=section) as server:
        said = connected(server, "-tls1_2")
        check.contains(said, "Cipher is ECDHE-ECDSA-AES256-GCM-SHA384", "Temp Key: ECDH, secp384r1")
        said = connected(server, "-tls1_3")
        check.contains(said, "Cipher is TLS_CHACHA20_POLY1305_SHA256", "Temp Key: ECDH, secp384r1")
        check.contains(refused(server, "-tls1_2", *other), "alert handshake failure")
        wrong = ("-ciphersuites", "TLS_AES_128_GCM_SHA256")
        check.contains(refused(server, "-tls1_3", *wrong), "alert handshake failure")
        check.contains(refused(server, "-tls1_3", "-groups", "X25519"), "alert handshake failure")


def test_sessions() -> None:
    authority = tls.Authority()
    pair = authority.issue("localhost").directives
    with Server(workers=2, tls=pair) as server:
        early = server.directory / "early"
        early.write_text("x")
        for version in ("-tls1_2", "-tls1_3"):
            kept = server.directory / f"session{version}"
            with s_client(server, version, "-sess_out", str(kept)) as client:
                check.contains(client.wait("Verify return code"), "New, TLSv1.")
                wait_for(lambda: kept.exists() and kept.stat().st_size > 0, "a ticket")
            for _ in range(2):
                said = connected(server, version, "-sess_in", str(kept))
                check.contains(said, "Reused, TLSv1.")
                reconfigured(server, {**pair, "tls_expiry_warning": "1d"})
        said = connected(server, "-tls1_3", "-sess_in", str(kept), "-early_data", str(early))
        check.contains(said, "Early data was not sent")


def test_nothing_is_renegotiated_or_compressed() -> None:
    authority = tls.Authority()
    with Server(tls=authority.issue("localhost").directives) as server:
        with s_client(server, "-tls1_2", "-comp") as client:
            said = client.wait("Verify return code")
            check.contains(said, "Compression: NONE", "Secure Renegotiation IS supported")
            client.type("R")
            check.contains(client.wait_end(), "RENEGOTIATING", "no renegotiation")


def scan(server: Server) -> ElementTree.Element:
    """What sslscan finds."""
    program, environment = foreign.sslscan()
    options = ("--no-colour", "--xml=-", "--show-sigs")
    done = foreign.run(program, *options, server.address, env=environment)
    check.equal(done.returncode, 0, f"status of sslscan ({done.stderr})")
    found = ElementTree.fromstring(done.stdout).find("ssltest")
    assert found is not None, done.stdout
    return found


def values(found: ElementTree.Element, kind: str, name: str) -> Set[str]:
    """An attribute of all elements of a kind."""
    return {element.attrib[name] for element in found.iter(kind)}


def enabled(found: ElementTree.Element) -> List[str]:
    """The versions that the server speaks."""
    return [
        f"{element.attrib['type']}{element.attrib['version']}"
        for element in found.iter("protocol")
        if element.attrib["enabled"] == "1"
    ]


def test_a_scan_finds_nothing_weak() -> None:
    authority = tls.Authority()
    pairs = [authority.issue("localhost", key=kind) for kind in ("rsa", "ec")]
    section: Dict[str, Any] = {
        "certificate": [pair.certificate for pair in pairs],
        "key": [pair.key for pair in pairs],
    }
    with Server(tls=section) as server:
        found = scan(server)
        check.equal(enabled(found), ["tls1.2", "tls1.3"], "versions")
        ciphers = values(found, "cipher", "cipher")
        check.equal(len(ciphers), 9, f"ciphers {ciphers}")
        for cipher in ciphers:
            check.matches(cipher, "^(TLS_|ECDHE-).*(GCM|POLY1305)")
        assert values(found, "cipher", "strength") <= {"strong", "acceptable"}
        groups = {"secp256r1 (NIST P-256)", "secp384r1 (NIST P-384)", "x25519"}
        check.equal(values(found, "group", "name"), groups, "groups")
        check.equal(values(found, "heartbleed", "vulnerable"), {"0"})
        check.equal(values(found, "renegotiation", "supported"), {"0"})
        signatures = values(found, "connection-signature-algorithm", "name")
        assert signatures and not [name for name in signatures if "sha1" in name], signatures


if __name__ == "__main__":
    tap.main()
