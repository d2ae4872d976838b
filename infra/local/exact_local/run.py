"""Start everything in order, wait, stop everything in the opposite order."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from contextlib import AsyncExitStack
from pathlib import Path

from exact_local.aws import SNAPSHOT_PAUSE_SECONDS, LocalAws, handler_environment, prepare_environment
from exact_local.demo import show
from exact_local.deploy import Stack, deploy
from exact_local.front import Front
from exact_local.options import Options
from exact_local.product_clock import ProductClock, continued_clock
from exact_local.running import Running
from exact_local.sandbox import ExactSite, Sandbox
from exact_local.screen import Screen
from exact_local.state import LOOPBACK, StateFolder, require_free_port
from exact_local.supervisor import Deployed, Supervisor
from exact_local.template import Function, Template, read_template

_INFRA = Path(__file__).resolve().parents[2]
STAGE = "local"
STACK = "exact-local"
_COUNTRY_SITE = "nl"
_DISPATCHER = f"exact-{STAGE}-dispatch-sync"
# Linking a company needs the first two; the others start while the administrator is at Exact's pages.
_NEEDED_FIRST = [f"exact-{STAGE}-tenant-api", f"exact-{STAGE}-oauth-callback"]
_NEEDED_SOON = [f"exact-{STAGE}-{name}" for name in ("sync-items", "sync-customers", "catalog-api", "submit-order")]
# Two cores: enough processes that an API call never waits for a sync, few enough that they do not crowd each other.
_HTTP_PROCESSES = 3
# As many as the template's event source mappings run at the same time in this stage.
_BACKGROUND_PROCESSES = 2


async def start(stack: AsyncExitStack, options: Options, screen: Screen) -> Running:
    """Start all parts; ``stack`` stops them again. Raises LocalRunError when a part cannot start."""
    root = options.root.resolve()
    template = read_template(root / "template.yaml", STAGE)
    state = StateFolder(options.state)
    stack.callback(state.close)
    if options.fresh:
        state.clear()
    require_free_port(options.port, "the API and the console", "stop what uses it, or choose another with --port")
    ports = state.ports()
    python = await prepare_environment(_INFRA / "local/ministack")
    clock = continued_clock(state.path / "clock.json", options.clock_rate, time.time())
    base_url = (options.public_url or f"http://{LOOPBACK}:{options.port}").rstrip("/")

    supervisor = Supervisor(ports.supervisor, state.logs, screen.problem)
    await supervisor.start()
    stack.push_async_callback(supervisor.close)
    handlers = {function.name: supervisor.url for function in template.functions}
    starting = asyncio.create_task(
        LocalAws.start(state, ports.aws, python, handlers, template.permissions, SNAPSHOT_PAUSE_SECONDS)
    )
    stack.push_async_callback(_stop_when_started, starting)
    site = await _exact_site(stack, options, screen, state, ports.sandbox, clock, base_url)
    aws = await starting
    # Handlers stop before the services that they use.
    stack.push_async_callback(supervisor.close)
    screen.step(f"Local AWS on {aws.url}")

    deployed = await asyncio.to_thread(deploy, aws, STACK, template.text, _parameters(clock, site, base_url))
    screen.step(f"template.yaml is deployed ({deployed.deployment.value}, {len(template.functions)} functions)")
    operator_key = await asyncio.to_thread(_arrange_secrets, aws, site, deployed)
    await supervisor.deploy(await asyncio.to_thread(_deployed_functions, aws, template, root))
    aws.keep_state()
    front = Front(options.port, aws.url, deployed.outputs["HttpApiId"])
    await front.start()
    stack.push_async_callback(front.close)
    await supervisor.warm_up(_NEEDED_FIRST)
    stack.push_async_callback(_stop, asyncio.create_task(_warm_up_in_turn(supervisor)))
    stack.push_async_callback(_stop, asyncio.create_task(_dispatch(aws, clock.rate)))
    screen.step(f"The API answers on {front.url}")
    return Running(front.url, base_url, operator_key, site, options.administration, aws)


async def _exact_site(
    stack: AsyncExitStack,
    options: Options,
    screen: Screen,
    state: StateFolder,
    port: int,
    clock: ProductClock,
    base_url: str,
) -> ExactSite:
    if options.exact_url is not None:
        assert options.client_id is not None
        assert options.client_secret is not None
        screen.step(f"Exact is {options.exact_url}; its application must allow {base_url}/oauth/callback")
        return ExactSite(options.exact_url.rstrip("/"), options.client_id, options.client_secret, "")
    sandbox = await Sandbox.start(_INFRA, state, port, options, f"{base_url}/oauth/callback")
    stack.push_async_callback(sandbox.stop)
    if clock != ProductClock():
        await sandbox.set_clock(clock)
    screen.step(f"Exact sandbox on {sandbox.site.url}")
    return sandbox.site


async def _warm_up_in_turn(supervisor: Supervisor) -> None:
    for name in _NEEDED_SOON:
        await supervisor.warm_up([name])


async def _dispatch(aws: LocalAws, rate: float) -> None:
    """Call the dispatcher once for what became due while nothing ran, and more often when the clock runs faster.

    The schedule of the local AWS counts its first minute from the start, and knows real minutes only.
    """
    client = aws.client("lambda")
    while True:
        await asyncio.to_thread(client.invoke, FunctionName=_DISPATCHER, InvocationType="Event", Payload=b"{}")
        if rate <= 1:
            return
        await asyncio.sleep(max(60 / rate, 1))


async def _stop_when_started(starting: asyncio.Task[LocalAws]) -> None:
    if not starting.done():
        starting.cancel()
    (aws,) = await asyncio.gather(starting, return_exceptions=True)
    if isinstance(aws, LocalAws):
        await aws.stop()


async def _stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _parameters(clock: ProductClock, site: ExactSite, base_url: str) -> dict[str, str]:
    return {
        "Stage": STAGE,
        "ExactHosts": f"{_COUNTRY_SITE}={site.url}",
        "PublicBaseUrl": base_url,
        "ClockRate": repr(clock.rate),
        "ClockOrigin": repr(clock.origin),
        "ClockOffset": repr(clock.offset),
    }


def _arrange_secrets(aws: LocalAws, site: ExactSite, stack: Stack) -> str:
    """Do what an operator does once after a deployment: store the application, read the operator's key."""
    secrets = aws.client("secretsmanager")
    secrets.put_secret_value(
        SecretId=f"/{STAGE}/exact/applications/{_COUNTRY_SITE}",
        SecretString=json.dumps(
            {
                "client_id": site.client_id,
                "client_secret": site.client_secret,
                "webhook_secret": site.webhook_secret,
            }
        ),
    )
    key: str = secrets.get_secret_value(SecretId=stack.outputs["OperatorKeySecretName"])["SecretString"]
    return key


