"""Clients and suites of others, built in the build directory by Go, npm and
Maven.

They are pinned by the files of t/clients: go.mod, package.json and pom.xml,
with the hashes beside them.  Where there is no Go, Node or Maven, or their
packages cannot be had, the tests that want them are skipped, and say what to
install.
"""

import fcntl
import json
import os
import re
import shutil
import subprocess
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, Iterator, Tuple

from grpcd_test.tap import Skip
from grpcd_test.wait import LIMIT

TOP_SOURCE = Path(os.environ.get("top_srcdir", ".")).resolve()
TOP_BUILD = Path(os.environ.get("top_builddir", ".")).resolve()
SOURCE = TOP_SOURCE / "t" / "clients"
BUILT = TOP_BUILD / "t" / "clients" / "built"

# Programs of Go: where each is from, and the folder whose go.mod pins it.
_GO_PROGRAMS = {
    "greeter": ("grpcd/t/clients/greeter", "go"),
    "stages": ("grpcd/t/clients/stages", "go"),
    "client": ("google.golang.org/grpc/interop/client", "go"),
    "grpcurl": ("github.com/fullstorydev/grpcurl/cmd/grpcurl", "go"),
    "h2spec": ("github.com/summerwind/h2spec/cmd/h2spec", "go"),
    "buf": ("github.com/bufbuild/buf/cmd/buf", "buf"),
}

# How to get what builds them.
_CURES = {
    "go": "https://go.dev/dl has it",
    "node": "Debian: apt-get install nodejs npm",
    "npm": "Debian: apt-get install npm",
    "java": "Debian: apt-get install maven",
    "keytool": "Debian: apt-get install maven",
    "mvn": "Debian: apt-get install maven",
    "cc": "Debian: apt-get install gcc",
    "sslscan": "Debian: apt-get install sslscan",
}

# Building from nothing takes minutes; the limit is for a proxy that hangs.
_BUILD_LIMIT = 900

# For a test that may have to build its client, in seconds.
BUILDING = _BUILD_LIMIT + 100

# A JVM that lives for a second.
_SHORT_LIVED = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")


def find(program: str) -> str:
    """Where a program is; Go's own tarball puts it beside the PATH."""
    found = shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/local/go/bin")
    if found is None:
        raise Skip(f"{program} is missing ({_CURES[program]})")
    return found


def _build(program: str, *arguments: str, cwd: Path) -> None:
    """Runs a command that builds; skips the test where it fails."""
    try:
        subprocess.run(
            [find(program), *arguments],
            cwd=cwd,
            check=True,
            capture_output=True,
            text=True,
            timeout=_BUILD_LIMIT,
        )
    except subprocess.CalledProcessError as error:
        lines = (error.stderr or error.stdout).strip().splitlines() or ["it failed"]
        raise Skip(f"{program} {arguments[0]}: {lines[-1]}") from None
    except subprocess.TimeoutExpired:
        raise Skip(f"{program} {arguments[0]}: not within {_BUILD_LIMIT} s") from None


@contextmanager
def _alone(name: str) -> Iterator[Path]:
    """A folder of what is built, for no other test at that time."""
    folder = BUILT / name
    folder.mkdir(parents=True, exist_ok=True)
    with (BUILT / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


@lru_cache(maxsize=None)
def _built_by_go(module: str) -> Path:
    """The folder of a module's programs, built all at once."""
    packages = [package for package, home in _GO_PROGRAMS.values() if home == module]
    with _alone(module) as folder:
        options = ("-mod=readonly", "-buildvcs=false", "-o", f"{folder}/")
        _build("go", "build", *options, *packages, cwd=SOURCE / module)
    return folder


def go_program(name: str) -> str:
    """A program of _GO_PROGRAMS."""
    return str(_built_by_go(_GO_PROGRAMS[name][1]) / name)


@contextmanager
def _once(name: str, pins: str) -> Iterator[Tuple[Path, bool]]:
    """The same, and whether it is still to be filled; it is not where the block
    was left well before with the same file of pins."""
    with _alone(name) as folder:
        pinned, done = (SOURCE / name / pins).read_bytes(), folder / "built-of"
        fresh = not done.exists() or done.read_bytes() != pinned
        yield folder, fresh
        done.write_bytes(pinned)


@lru_cache(maxsize=None)
def _node_modules() -> Path:
    """A copy of t/clients/node, with what it needs."""
    with _once("node", "package-lock.json") as (folder, fresh):
        for file in (SOURCE / "node").iterdir():
            shutil.copyfile(file, folder / file.name)
        if fresh:
            quiet = ("--ignore-scripts", "--no-audit", "--no-fund")
            _build("npm", "ci", *quiet, cwd=folder)
    return folder


def node_client(name: str) -> Tuple[str, str]:
    """The command that runs a program of t/clients/node."""
    return find("node"), str(_node_modules() / f"{name}.js")


@lru_cache(maxsize=None)
def _jars() -> Path:
    """What t/clients/java needs."""
    with _once("java", "pom.xml") as (folder, fresh):
        if fresh:
            pom = str(SOURCE / "java" / "pom.xml")
            goal = ("dependency:copy-dependencies", f"-DoutputDirectory={folder}")
            _build("mvn", "-q", "-B", "-f", pom, *goal, cwd=TOP_BUILD)
    return folder


def java_client(*options: str) -> Tuple[str, ...]:
    """The command of gRPC-Java's interoperability client."""
    client = "io.grpc.testing.integration.TestServiceClient"
    return find("java"), *_SHORT_LIVED, *options, "-cp", f"{_jars()}/*", client


@lru_cache(maxsize=None)
def sslscan() -> Tuple[str, Dict[str, str]]:
    """The program, and the environment that has it offer h2."""
    program = find("sslscan")
    with _alone("sslscan") as folder:
        offer = str(folder / "alpn.so")
        _build("cc", "-shared", "-fPIC", "-o", offer, "alpn.c", cwd=SOURCE / "sslscan")
    return program, {**os.environ, "LD_PRELOAD": offer}


def run(*command: str, **how: Any) -> "subprocess.CompletedProcess[str]":
    """Runs a client to its end."""
    return subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=8 * LIMIT, **how
    )


# The pinned versions


def go_version(name: str) -> str:
    """Of a program of _GO_PROGRAMS."""
    package, module = _GO_PROGRAMS[name]
    text = (SOURCE / module / "go.mod").read_text()
    pins = re.findall(r"^(?:require)?\s+(\S+) v([^\s+]+)", text, re.MULTILINE)
    return next(version for pin, version in pins if package.startswith(f"{pin}/"))


def node_version(package: str) -> str:
    """Of a package of t/clients/node."""
    pins = json.loads((SOURCE / "node" / "package.json").read_text())["dependencies"]
    return str(pins[package])


def java_version() -> str:
    """Of gRPC-Java."""
    pins = re.findall(r"<version>(.*)</version>", (SOURCE / "java" / "pom.xml").read_text())
    return str(pins[-1])


def build_all() -> None:
    """Builds all that tests may ask for; raises Skip where they would skip."""
    for name in _GO_PROGRAMS:
        print(go_program(name))
    for client in (node_client("interop"), java_client(), sslscan()[:1]):
        print(*client)


if __name__ == "__main__":
    build_all()
