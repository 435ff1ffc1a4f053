#!/usr/bin/python3
"""Private keys: who can read them, and where in memory they are; files that
cannot be certificates."""

import os
import pwd
import re
import subprocess
from pathlib import Path
from typing import Dict, List, NamedTuple

from grpcd_test import check, command, proc, tap, tls
from grpcd_test.config import config, listener
from grpcd_test.server import Server, kill
from grpcd_test.wait import SANITIZED

NUMBERS = ("priv", "privateExponent", "prime1", "prime2", "exponent1", "exponent2", "coefficient")

# OpenSSL keeps what it computes with modulo each prime where it likes.
_OF_OPENSSL = ("prime1", "prime2")


class Region(NamedTuple):
    """A mapping of a process."""

    start: int
    end: int
    name: str
    kept_out: bool  # of core dumps


def regions(pid: int) -> List[Region]:
    """The mappings of a process that can be read, but for that of counters,
    which is a gigabyte of pages that are not there."""
    found = []
    text = Path(f"/proc/{pid}/smaps").read_text(encoding="utf-8")
    for part in re.split(r"\n(?=[0-9a-f]+-[0-9a-f]+ )", text):
        head, *fields = part.splitlines()
        words = head.split(maxsplit=5)
        start, end = (int(place, 16) for place in words[0].split("-"))
        flags = next(line.split()[1:] for line in fields if line.startswith("VmFlags:"))
        name = words[5] if len(words) > 5 else ""
        if "r" in words[1] and not name.startswith("/memfd:grpcd-stats"):
            found.append(Region(start, end, name, "dd" in flags))
    return found


def finds(pid: int, secrets: Dict[str, bytes]) -> Dict[str, List[Region]]:
    """Where in a process these bytes are."""
    found: Dict[str, List[Region]] = {name: [] for name in secrets}
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for region in regions(pid):
            memory.seek(region.start)
            try:
                there = memory.read(region.end - region.start)
            except OSError:  # the kernel's, as [vvar]
                assert region.name.startswith("[v"), region
                continue
            for name, secret in secrets.items():
                found[name] += [region] * there.count(secret)
    return found


def texts(pair: tls.Pair) -> Dict[str, bytes]:
    """The lines of a key's file, but for the first, which all keys begin with."""
    lines = pair.key.read_bytes().splitlines()[2:-1]
    return {f"line {number}": line for number, line in enumerate(lines)}


def numbers(pair: tls.Pair) -> Dict[str, bytes]:
    """The secret numbers of a key, as a file has them and as OpenSSL does."""
    show = ["openssl", "pkey", "-in", str(pair.key), "-text", "-noout"]
    text = subprocess.run(show, check=True, stdout=subprocess.PIPE).stdout.decode()
    found = {}
    for name in NUMBERS:
        match = re.search(rf"^{name}:\n((?:\s+[0-9a-f:]+\n)+)", text, re.M)
        if match:
            number = bytes.fromhex(re.sub(r"[\s:]", "", match[1])).lstrip(b"\0")
            found[name] = number[::-1]
            found[f"{name} of the file"] = number
    return found


def test_a_key_of_root_alone() -> None:
    tap.need_root()
    authority = tls.Authority()
    pair = authority.issue("localhost")
    for path in (pair.key, pair.certificate, authority.folder):
        os.chmod(path, 0o700 if path.is_dir() else 0o600)
    check.equal(os.stat(pair.key).st_uid, 0)
    with Server(tls=pair.directives, user="nobody", workers=2) as server:
        for pid in server.workers():
            users = set(proc.status(pid)["Uid"].split())
            check.equal(users, {str(pwd.getpwnam("nobody").pw_uid)})
        with authority.greeter(server) as client:
            check.equal(client.hello(), "Hello world")
        server.announce_death()
        kill(server.workers()[0])
        server.wait_log("worker 0 .* serves", 2)
        for _ in range(4):
            with authority.greeter(server) as client:
                check.equal(client.hello(), "Hello world", "by an heir")
        server.tls = authority.issue("localhost", "new.example").directives
        os.chmod(server.tls["key"], 0o600)
        server.configure()
        server.reload()
        tls.wait_shown(server, authority, "new.example")


def test_where_keys_are() -> None:
    tap.need_root()
    tap.skip_unless(not SANITIZED, "a sanitizer keeps what has been freed")
    authority = tls.Authority()
    for kind in ("ec", "rsa"):
        pair = authority.issue("localhost", key=kind)
        text, secret = texts(pair), numbers(pair)
        assert len(secret) == (2 if kind == "ec" else 12), sorted(secret)
        with Server(tls=pair.directives) as server:
            with authority.greeter(server) as client:
                check.equal(client.hello(), "Hello world")
            for name, there in finds(server.master, text).items():
                assert there, f"the master has no {name}: can this test see?"
                assert all(region.kept_out for region in there), f"{name}: {there}"
            for name, there in finds(server.master, secret).items():
                check.equal(there, [], f"{name} in the master, which parses no key")
            (worker,) = server.workers()
            for name, there in finds(worker, text).items():
                check.equal(there, [], f"{name} in a worker")
            places = finds(worker, secret)
            for name, there in places.items():
                if name not in _OF_OPENSSL:
                    assert all(region.kept_out for region in there), f"{name}: {there}"
            assert any(places.values()), "a worker has no key: can this test see?"
            server.tls = authority.issue("localhost", key=kind).directives
            server.configure()
            server.reload()
            server.wait_log("generation 1 has left")
            for name, there in finds(server.master, text).items():
                check.equal(there, [], f"{name} in the master after another key has come")


def test_many_keys() -> None:
    authority = tls.Authority()
    pair = authority.issue("localhost", key="rsa")
    more = [listener(f"unix:{n}.sock", f"n{n}", tls=pair.directives) for n in range(300)]
    with Server(*more, tls=pair.directives) as server, authority.greeter(server) as client:
        check.equal(client.hello(), "Hello world")


def told(section: Dict[str, object]) -> str:
    """What -t says of a tls section."""
    with command.workspace(config(listener("127.0.0.1:1", tls=section))) as folder:
        return command.run(folder, "-t").err


def test_files_that_are_no_certificates() -> None:
    authority = tls.Authority()
    good = {**authority.issue("localhost").directives, "verify": "require"}
    huge, pipe, empty = (authority.folder / name for name in ("huge", "pipe", "empty"))
    huge.touch()
    os.truncate(huge, 1 << 30)
    os.mkfifo(pipe)
    empty.touch()
    for name in ("certificate", "key", "client_ca"):
        for path, why in (
            (huge, "it is larger than 16m"),
            (Path("/dev/zero"), "it is no regular file"),
            (pipe, "it is no regular file"),
            (authority.folder, "it is a directory"),
            (empty, f"{empty} has no "),
        ):
            said = told({**good, "client_ca": authority.ca, name: path})
            check.contains(said, "grpcd.conf:", why)
            if path != empty:
                check.contains(said, f'{name}: cannot read "{path}"')


if __name__ == "__main__":
    tap.main()