def _deployed_functions(aws: LocalAws, template: Template, root: Path) -> list[Deployed]:
    client = aws.client("lambda")
    return [_deployed(client, aws, function, root) for function in template.functions]


def _deployed(client: object, aws: LocalAws, function: Function, root: Path) -> Deployed:
    configuration = client.get_function_configuration(FunctionName=function.name)  # type: ignore[attr-defined]
    environment = {
        **configuration["Environment"]["Variables"],
        **handler_environment(aws.url, function.name),
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(configuration["MemorySize"]),
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "LAMBDA_TASK_ROOT": str(root / "functions"),
        "PYTHONPATH": f"{root / 'functions'}:{root / 'layers/common'}",
    }
    processes = _HTTP_PROCESSES if function.serves_http else _BACKGROUND_PROCESSES
    return Deployed(function.name, function.handler, int(configuration["Timeout"]), processes, environment)


async def run(options: Options, screen: Screen) -> int:
    """Run until the demo is over (``--once``) or a signal comes; return the exit code."""
    work = asyncio.create_task(_work(options, screen))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, work.cancel)
    try:
        return await work
    except asyncio.CancelledError:
        return 0


async def _work(options: Options, screen: Screen) -> int:
    async with AsyncExitStack() as stack:
        stack.callback(screen.step, "Stopped.")
        running = await start(stack, options, screen)
        screen.step(f"Operator key of this local run (Authorization: Bearer): {running.operator_key}")
        code = await show(running, screen) if options.demo else 0
        if not options.once:
            screen.step(f"{running.url} stays up; Ctrl-C stops it.")
            await asyncio.Event().wait()
        screen.step("Stopping ...")
        return code
