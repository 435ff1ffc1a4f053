"""Clients and suites of others, built in the build directory by Go and npm.

They are pinned: by the lock files of t/clients, and by the versions below.
Where there is no Go or Node, or their packages cannot be had, the tests that
want them are skipped.
"""

import os
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path
from typing import Any, Tuple

from grpcd_test.tap import Skip
from grpcd_test.wait import LIMIT

TOP_SOURCE = Path(os.environ.get("top_srcdir", ".")).resolve()
TOP_BUILD = Path(os.environ.get("top_builddir", ".")).resolve()
SOURCE = TOP_SOURCE / "t" / "clients"
BUILT = TOP_BUILD / "t" / "clients" / "built"

GRPCURL = "github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.4"
INTEROP = "google.golang.org/grpc/interop/client@v1.85.0"
H2SPEC = "github.com/summerwind/h2spec/cmd/h2spec@v2.2.1+incompatible"

# Building from nothing takes a minute; the limit is for a proxy that hangs.
_BUILD_LIMIT = 600


def _find(program: str) -> str:
    """Where a program is; Go's own tarball puts it beside the PATH."""
    found = shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/local/go/bin")
    if found is None:
        # CI has Go, and takes "missing" for a fault; it need not have Node.
        raise Skip("go is missing" if program == "go" else f"there is no {program}")
    return found


def _build(program: str, *arguments: str, cwd: Path = TOP_BUILD, **variables: str) -> None:
    """Runs a command that builds; skips the test where it fails."""
    try:
        subprocess.run(
            [_find(program), *arguments],
            cwd=cwd,
            env={**os.environ, **variables},
            check=True,
            capture_output=True,
            text=True,
            timeout=_BUILD_LIMIT,
        )
    except subprocess.CalledProcessError as error:
        lines = error.stderr.strip().splitlines() or ["it failed"]
        raise Skip(f"{program} {arguments[0]}: {lines[-1]}") from None
    except subprocess.TimeoutExpired:
        raise Skip(f"{program} {arguments[0]}: not within {_BUILD_LIMIT} s") from None


@lru_cache(maxsize=None)
def go_client() -> str:
    """The program of t/clients/go."""
    program = str(BUILT / "go-client")
    options = ("-mod=readonly", "-buildvcs=false", "-o", program)
    _build("go", "build", *options, ".", cwd=SOURCE / "go")
    return program


@lru_cache(maxsize=None)
def go_tool(module: str) -> str:
    """A program of a Go module, at that version."""
    _build("go", "install", module, GOBIN=str(BUILT))
    return str(BUILT / module.partition("@")[0].rpartition("/")[2])


@lru_cache(maxsize=None)
def node_client() -> Tuple[str, str]:
    """The command that runs t/clients/node."""
    node, directory = _find("node"), BUILT / "node"
    directory.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", "client.js"):
        shutil.copyfile(SOURCE / "node" / name, directory / name)
    _build("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=directory)
    return node, str(directory / "client.js")


@lru_cache(maxsize=None)
def java_client() -> Tuple[str, ...]:
    """The command of gRPC-Java's interoperability client, of t/clients/java."""
    java, jars = _find("java"), BUILT / "java"
    jars.mkdir(parents=True, exist_ok=True)
    pom = str(SOURCE / "java" / "pom.xml")
    goal = ("dependency:copy-dependencies", f"-DoutputDirectory={jars}")
    _build("mvn", "-q", "-B", "-f", pom, *goal)
    return java, "-cp", f"{jars}/*", "io.grpc.testing.integration.TestServiceClient"


def run(*command: str, **how: Any) -> "subprocess.CompletedProcess[str]":
    """Runs a client to its end."""
    return subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=8 * LIMIT, **how
    )
