"""A grpcd of one's own: its directory, config, processes, log and end.

    with Server(workers=2) as server:
        with greeter.at(server.address) as client:
            ...

Leaving the block stops the server and fails unless it ended well: status 0, no
alert or error in the log that the test had not announced, no report of a
sanitizer, and no process, listening socket, pid file or other file left.
"""

import json
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Set

from grpcd_test import check, command, proc
from grpcd_test.config import Directives, config, listener
from grpcd_test.ports import free_port
from grpcd_test.tap import diagnose
from grpcd_test.wait import GRPCD, LIMIT, wait_for

# What the log and the titles of processes say.
READY = r"\bready: "
RELOADED = "reload done"
RELOAD_FAILED = "reload failed"
DRAINING = "draining"

# To an ordinary user /proc shows little of a process that is not dumpable.
_LOOKED_INTO = {"dumpable": True} if os.geteuid() != 0 else {}
# The frames of a test may ask the server for a sign of life at any time.
_PINGS = {"keepalive_min_time": 0, "keepalive_permit_without_calls": True}

# Lines of the log of these levels must have been announced.
_BAD_LINE = re.compile(r"\[(alert|error)\]")
_TAKEN = "in use"

# What the log says instead of a line that comes again.
_REPEATED = "last line repeated"


class Server:
    """One grpcd, in the foreground, in a directory of its own."""

    def __init__(
        self,
        *sections: Directives,
        text: Optional[str] = None,
        tls: Optional[Directives] = None,
        wrapper: Sequence[str] = (),
        pass_fds: Sequence[int] = (),
        **directives: Any,
    ) -> None:
        """Sections and directives go into the config beside the one listener
        "public" on 127.0.0.1, whose section tls is as given; text is the whole
        config instead, in which {port} stands for a free port.  The wrapper is a
        command that ends in running grpcd in its place."""
        self.directory = command.new_directory()
        self.port = free_port()
        self.sections = sections
        limits = {**_PINGS, **directives.pop("limits", {})}
        usual = {"workers": 1, "limits": limits, **_LOOKED_INTO}
        self.directives: Dict[str, Any] = {**usual, **directives}
        self.text = text
        self.tls = tls
        self.wrapper = wrapper
        self.pass_fds = pass_fds
        self.process: Optional["subprocess.Popen[bytes]"] = None
        self._starts = 0  # how often it was ready before it was last started
        self.announced: List[str] = []
        self.killed = False  # the test killed the master: no order at the end

    # Where things are

    @property
    def address(self) -> str:
        """The address of the listener "public"."""
        return f"127.0.0.1:{self.port}"

    @property
    def config_file(self) -> Path:
        """The config that the server reads."""
        return self.directory / "grpcd.conf"

    @property
    def pid_file(self) -> Path:
        """The pid file of a config that does not move it."""
        return self.directory / "grpcd.pid"

    @property
    def control_socket(self) -> Path:
        """The control socket of a config that does not move it."""
        return self.directory / "grpcd.control"

    @property
    def _stderr(self) -> Path:
        return self.directory / "stderr"

    # Config

    def write_config(self, text: Optional[str] = None) -> None:
        """Replaces the config at once: as it stands, or as given."""
        text = text or self.text or self._config_text()
        fresh = self.directory / "grpcd.conf.new"
        fresh.write_text(text.replace("{port}", str(self.port)))
        fresh.rename(self.config_file)

    def _config_text(self) -> str:
        public = listener(self.address, tls=self.tls)
        return config(public, *self.sections, **self.directives)

    def configure(self, *sections: Directives, **directives: Any) -> None:
        """Changes directives of the config and writes it."""
        self.sections = sections or self.sections
        self.directives.update(directives)
        self.write_config()

    # Start

    def __enter__(self) -> "Server":
        try:
            self.start()
        except BaseException:
            self.give_up()
            raise
        return self

    def start(self) -> None:
        """Starts the server and waits until its workers serve."""
        for _ in range(3):
            self.write_config()
            self._spawn()
            if self._is_up():
                return
            self.port = free_port()
        raise AssertionError(f"grpcd did not start:\n{self.log()}")

    def _spawn(self) -> None:
        self._starts = self.count(READY)
        with self._stderr.open("ab") as log:
            self.process = subprocess.Popen(  # pylint: disable=consider-using-with
                [*self.wrapper, GRPCD, "-p", ".", "-c", "grpcd.conf"],
                cwd=self.directory,
                env=command.environment(self.directory),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=self.pass_fds,
                start_new_session=True,
            )

    def _is_up(self) -> bool:
        """True once it serves; False if its port was taken from us."""
        assert self.process
        process = self.process
        wait_for(lambda: process.poll() is not None or self.is_ready(), "start")
        if process.poll() is None:
            return True
        check.contains(self.log(), _TAKEN)
        return False

    def is_ready(self) -> bool:
        """True once the master has said that all workers serve."""
        return self.count(READY) > self._starts

    # Processes

    @property
    def master(self) -> int:
        """The process number of the master."""
        assert self.process
        return self.process.pid

    def workers(self) -> List[int]:
        """The workers, those too that drain, oldest first."""
        return [child for child in proc.children(self.master) if "worker" in proc.title(child)]

    def serving(self) -> List[int]:
        """The workers that do not drain, oldest first."""
        return [pid for pid in self.workers() if DRAINING not in proc.title(pid)]

    def send(self, number: signal.Signals) -> None:
        """Sends a signal to the master."""
        os.kill(self.master, number)

    def run(self, *arguments: str) -> command.Result:
        """Runs a second grpcd with this one's directory and config."""
        return command.run(self.directory, *arguments)

    def status(self) -> Dict[str, Any]:
        """What the server says of itself."""
        result = self.run("-s", "status", "--json")
        check.equal(result.status, 0, "exit status of -s status")
        status: Dict[str, Any] = json.loads(result.out)
        return status

    # Reload

    def reload(self) -> List[int]:
        """Asks for a reload and waits for it; the new workers."""
        old = set(self.workers())
        done = self.count(RELOADED)
        self.send(signal.SIGHUP)
        self.wait_log(RELOADED, done + 1)
        return [pid for pid in self.serving() if pid not in old]

    def reload_fails(self) -> None:
        """Asks for a reload and waits until it has failed."""
        failed = self.count(RELOAD_FAILED)
        self.send(signal.SIGHUP)
        self.wait_log(RELOAD_FAILED, failed + 1)

    def wait_workers(self, count: int) -> None:
        """Waits until there are so many workers, and none that drains."""
        wait_for(lambda: len(self.workers()) == len(self.serving()) == count, f"{count} workers")

    def wait_gone(self, pids: Set[int], limit: float = LIMIT) -> None:
        """Waits until none of these processes runs any more."""
        wait_for(lambda: not any(map(proc.alive, pids)), f"end of {pids}", limit)

    def kill_master(self) -> None:
        """kill -9: the pid file and sockets of listeners may stay."""
        self.killed = True
        self.stop(signal.SIGKILL)

    # Log

    def log(self) -> str:
        """The log so far: standard error, and all files NAME.log."""
        files = [self._stderr, *sorted(self.directory.glob("*.log"))]
        return "".join(file.read_text(errors="replace") for file in files if file.exists())

    def count(self, pattern: str) -> int:
        """How many lines of the log match."""
        return len(re.findall(pattern, self.log()))

    def wait_log(self, pattern: str, times: int = 1) -> None:
        """Waits until that many lines of the log match."""
        wait_for(lambda: self.count(pattern) >= times, f"/{pattern}/ in the log")

    def announce_death(self, signal_number: signal.Signals = signal.SIGKILL) -> None:
        """The test kills a worker: the log may complain."""
        self.announce(rf"signal {signal_number:d}\b")

    def announce(self, *patterns: str) -> None:
        """Lines of the log that match are no fault."""
        self.announced += patterns

    # End

    def stop(self, number: signal.Signals = signal.SIGQUIT) -> int:
        """Sends a signal and waits for the end; the exit status."""
        self.send(number)
        return self.wait()

    def wait(self, limit: float = LIMIT) -> int:
        """Waits for the end of the master; its exit status."""
        assert self.process
        return self.process.wait(limit)

    def __exit__(self, kind: Any, *_: Any) -> None:
        try:
            if kind is None:
                self._end_well()
        except BaseException:
            self.give_up()
            raise
        if kind is None:
            shutil.rmtree(self.directory)
        else:
            self.give_up()

    def _end_well(self) -> None:
        assert self.process
        status = self.process.poll()
        if status is None:
            if self.control_socket.exists():
                wait_for(self._is_idle, "the end of all calls and connections")
            status = self.stop(signal.SIGTERM)
        wait_for(lambda: not self.leftovers(), "the end of all processes")
        check.equal(proc.listening(self.port), [], "listening sockets left")
        if not self.killed:
            check.equal(status, 0, "exit status of the master")
            check.equal(self._files_left(), set(), "files left")
        check.equal(self.bad_lines(), [], "bad lines in the log")
        reports = command.sanitizer_reports(self.directory)
        check.equal(reports, "", "sanitizer report")

    def _is_idle(self) -> bool:
        """No client is left in the counters."""
        workers = self.status()["workers"]
        return not any(worker["calls_open"] or worker["connections"] for worker in workers)

    def leftovers(self) -> List[int]:
        """Processes of this server that still run, orphans too."""
        ours = proc.descendants(os.getpid())
        return [pid for pid in ours if proc.session(pid) == self.master]

    def _files_left(self) -> Set[str]:
        """The pid file, and sockets of listeners."""
        left = self.directory.rglob("*")
        return {file.name for file in left if file.is_socket() or file == self.pid_file}

    def bad_lines(self) -> List[str]:
        """Lines of the log that are a fault and were not announced."""
        return [
            line
            for line in self.log().splitlines()
            if _BAD_LINE.search(line)
            and not any(re.search(known, line) for known in [*self.announced, _REPEATED])
        ]

    def give_up(self) -> None:
        """After a failure: shows all there is to see, kills, removes."""
        if self.process is not None:
            for pid in [self.master, *self.leftovers()]:
                kill(pid)
            self.process.wait()
        diagnose(f"--- {self.config_file}\n{self.config_file.read_text()}")
        diagnose(f"--- log\n{_last_lines(self.log())}")
        diagnose(command.sanitizer_reports(self.directory))
        shutil.rmtree(self.directory, ignore_errors=True)


def kill(pid: int, number: signal.Signals = signal.SIGKILL) -> None:
    """Sends a signal to a process that may be gone."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def _last_lines(text: str, count: int = 100) -> str:
    return "\n".join(text.splitlines()[-count:])
