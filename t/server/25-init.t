#!/usr/bin/python3
"""The scripts for init, driven through every verb and every exit status of
the Linux Standard Base 5.0, "Init Script Actions", in a root of their own."""

import os
import re
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Dict, Iterator, List, Sequence

from grpcd_test import check, command, greeter, proc, tap
from grpcd_test.command import Result
from grpcd_test.config import config, listener
from grpcd_test.ports import free_port
from grpcd_test.server import kill
from grpcd_test.wait import GRPCD, LIMIT, wait_for

TOP_SOURCE = Path(os.environ.get("top_srcdir", "."))
NOBODY = 65534

FAILED, USAGE, NO_PRIVILEGES, NOT_INSTALLED, NOT_CONFIGURED, NOT_RUNNING = 1, 2, 4, 5, 6, 7
RUNS, DIED, STOPPED, UNKNOWN = 0, 1, 3, 4  # of status
VERBS = ("start", "stop", "restart", "try-restart", "reload", "force-reload", "configtest")

# What openrc-run gives its scripts, as far as ours go.
OPENRC = """
RC_CMD=$1
ebegin() { echo "$*"; }
eend() { return "$1"; }
need() { :; }
use() { :; }
after() { :; }
checkpath() { mkdir -p "$4"; }
verb() { for step; do ! command -v "$step" >/dev/null || "$step" || exit 1; done; }
. "$2"
depend
case $1 in
start | stop) verb "$1_pre" "$1" ;;
restart) verb stop_pre stop start_pre start ;;
*) "$1" ;;
esac
"""


class Machine:
    """A root directory in which grpcd is installed."""

    def __init__(self) -> None:
        self.root = command.new_directory()
        self.port = free_port()
        self.sbin = Path(GRPCD).parent
        for folder in ("etc/grpcd", "etc/default", "etc/sysconfig", "state", "log"):
            (self.root / folder).mkdir(parents=True)
        self.configure()

    # What is installed

    @property
    def config_file(self) -> Path:
        """The config that the scripts name."""
        return self.root / "etc/grpcd/grpcd.conf"

    @property
    def error_log(self) -> Path:
        """The log that the config names."""
        return self.root / "log/error.log"

    def configure(self, **directives: Any) -> None:
        """Writes the config, of one worker unless told otherwise."""
        public = listener(f"127.0.0.1:{self.port}")
        settings: Dict[str, Any] = {"workers": 1, "error_log": self.error_log, **directives}
        self.config_file.write_text(config(public, **settings))

    def break_config(self) -> None:
        """A config that nobody can start with."""
        self.configure(wrokers=1)

    def install(self, template: str) -> Path:
        """A file of init/, as make would install it here."""
        paths = {
            "sbindir": self.sbin,
            "sysconfdir": self.root / "etc",
            "grpcdconfdir": self.root / "etc/grpcd",
            "grpcdstatedir": self.root / "state",
            "grpcdlogdir": self.root / "log",
            "grpcdrundir": self.root / "run",
        }
        text = (TOP_SOURCE / "init" / f"{template}.in").read_text()
        for name, path in paths.items():
            text = text.replace(f"@{name}@", str(path))
        file = self.root / template.replace("/", "-")
        file.write_text(text)
        file.chmod(0o755)
        return file

    # What is done with it

    def run(self, *words: str, **popen: Any) -> Result:
        """Runs a command to its end."""
        done = subprocess.run(
            words,
            cwd="/",
            env=command.environment(self.root),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=2 * LIMIT,
            check=False,
            **popen,
        )
        return Result(done.returncode, done.stdout, done.stderr)

    def lsb(self, *words: str, **popen: Any) -> Result:
        """Runs the LSB script."""
        return self.run("/bin/sh", str(self.install("init.d/grpcd")), *words, **popen)

    def expect(self, verb: str, status: int, *parts: str) -> None:
        """The LSB script ends with this status, and says the parts."""
        result = self.lsb(verb)
        check.equal(result.status, status, f"status of {verb} ({result.out}{result.err})")
        check.contains(result.out + result.err, *parts)

    def openrc(self, verb: str) -> int:
        """Runs the OpenRC script; its status."""
        script = self.install("openrc/grpcd")
        return self.run("/bin/sh", "-c", OPENRC, "openrc-run", verb, str(script)).status

    # What becomes of it

    @property
    def master(self) -> int:
        """The process of the pid file."""
        return int((self.root / "state/grpcd.pid").read_text())

    def workers(self) -> List[int]:
        """The workers that serve."""
        return [pid for pid in proc.children(self.master) if "draining" not in proc.title(pid)]

    def wait_workers(self, count: int) -> None:
        """Waits until so many workers serve."""
        wait_for(lambda: len(self.workers()) == count, f"{count} workers")

    def greets(self) -> None:
        """Fails unless a stock client is greeted."""
        with greeter.at(f"127.0.0.1:{self.port}") as client:
            check.equal(client.hello("init"), "Hello init", "answer")

    def kill(self) -> None:
        """The master dies and leaves its pid file."""
        master, workers = self.master, proc.children(self.master)
        kill(master)
        wait_for(lambda: not any(map(proc.alive, [master, *workers])), "the end of all")

    def running(self) -> List[int]:
        """Every process of the server."""
        return proc.running(GRPCD)

    def end(self) -> None:
        """Fails if the test has left the server behind, or a report."""
        check.equal(self.running(), [], "processes left")
        check.equal(command.sanitizer_reports(self.root), "", "sanitizer report")

    def give_up(self) -> None:
        """After a failure: shows the log and kills."""
        if self.error_log.exists():
            tap.diagnose(self.error_log.read_text())
        for pid in self.running():
            kill(pid)


