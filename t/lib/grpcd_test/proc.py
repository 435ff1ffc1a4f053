"""What /proc says of processes and sockets."""

import ctypes
import os
import socket
from pathlib import Path
from typing import Dict, Iterator, List, NamedTuple, Optional, Set

from grpcd_test.wait import SANITIZED

PROC = Path("/proc")

_PR_SET_CHILD_SUBREAPER = 36
_PIDFD_GETFD = 438


def adopt_orphans() -> None:
    """From here on processes that lose their parent become ours."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _pids() -> Iterator[int]:
    return (int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit())


def _read(pid: int, name: str) -> str:
    """A file of a process; "" once it is gone or not ours."""
    try:
        return (PROC / str(pid) / name).read_text(errors="replace")
    except OSError:
        return ""


def _stat(pid: int) -> List[str]:
    """The fields of stat after the name: state, parent, ..."""
    return _read(pid, "stat").rpartition(")")[2].split()


def alive(pid: int) -> bool:
    """True for a process that runs; a zombie does not."""
    stat = _stat(pid)
    return bool(stat) and stat[0] != "Z"


def state(pid: int) -> str:
    """The letter that ps shows: R, S, T, Z; "" once it is gone."""
    return (_stat(pid) or [""])[0]


def children(pid: int) -> List[int]:
    """The running children of a process, oldest first."""

    def is_child(stat: List[str]) -> bool:
        return len(stat) > 1 and stat[0] != "Z" and stat[1] == str(pid)

    return sorted(child for child in _pids() if is_child(_stat(child)))


def descendants(pid: int) -> List[int]:
    """The running children of a process, theirs, and so on."""
    found: List[int] = []
    for child in children(pid):
        found += [child, *descendants(child)]
    return found


def session(pid: int) -> int:
    """The session of a process, 0 once it is gone."""
    stat = _stat(pid)
    return int(stat[3]) if stat else 0


def title(pid: int) -> str:
    """What ps shows as the command."""
    return _read(pid, "cmdline").replace("\0", " ").strip()


def program(pid: int) -> str:
    """The path of the program that a process runs."""
    try:
        return os.readlink(PROC / str(pid) / "exe")
    except OSError:
        return ""


def running(path: str) -> List[int]:
    """Our descendants that run a program."""
    ours = descendants(os.getpid())
    return [pid for pid in ours if program(pid) == os.path.realpath(path)]


def status(pid: int) -> Dict[str, str]:
    """The lines of /proc/PID/status by name: Uid, CapEff, NoNewPrivs, ..."""
    lines = (line.partition(":") for line in _read(pid, "status").splitlines())
    return {name: value.strip() for name, _, value in lines}


def descriptors(pid: int) -> Dict[int, str]:
    """The open descriptors of a process and what they are."""
    found = {}
    for entry in (PROC / str(pid) / "fd").iterdir():
        try:
            found[int(entry.name)] = os.readlink(entry)
        except FileNotFoundError:
            continue
    return found


def socket_inodes(pid: int) -> Set[int]:
    """The inodes of the sockets that a process holds."""
    texts = descriptors(pid).values()
    return {int(text[8:-1]) for text in texts if text.startswith("socket:[")}


def socket_of(pid: int, number: int) -> Optional[socket.socket]:
    """A copy of a process's descriptor, if it is a socket."""
    pidfd = os.pidfd_open(pid)
    try:
        copy = ctypes.CDLL(None).syscall(_PIDFD_GETFD, pidfd, number, 0)
    finally:
        os.close(pidfd)
    try:
        return socket.socket(fileno=copy) if copy >= 0 else None
    except OSError:
        os.close(copy)
        return None


class Listening(NamedTuple):
    """A listening TCP socket."""

    inode: int
    queue: int  # connections that wait to be accepted


_LISTEN = "0A"


def listening(port: int) -> List[Listening]:
    """The TCP sockets that listen on a port, IPv4 and IPv6."""
    found = []
    for table in ("tcp", "tcp6"):
        for line in (PROC / "net" / table).read_text().splitlines()[1:]:
            fields = line.split()
            local_port = int(fields[1].rpartition(":")[2], 16)
            if local_port == port and fields[3] == _LISTEN:
                queue = int(fields[4].partition(":")[2], 16)
                found.append(Listening(int(fields[9]), queue))
    return found


def memory(pid: int, field: str = "VmRSS") -> int:
    """Bytes of memory of a process."""
    kilobytes: Optional[str] = status(pid).get(field)
    return int(kilobytes.split()[0]) * 1024 if kilobytes else 0


def check_growth(pid: int, before: int, limit: int) -> None:
    """Fails if a process has grown by more than limit bytes.  AddressSanitizer
    keeps what is freed, so with it there is nothing to be seen."""
    grown = memory(pid) - before
    assert SANITIZED or grown <= limit, f"process {pid} has grown by {grown} bytes"


def affinity(pid: int) -> Set[int]:
    """The CPUs that a process may use."""
    return os.sched_getaffinity(pid)
