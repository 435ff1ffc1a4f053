#!/usr/bin/python3
"""What ends with time: certificates of ours, CAs of clients, lists of
revocations; told by -t, in the log while the server runs, and by its status."""

import ssl
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Dict, List

from grpcd_test import check, command, tap, tls
from grpcd_test.config import config, listener
from grpcd_test.server import Server
from grpcd_test.wait import wait_for

DAY = 86400


def told(section: Any) -> str:
    """What -t says of a tls section."""
    text = config(listener("127.0.0.1:1", tls=section))
    with command.workspace(text) as folder:
        result = command.run(folder, "-t")
        check.equal(result.status, 0, "exit status")
        return result.err


def expiries(server: Server) -> Dict[Path, Dict[str, Any]]:
    """What the status says, by file."""
    rows: List[Dict[str, Any]] = server.status()["expiries"]
    return {Path(row["file"]): row for row in rows}


def in_days(row: Dict[str, Any]) -> float:
    """When the file of a row ends."""
    return float(row["expires_s"] - time.time()) / DAY


def test_each_list_is_told() -> None:
    authority = tls.Authority()
    pair = authority.issue("localhost", ends=10)
    own = {**pair.directives, "client_ca": authority.ca, "verify": "require"}
    old = authority.crl(begins=-11, ends=5)
    said = told({**own, "crl": old, "tls_expiry_warning": "100d"})
    check.matches(said, rf"conf:3: certificate {pair.certificate} expires in \d+ days, at 20.* UTC")
    check.matches(said, rf"conf:3: client_ca {authority.ca} expires in \d+ days")
    check.matches(said, r"conf:3: crl .*crl.pem expires in \d+ days.*tls_expiry_warning")
    check.lacks(told({**own, "tls_expiry_warning": "7d"}), "expire")
    check.lacks(told({**own, "crl": old, "tls_expiry_warning": "4d"}), "crl")
    fresh = authority.crl(begins=-1, ends=5)
    check.lacks(told({**own, "crl": fresh, "tls_expiry_warning": "7d"}), "crl")


def test_what_a_chain_has_in_it_counts() -> None:
    root = tls.Authority()
    between = tls.Authority("between", root, ends=3)
    pair = between.issue("localhost", ends=40)
    with pair.certificate.open("ab") as chain:
        chain.write(between.ca.read_bytes())
    check.matches(told(pair.directives), r"1.pem expires in (\d days|\d+ hours), at")


def test_status_has_the_numbers() -> None:
    authority = tls.Authority()
    pair, soon = authority.issue("localhost", ends=40), authority.issue("b", ends=20)
    section = {
        "certificate": [pair.certificate, soon.certificate],
        "key": [pair.key, soon.key],
        "client_ca": authority.ca,
        "verify": "request",
        "crl": authority.crl(ends=50),
    }
    with Server(listener("unix:plain.sock", "plain"), tls=section) as server:
        rows = expiries(server)
        files = (pair.certificate, soon.certificate, authority.ca, authority.folder / "crl.pem")
        check.equal(set(rows), set(files), "files")
        for file, directive, days in zip(
            files, ("certificate", "certificate", "client_ca", "crl"), (40, 20, 60, 50)
        ):
            check.equal(rows[file]["listener"], "public")
            check.equal(rows[file]["directive"], directive)
            assert abs(in_days(rows[file]) - days) < 0.1, rows[file]
        table = server.run("-s", "status").out
        check.contains(table, f'listener "public": certificate {soon.certificate} expires in ')
        check.lacks(table, str(pair.certificate))
        server.tls = authority.issue("localhost", ends=35).directives
        server.configure()
        server.reload()
        (row,) = expiries(server).values()
        assert abs(in_days(row) - 35) < 0.1, row
        server.tls = None
        server.configure()
        server.reload()
        check.equal(expiries(server), {})


def test_the_log_tells_in_time() -> None:
    authority = tls.Authority()
    pair = authority.issue("localhost", ends=8 / DAY)
    with Server(tls={**pair.directives, "tls_expiry_warning": "4s"}) as server:
        server.wait_log(rf"\[warn\] master .*conf:\d+: certificate {pair.certificate} expires in ")
        server.wait_log(r"1.pem has expired at 20.*: clients refuse it")
        check.equal(server.count("expire"), 2, "warnings in all")


def test_an_expired_list_refuses_all() -> None:
    authority = tls.Authority()
    section = {
        **authority.issue("localhost").directives,
        "client_ca": authority.ca,
        "verify": "require",
        "crl": authority.crl(ends=1 / DAY),
    }
    wait_for(lambda: "crl.pem has expired at" in told(section), "the end of the list")
    with Server(tls=section) as server:
        server.wait_log("every client of its CA is refused")
        with suppress(ssl.SSLError, ConnectionError):
            with tls.connect(server, authority.context(authority.issue("client"))) as client:
                check.equal(tls.first_bytes(client), b"", "what a refused client gets")
        server.wait_log("ended: CRL has expired")


if __name__ == "__main__":
    tap.main()