@contextmanager
def machine() -> Iterator[Machine]:
    """A machine on which nothing runs, before and after."""
    tap.need_root()
    made = Machine()
    try:
        yield made
        made.end()
    except BaseException:
        made.give_up()
        raise
    finally:
        shutil.rmtree(made.root)


@contextmanager
def started() -> Iterator[Machine]:
    """A machine on which grpcd runs, until the block ends."""
    with machine() as made:
        made.expect("start", 0)
        yield made
        made.expect("stop", 0)


# The LSB script


def test_start_and_stop() -> None:
    with machine() as host:
        host.expect("status", STOPPED)
        host.expect("start", 0)
        host.expect("status", RUNS)
        host.greets()
        host.expect("stop", 0)
        check.equal(host.running(), [], "processes after stop")
        host.expect("status", STOPPED)


def test_start_when_running_and_stop_when_stopped_succeed() -> None:
    with started() as host:
        master = host.master
        host.expect("start", 0, "running already")
        check.equal(host.master, master, "master")
    with machine() as host:
        host.expect("stop", 0, "not running")


def test_a_pid_file_of_the_dead() -> None:
    with started() as host:
        host.kill()
        host.expect("status", DIED)
        host.expect("reload", NOT_RUNNING)
        host.expect("try-restart", 0)
        check.equal(host.running(), [], "processes")
        host.expect("start", 0)
        host.expect("status", RUNS)


def test_restart() -> None:
    with started() as host:
        master = host.master
        host.expect("restart", 0)
        assert host.master != master, "it is the same process"
        host.greets()
    with machine() as host:
        host.expect("restart", 0)
        host.greets()
        host.expect("stop", 0)


def test_try_restart() -> None:
    for verb in ("try-restart", "condrestart"):
        with started() as host:
            master = host.master
            host.expect(verb, 0)
            assert host.master != master, f"{verb}: it is the same process"
        with machine() as host:
            host.expect(verb, 0)
            host.expect("status", STOPPED)


def test_reload() -> None:
    for verb in ("reload", "force-reload"):
        with started() as host:
            master = host.master
            host.configure(workers=2)
            host.expect(verb, 0)
            host.wait_workers(2)
            check.equal(host.master, master, "master")
            host.greets()
        with machine() as host:
            host.expect(verb, NOT_RUNNING, "not running")
            check.equal(host.running(), [], "processes")


def test_a_broken_config_changes_nothing() -> None:
    with started() as host:
        master, workers = host.master, host.workers()
        host.break_config()
        for verb in ("restart", "try-restart", "reload", "force-reload", "configtest"):
            host.expect(verb, NOT_CONFIGURED, "grpcd.conf:3: ", "workers")
        check.equal((host.master, host.workers()), (master, workers), "processes")
        host.greets()
        host.expect("status", RUNS)


def test_a_broken_config_starts_nothing() -> None:
    with machine() as host:
        host.break_config()
        host.expect("start", NOT_CONFIGURED, "grpcd.conf:3: ")
        host.config_file.unlink()
        for verb in ("start", "restart", "configtest"):
            host.expect(verb, NOT_CONFIGURED, str(host.config_file))
        host.expect("status", STOPPED)


