"""The local AWS: its own environment, its process, and the clients that talk to it."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from exact_local.children import Child, answers, base_environment
from exact_local.enforcement import OPERATOR, PERMISSIONS
from exact_local.failures import LocalRunError
from exact_local.links import SECRET
from exact_local.state import LOOPBACK, StateFolder
from exact_local.template import REGION

# A snapshot is taken at most this often, and takes at most a fifth of the time.
SNAPSHOT_PAUSE_SECONDS = 2.0


class LocalAws:
    """The running local AWS."""

    def __init__(self, child: Child, port: int) -> None:
        self._child = child
        self.port = port

    @property
    def url(self) -> str:
        """The one address of all services."""
        return f"http://{LOOPBACK}:{self.port}"

    @classmethod
    async def start(
        cls, state: StateFolder, port: int, python: Path, handlers: Mapping[str, str], permissions: str, pause: float
    ) -> LocalAws:
        """Start the process and wait until it answers.

        ``handlers``: function name -> address to send events to. ``permissions``: the roles as ``to_json`` wrote them.
        """
        script = Path(__file__).with_name("aws_process.py")
        state.aws.mkdir(exist_ok=True)
        (state.path / PERMISSIONS).write_text(permissions)
        environment = base_environment(
            GATEWAY_PORT=str(port),
            BIND_HOST=LOOPBACK,
            MINISTACK_HOST=LOOPBACK,
            MINISTACK_REGION=REGION,
            PERSIST_STATE="1",
            S3_PERSIST="1",
            S3_DATA_DIR=str(state.objects),
            LAMBDA_EXECUTOR="local",
            IOT_MTLS_ENABLED="0",
            SFTP_ENABLED="0",
            DOCKER_HOST="unix:///nonexistent",
            LOG_LEVEL="WARNING",
            PYTHONPATH=str(script.parents[1]),
            **{f"MINISTACK_LAMBDA_PROXY_{name}": url for name, url in handlers.items()},
        )
        command = [str(python), "-P", str(script), str(state.aws), str(port), str(pause)]
        child = await Child.start("The local AWS", command, environment, state.logs / "aws.log")
        aws = cls(child, port)
        try:
            await child.wait_until(lambda: answers(f"{aws.url}/_ministack/health"), seconds=60)
        except BaseException:  # a Ctrl-C too
            await child.stop()
            raise
        return aws

    def keep_state(self) -> None:
        """Begin to take snapshots: from here on the state survives."""
        self._child.tell("persist")

    async def stop(self) -> None:
        """Let it write its last snapshot and end."""
        await self._child.close_input_and_wait(seconds=60)

    async def kill(self) -> None:
        """End it at once, as a power cut would."""
        await self._child.kill()

    def client(self, service: Any) -> Any:
        """Return a boto3 client of one service."""
        return boto3.client(service, **client_options(self.url))


def client_options(url: str) -> dict[str, Any]:
    """Return what a boto3 client needs to talk to the local AWS and to nothing else."""
    return {
        "endpoint_url": url,
        "region_name": REGION,
        "aws_access_key_id": OPERATOR,
        "aws_secret_access_key": SECRET,
        "config": Config(retries={"max_attempts": 2, "mode": "standard"}, read_timeout=120),
    }


def handler_environment(url: str, function: str) -> dict[str, str]:
    """Return the AWS variables that Lambda gives to a handler; its access key names the role that its calls have."""
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": function,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


async def prepare_environment(project: Path) -> Path:
    """Return the Python of the local AWS's own environment, which is made when it is missing."""
    python = project / ".venv" / "bin" / "python"
    if await asyncio.to_thread(python.exists):
        return python
    uv = os.environ.get("UV") or shutil.which("uv")
    if uv is None:
        raise LocalRunError("uv is missing, and the local AWS needs it for its environment: start with `make run`.")
    result = await asyncio.to_thread(_run, [uv, "sync", "--quiet", "--frozen", "--project", str(project)])
    if result.returncode != 0:
        raise LocalRunError(f"The environment of the local AWS cannot be made: {' '.join(result.stderr.split())}")
    return python


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
