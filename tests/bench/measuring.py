"""What the benches share: a sandbox of any size, children that measure themselves, and tables of figures."""

from __future__ import annotations

import contextlib
import json
import os
import re
import resource
import ssl
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx

from exact_connector.clock import SystemClock
from exact_connector.exact.auth.oauth import ClientCredentials, TokenPair
from exact_connector.exact.http.transport import HttpxSender
from fakes.sandbox_process import CALLBACK, ROOT, SandboxProcess

PAGE_SECONDS = 0.3
"""The latency of a page of 1,000 rows, about what Exact takes."""

PAGE_ROWS = 1_000
PYTHONPATH = os.pathsep.join(str(ROOT / part) for part in ("layers/common", "functions", "infra/local", "tests"))


@dataclass(frozen=True)
class Measured:
    """What a child process used: ``cpu`` and ``wall`` in seconds, ``peak_mb`` of resident memory in 2**20 bytes."""

    rows: int
    requests: int
    wall: float
    cpu: float
    peak_mb: float
    base_mb: float = 0.0
    """The resident memory before the work began: the interpreter and its imports."""

    @property
    def cpu_ms_per_row(self) -> float:
        """Milliseconds of processor time for each row."""
        return 1000 * self.cpu / self.rows


class Meter:
    """Measures this process between two moments."""

    def __init__(self) -> None:
        self._base = peak_mb()
        self._cpu = cpu_seconds()
        self._wall = time.perf_counter()

    def result(self, rows: int, requests: int = 0) -> Measured:
        """Return what was used since this meter was made."""
        wall, cpu = time.perf_counter() - self._wall, cpu_seconds() - self._cpu
        return Measured(rows, requests, wall, cpu, peak_mb(), self._base)


def cpu_seconds() -> float:
    """Return the processor time that this process has used, all threads."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def peak_mb() -> float:
    """Return the most memory that this process ever had resident, in 2**20 bytes."""
    with contextlib.suppress(FileNotFoundError), Path("/proc/self/status").open() as status:
        # On Linux ru_maxrss of a child begins with what its parent had.
        return next(int(line.split()[1]) / 2**10 for line in status if line.startswith("VmHWM"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def in_child(module: str, job: Any, *, environment: dict[str, str] | None = None) -> Measured:
    """Run ``python -m module`` with a job as JSON on its input; it prints a Measured as JSON."""
    command = [sys.executable, "-m", module]
    known = {**os.environ, "PYTHONPATH": PYTHONPATH, **(environment or {})}
    done = subprocess.run(command, input=json.dumps(job), env=known, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError(f"{module} failed: {done.stderr[-2000:]}")
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def tell(measured: Measured) -> None:
    """Hand a result to the process that started this one."""
    print(json.dumps(asdict(measured)))


@contextmanager
def bench_sandbox(items: int, *arguments: str, certificate: Path | None = None) -> Iterator[SandboxProcess]:
    """Start a sandbox with that many items, few customers and wide call limits; over TLS with a certificate."""
    command = [
        *(sys.executable, "-m", "exact_sandbox", "--port", "0", "--allow-loopback", "--redirect-uri", CALLBACK),
        *("--items", str(items), "--customers", "20", "--orders", "10"),
        *("--minute-limit", "100000", "--day-limit", "1000000", *arguments),
    ]
    if certificate is not None:
        command += ["--tls-cert", str(certificate), "--tls-key", str(certificate)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "infra" / "sandbox")}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT)
    http = httpx.Client(timeout=120, trust_env=False, verify=trusting(certificate))
    try:
        assert process.stdout is not None
        found = re.search(r"https?://\S+", process.stdout.readline())
        assert found is not None, "the sandbox did not start"
        running = SandboxProcess(found[0], http)
        info = running.info()
        running.client = ClientCredentials(info["apps"][0]["client_id"], info["apps"][0]["client_secret"])
        running.division = info["divisions"][0]["code"]
        yield running
    finally:
        http.close()
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
        if process.stdout is not None:
            process.stdout.close()


def trusting(certificate: str | Path | None) -> ssl.SSLContext | bool:
    """Return what ``httpx`` verifies with."""
    return True if certificate is None else ssl.create_default_context(cafile=str(certificate))


def set_latency(exact: SandboxProcess, seconds: float, *, match: str = "/api/v1/") -> None:
    """Let every page take that long for each thousand rows; 0 for no latency."""
    if seconds:
        rule = {"match": match, "ms": int(seconds * 1000), "per_rows": PAGE_ROWS}
        exact.http.put(f"{exact.base}/sandbox/latency", json=rule).raise_for_status()
    else:
        exact.http.delete(f"{exact.base}/sandbox/latency").raise_for_status()


def calls(exact: SandboxProcess, path: str = "") -> dict[str, int]:
    """Return how many good answers each address gave; ``path`` narrows."""
    asked = {"path": path} if path else {}
    counted = exact.http.get(f"{exact.base}/sandbox/counters", params=asked).raise_for_status().json()["calls"]
    found: dict[str, int] = {}
    for row in counted:
        if row["status"] < 300:
            found[row["path"]] = found.get(row["path"], 0) + int(row["calls"])
    return found


def forget_calls(exact: SandboxProcess) -> None:
    """Begin to count anew."""
    exact.http.delete(f"{exact.base}/sandbox/counters").raise_for_status()


def consent(exact: SandboxProcess, certificate: Path | None = None) -> TokenPair:
    """Consent as an administrator does; every consent is a chain of tokens of its own."""
    sender = HttpxSender(httpx.Client(trust_env=False, verify=trusting(certificate)))
    try:
        return exact.consent(SystemClock(), sender)
    finally:
        sender.close()


def table(title: str, head: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    """Return a table as text, numbers to the right."""
    shown = [list(head), *([_shown(cell) for cell in line] for line in lines)]
    widths = [max(len(line[column]) for line in shown) for column in range(len(head))]
    rows = [
        "  ".join(cell.ljust(width) if column == 0 else cell.rjust(width) for column, (cell, width) in enumerate(cells))
        for cells in ([*zip(line, widths, strict=True)] for line in shown)
    ]
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    return "\n".join(["", f"{title}  (load {load} on {os.cpu_count()} cores)", *rows])


def _shown(cell: object) -> str:
    if isinstance(cell, float):
        return f"{cell:,.3f}" if abs(cell) < 10 else f"{cell:,.1f}"
    return f"{cell:,}" if isinstance(cell, int) else str(cell)