def test_a_start_that_fails() -> None:
    with machine() as host:
        host.configure(pid_file=host.root / "none/grpcd.pid")
        host.expect("start", NOT_CONFIGURED, "none/grpcd.pid")
    with machine() as host:
        nobody_reads = host.root / "fifo"
        os.mkfifo(nobody_reads)
        host.configure(error_log=nobody_reads)
        host.expect("start", FAILED, "cannot open error_log")


def test_configtest() -> None:
    with machine() as host:
        host.expect("configtest", 0, "is ok")
        check.equal(host.running(), [], "processes")


def test_usage() -> None:
    with machine() as host:
        wrong: Sequence[Sequence[str]] = ((), ("dance",), ("start", "now"), ("",), ("launch",))
        for words in wrong:
            result = host.lsb(*words)
            check.equal(result.status, USAGE, f"status of {words}")
            check.contains(result.err, "Usage: ", "status", *VERBS)


def test_not_installed() -> None:
    with machine() as host:
        host.sbin = host.root / "nowhere"
        for verb in VERBS:
            host.expect(verb, NOT_INSTALLED, "not installed")
        host.expect("status", UNKNOWN, "not installed")


def test_not_root() -> None:
    with started() as host:
        for verb in VERBS:
            if verb != "configtest":
                result = host.lsb(verb, user=NOBODY, group=NOBODY, extra_groups=[])
                check.equal(result.status, NO_PRIVILEGES, f"status of {verb}")
                check.contains(result.err, verb)
        result = host.lsb("status", user=NOBODY, group=NOBODY, extra_groups=[])
        check.equal(result.status, RUNS, f"status of status ({result.err})")


def test_settings_of_the_administrator() -> None:
    for folder in ("default", "sysconfig"):
        with machine() as host:
            settings = host.root / "etc" / folder / "grpcd"
            settings.write_text("DIRECTIVES='workers = 2;'\n")
            host.expect("start", 0)
            check.equal(len(host.workers()), 2, "workers")
            host.expect("stop", 0)


def test_the_folder_of_sockets_is_made_again() -> None:
    with started() as host:
        assert (host.root / "run").is_dir()


def test_without_a_control_socket() -> None:
    with machine() as host:
        host.configure(control_socket="off")
        host.expect("start", 0)
        master = host.master
        host.expect("restart", 0)
        assert host.master != master, "it is the same process"
        host.expect("status", RUNS)
        host.expect("stop", 0)
        host.expect("status", STOPPED)


# The others


def test_openrc() -> None:
    with machine() as host:
        assert host.openrc("status") != 0
        check.equal(host.openrc("start"), 0, "start")
        check.equal(host.openrc("status"), 0, "status")
        host.greets()
        check.equal(host.openrc("reload"), 0, "reload")
        master = host.master
        check.equal(host.openrc("restart"), 0, "restart")
        assert host.master != master, "it is the same process"
        master = host.master
        host.break_config()
        for verb in ("configtest", "reload", "restart"):
            assert host.openrc(verb) != 0, f"{verb} with a broken config"
        check.equal(host.master, master, "master")
        check.equal(host.openrc("stop"), 0, "stop")
        check.equal(host.running(), [], "processes after stop")


def test_logrotate() -> None:
    rotate = shutil.which("logrotate", path="/usr/sbin:/sbin:/usr/bin")
    tap.skip_unless(rotate, "logrotate is missing")
    with started() as host:
        rule = host.install("logrotate.d/grpcd")
        options = f"-c {host.config_file} -p {host.root / 'state'}"
        rule.write_text(re.sub(r"grpcd(?= -[qs])", f"grpcd {options}", rule.read_text()))
        rule.chmod(0o644)
        result = host.run(str(rotate), "--force", f"--state={host.root}/rotated", str(rule))
        check.equal(result, Result(0, "", ""), "logrotate")
        old = host.error_log.with_name("error.log.1").read_text()
        check.contains(old, "ready: ")
        host.expect("reload", 0)
        wait_for(lambda: "reload done" in host.error_log.read_text(), "lines in the new log")
        check.equal(host.error_log.stat().st_mode & 0o777, 0o640, "mode of the log")


if __name__ == "__main__":
    tap.main()
