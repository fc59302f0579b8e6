"""Measurements and their targets, as lines of a Markdown table."""

import os
import platform
import statistics
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

HEADER = (
    "| case | measured: median (min..max) of n | target | verdict | plain sequential reader | ours : sequential |\n"
    "|---|---|---|---|---|---|"
)


@dataclass(frozen=True, slots=True)
class Target:
    """At least (`>=`) or at most (`<=`) `bound`; `worst`: each run has to meet it, not only their median."""

    sign: Literal[">=", "<="]
    bound: float
    worst: bool = False

    def met(self, values: Sequence[float]) -> bool:
        """Whether the runs meet it."""
        if self.sign == ">=":
            return (min(values) if self.worst else statistics.median(values)) >= self.bound
        return (max(values) if self.worst else statistics.median(values)) <= self.bound


@dataclass(slots=True)
class Line:
    """One figure of a case: a value of each run, and of the plain sequential reader in the same run.

    Without a target it is for comparison only. `failed` is a failure independent of the figure, such as a wrong byte;
    `instead` says why nothing was measured.
    """

    case: str
    unit: str = ""
    target: Target | None = None
    values: list[float] = field(default_factory=list)
    sequential: list[float] = field(default_factory=list)
    baseline: str = ""
    failed: str = ""
    instead: str = ""
    note: str = ""

    def add(self, value: float, *, sequential: float | None = None) -> None:
        """Add the value of one run."""
        self.values.append(value)
        if sequential is not None:
            self.sequential.append(sequential)

    def fail(self, why: str) -> None:
        """Mark the line as failed; the first reason is kept."""
        self.failed = self.failed or why

    @property
    def missed(self) -> bool:
        """Whether a target is missed, or something failed."""
        if self.failed:
            return True
        return bool(self.target and self.values and not self.target.met(self.values))

    @property
    def verdict(self) -> str:
        """`met`, `missed`, or what failed; with the note."""
        if self.failed:
            return f"**FAILED: {self.failed}**"
        if self.instead or not self.values:
            return f"not measured: {self.instead or 'no run'}"
        if self.target is None:
            return self.note or "-"
        return ("met" if not self.missed else "**missed**") + (f"; {self.note}" if self.note else "")

    def markdown(self) -> str:
        """The line of the table."""
        target = f"{self.target.sign} {show(self.target.bound)} {self.unit}".strip() if self.target else "-"
        if self.target and self.target.worst:
            target += " in each run"
        cells = (self.case, spread(self.values, self.unit), target, self.verdict, self._baseline(), self._ratio())
        return f"| {' | '.join(cells)} |"

    def _baseline(self) -> str:
        return self.baseline or (spread(self.sequential, self.unit) if self.sequential else "-")

    def _ratio(self) -> str:
        if not self.sequential or len(self.sequential) > len(self.values):
            return "-"
        ratios = [
            value / sequential for value, sequential in zip(self.values, self.sequential, strict=False) if sequential
        ]
        return f"{statistics.median(ratios):.2f}" if ratios else "-"


def spread(values: Sequence[float], unit: str = "") -> str:
    """Median, and minimum and maximum of several runs."""
    if not values:
        return "-"
    middle = f"{show(statistics.median(values))} {unit}".strip()
    if len(values) == 1:
        return f"{middle} (1 run)"
    return f"{middle} ({show(min(values))}..{show(max(values))}) of {len(values)}"


def show(value: float) -> str:
    """A number with two or three significant digits."""
    if abs(value) >= 100 or value == int(value):
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}" if abs(value) >= 0.1 else f"{value:.3f}"


def percentile(values: Iterable[float], share: float) -> float:
    """The value below which that share of all lies, e.g. 0.95."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def heading(command: str) -> str:
    """Machine, date, commit and command."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"`{command}`, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {_commit()}; {_processor()}, "
        f"{os.cpu_count()} cores (load {os.getloadavg()[0]:.1f} at the start), {memory:.0f} GiB, "
        f"{platform.system()} {platform.machine()}, Python {platform.python_version()}."
    )


def _commit() -> str:
    """The commit that is checked out, and whether files differ from it."""
    try:
        found = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=10"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return found.stdout.strip()


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "processor")
