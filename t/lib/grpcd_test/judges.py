"""Suites of others that judge a server with the TestService of
examples/interop, the greeter, health and reflection: each says case by case
what was wrong.  The table in the README counts those where nothing was."""

import subprocess
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Callable, Dict, Iterable, List, Mapping, Tuple
from xml.etree import ElementTree

import grpc

from grpcd_test import command, curl, foreign, interop
from grpcd_test.target import Outcomes, Target

PLAIN, TLS = "plain text", "TLS"

# Of grpc-go's client, those that any server must serve.  The others want
# Google's credentials or reports of load (orca_*).
_GRPC_GO = """empty_unary large_unary client_streaming server_streaming ping_pong
empty_stream custom_metadata status_code_and_message special_status_message
unimplemented_method unimplemented_service cancel_after_begin
cancel_after_first_response timeout_on_sleeping_server rpc_soak channel_soak
pick_first_unary""".split()

# Of gRPC-Java's client, those that the one of grpc-go lacks.
_GRPC_JAVA = """client_compressed_unary server_compressed_unary
client_compressed_streaming server_compressed_streaming""".split()

_PASSWORD = "password"


def _each(cases: Iterable[str], *client: str) -> Outcomes:
    """Runs a client once for each case."""
    told = {}
    for case in cases:
        done = foreign.run(*client, f"--test_case={case}")
        said = (done.stdout + done.stderr).strip()
        told[case] = f"{said[-500:]} (status {done.returncode})" if done.returncode else ""
    return told


def _grpc_go(target: Target) -> Outcomes:
    where = (f"--server_host={target.host}", f"--server_port={target.port}")
    ca = ("--use_tls", "--use_test_ca", f"--ca_file={target.ca}") if target.ca else ()
    return _each(_GRPC_GO, foreign.go_program("client"), *where, *ca)


def _trust_store(ca: Path, folder: Path) -> Tuple[str, ...]:
    """The options that have a JVM trust a CA."""
    store = folder / "trust.p12"
    subprocess.run(
        [foreign.find("keytool"), "-importcert", "-noprompt", "-alias", "ca", "-file", str(ca)]
        + ["-keystore", str(store), "-storetype", "PKCS12", "-storepass", _PASSWORD],
        check=True,
        capture_output=True,
    )
    option = "-Djavax.net.ssl.trustStore"
    return f"{option}={store}", f"{option}Password={_PASSWORD}"


def _grpc_java(target: Target) -> Outcomes:
    where = (f"--server_host={target.host}", f"--server_port={target.port}")
    with command.workspace() as folder:
        trust = _trust_store(target.ca, folder) if target.ca else ()
        client = foreign.java_client(*trust)
        return _each(_GRPC_JAVA, *client, *where, f"--use_tls={'true' if trust else 'false'}")


def _grpc_js(target: Target) -> Outcomes:
    client = (*foreign.node_client("interop"), "--proto", str(interop.proto()))
    ca = ("--ca", str(target.ca)) if target.ca else ()
    cases = foreign.run(*client, target.address).stdout.split()
    done = foreign.run(*client, *ca, target.address, *cases)
    told = dict.fromkeys(cases, f"never told: {done.stderr[-500:]}")
    for line in done.stdout.splitlines():
        verdict, _, rest = line.partition("ok ")
        name, _, fault = rest.partition(": ")
        told[name] = fault if verdict else ""
    return told


def _h2spec(group: str, target: Target) -> Outcomes:
    """The cases of a group, as h2spec takes them: "http2/6.9.1/3"."""
    # A second is not always enough on a busy machine.
    options = ["-h", target.host, "-p", target.port, "-o", "5", "--strict"]
    with command.workspace() as folder:
        report = folder / "report.xml"
        security = ("-t", "-k") if target.ca else ()
        program = foreign.go_program("h2spec")
        foreign.run(program, *options, *security, "-j", str(report), group)
        return _read_report(report)


def _read_report(report: Path) -> Outcomes:
    told: Outcomes = {}
    for section in ElementTree.parse(report).iter("testsuite"):
        for number, case in enumerate(section.findall("testcase"), 1):
            faults = [*case.findall("failure"), *case.findall("error"), *case.findall("skipped")]
            text = " ".join(" ".join(fault.itertext()) or fault.tag for fault in faults)
            told[f"{case.get('package')}/{number}"] = text and f"{case.get('classname')}: {text}"
    return told


@dataclass(frozen=True)
class Judge:
    """A suite."""

    name: str
    version: Callable[[], str]
    run: Callable[[Target], Outcomes]


def _of_go(name: str) -> Callable[[], str]:
    return partial(foreign.go_version, name)


JUDGES = {
    "grpc-go": Judge("interop client of grpc-go", _of_go("client"), _grpc_go),
    "grpc-java": Judge(
        "interop client of gRPC-Java: compression", foreign.java_version, _grpc_java
    ),
    "grpc-js": Judge(
        "interop cases with @grpc/grpc-js",
        partial(foreign.node_version, "@grpc/grpc-js"),
        _grpc_js,
    ),
    "grpcio": Judge("interop cases with grpcio", lambda: grpc.__version__, interop.run),
    "generic": Judge("h2spec, generic", _of_go("h2spec"), partial(_h2spec, "generic")),
    "http2": Judge("h2spec, http2", _of_go("h2spec"), partial(_h2spec, "http2")),
    "hpack": Judge("h2spec, hpack", _of_go("h2spec"), partial(_h2spec, "hpack")),
    "grpcurl": Judge("grpcurl", _of_go("grpcurl"), curl.run_grpcurl),
    "buf": Judge("buf curl", _of_go("buf"), curl.run_buf),
}


# The table

Verdicts = Mapping[Tuple[str, str], Outcomes]


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |\n"


def _passed(told: Outcomes) -> str:
    return str(sum(not fault for fault in told.values()))


def _cases(told: Dict[str, Outcomes]) -> str:
    """How many cases there are, over whatever they run."""
    counts = {len(cases) for cases in told.values()}
    assert len(counts) == 1, f"not the same cases: {told}"
    return str(counts.pop())


def table(verdicts: Verdicts) -> str:
    """What the README shows, of the verdict of each judge over each transport."""
    lines: List[str] = [
        _row("suite", "version", "cases", *(f"passed over {way}" for way in (PLAIN, TLS))),
        _row(*["---"] * 5),
    ]
    for key, judge in JUDGES.items():
        told = {way: verdicts[key, way] for way in (PLAIN, TLS)}
        lines.append(_row(judge.name, judge.version(), _cases(told), *map(_passed, told.values())))
    return "".join(lines)
