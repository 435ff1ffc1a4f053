"""grpcd as a command that ends by itself: -t, -T, -v, -s, failing starts."""

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Dict, Iterator, NamedTuple

from grpcd_test import check
from grpcd_test.wait import GRPCD, LIMIT


class Result(NamedTuple):
    """What a command left."""

    status: int
    out: str
    err: str


def new_directory() -> Path:
    """A directory that workers without privileges can look into."""
    directory = Path(tempfile.mkdtemp(prefix="grpcd-test-"))
    directory.chmod(0o755)
    return directory


@contextmanager
def workspace(text: str = "") -> Iterator[Path]:
    """A directory with a grpcd.conf, gone at the end."""
    directory = new_directory()
    (directory / "grpcd.conf").write_text(text)
    try:
        yield directory
    finally:
        shutil.rmtree(directory)


def environment(directory: Path) -> Dict[str, str]:
    """The environment of a grpcd: sanitizers report into the directory."""
    reports = directory / "sanitizer"
    reports.mkdir(exist_ok=True)
    reports.chmod(0o777)
    into = f"log_path={reports}/report:abort_on_error=0"
    asan = os.environ.get("ASAN_OPTIONS", "")
    ubsan = os.environ.get("UBSAN_OPTIONS", "")
    return {
        **os.environ,
        "ASAN_OPTIONS": f"{into}:{asan}",
        "UBSAN_OPTIONS": f"{into}:print_stacktrace=1:{ubsan}",
    }


def sanitizer_reports(directory: Path) -> str:
    """What the sanitizers wrote; "" if nothing."""
    files = sorted((directory / "sanitizer").glob("*"))
    return "".join(file.read_text(errors="replace") for file in files)


def run(directory: Path, *arguments: str, **popen: Any) -> Result:
    """Runs grpcd on a directory's grpcd.conf and waits for its end; popen:
    as subprocess has it."""
    done = subprocess.run(
        [GRPCD, "-p", str(directory), "-c", "grpcd.conf", *arguments],
        cwd=directory,
        env={**environment(directory), **popen.pop("env", {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
        **popen,
    )
    check.equal(sanitizer_reports(directory), "", "sanitizer report")
    return Result(done.returncode, done.stdout, done.stderr)


def refused(result: Result, *parts: str) -> None:
    """Fails unless grpcd refused to start, with all parts in its message."""
    check.contains(result.err, "grpcd: ", *parts)
    check.equal(result.status, 1, "exit status")
