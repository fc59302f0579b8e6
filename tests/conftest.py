"""What all tests share: a loop whose clock a busy machine cannot push ahead, and how processes divide the tests."""

import asyncio
import gc
import os
import signal
from collections import defaultdict
from collections.abc import Callable, Generator
from itertools import zip_longest
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from streamvault.process import freeze_garbage
from tests.support import secrets_made, steady_loop
from tests.support.proof import full

steady_loop.install()
secrets_made.install()

# what starts in the background of a script ignores it, and so would every program that a test starts
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("shared machine", deadline=None, derandomize=not full(), max_examples=100 if full() else 40)
settings.load_profile("shared machine")

APART = {
    f"tests/e2e/test_{name}.py"
    for name in (
        "backfill",
        "bad_starts",
        "clock",
        "database_away",
        "doctor",
        "faults",
        "floods",
        "process",
        "proxies",
        "restarts",
        "two_processes",
    )
}
"""Files whose tests share nothing and take long each: any process may take any of them."""

DEMO = {
    f"tests/e2e/test_{name}.py": scope
    for scope, names in {
        "demo, watching": ("browser", "demo", "demo_login", "films", "lighthouse", "nothing_foreign", "playing"),
        "demo, pages": ("hostile_names", "playing_trouble", "ui_journeys", "ui_pages", "ui_ways"),
    }.items()
    for name in names
}
"""Files whose tests look at `streamvault demo`, and the scope of each: two processes start it once each. No other scope
takes as long, so that these begin first.
"""


def scope_of(nodeid: str) -> str:
    """Name of the tests that one process runs one after another, of which the test with this id is one."""
    file = nodeid.partition("::")[0]
    if file in DEMO:
        return DEMO[file]
    return nodeid if file in APART else file


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"steady": steady_loop.SteadyLoop}


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first; then files of e2e, which wait a lot, take turns with files that compute: the processors have
    work meanwhile.
    """
    scopes: dict[str, list[pytest.Item]] = {}
    for item in items:
        scopes.setdefault(scope_of(item.nodeid), []).append(item)
    first = [scopes.pop(scope) for scope in dict.fromkeys(DEMO.values()) if scope in scopes]
    waiting = [scopes.pop(scope) for scope in list(scopes) if scope.startswith("tests/e2e/")]
    turns = [file for turn in zip_longest(waiting, scopes.values()) for file in turn if file is not None]
    items[:] = [item for file in (*first, *turns) for item in file]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Nothing that is loaded meanwhile is garbage: to look for some took a sixth of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_finish() -> None:
    """What is loaded by now stays: each full collection of garbage would traverse half a million objects of it."""
    freeze_garbage()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test that leaves a secret in what was printed or logged."""
    report = yield
    if report.when == "call" and report.passed:
        folder = getattr(item, "funcargs", {}).get("tmp_path")
        found = secrets_made.left_by((text for _, text in report.sections), folder)
        if found:
            report.outcome = "failed"
            report.longrepr = f"secrets were printed or logged: {', '.join(found)}"
    return report


class Scheduling(LoadScopeScheduling):  # type: ignore[misc]
    """One process runs all tests of a file, except as APART and DEMO say. (xdist 3.8 finds no groups in pytest 9.2.)"""

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling:
    return Scheduling(config, log)


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """In CI: which test took longest (fixtures included), which ended last, and which failed last."""
    if os.environ.get("CI") != "true":
        return
    reports = [one for kind in terminalreporter.stats.values() for one in kind if isinstance(one, pytest.TestReport)]
    if not reports:
        return
    seconds: defaultdict[str, float] = defaultdict(float)
    for report in reports:
        seconds[report.nodeid] += report.duration
    last = max(reports, key=lambda report: report.stop)
    failed = max((report for report in reports if report.failed), key=lambda report: report.stop, default=None)
    terminalreporter.section("slowest, last and failed test")
    for what, name in (
        ("slowest", max(seconds, key=lambda name: seconds[name])),
        ("ended last", last.nodeid),
        ("failed last", failed.nodeid if failed is not None else None),
    ):
        terminalreporter.line(f"{what}: " + ("none" if name is None else f"{name} ({seconds[name]:.2f} s)"))
