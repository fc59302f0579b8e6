"""A job that runs another one, and tells the memory that its process took."""

import importlib
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from streamvault.reading.sandbox.model import Call, Job

_NAME = f"{__name__}:measured"


def wrapped(job: Job) -> Job:
    """The job, whose answer tells `peak`, the largest resident memory, and `own`, what it shares with nobody; bytes."""
    return replace(job, function=_NAME, arguments={"function": job.function, "arguments": dict(job.arguments)})


def measured(call: Call) -> Mapping[str, Any]:
    """A JobFunction."""
    module, _, name = call.arguments["function"].partition(":")
    function = getattr(importlib.import_module(module), name)
    answer = function(Call(call.file, call.arguments["arguments"], call.blobs, call.write))
    peak = _kib("/proc/self/status", "VmHWM")
    own = _kib("/proc/self/smaps_rollup", "Private_Dirty") + _kib("/proc/self/smaps_rollup", "Private_Clean")
    return {**answer, "peak": peak << 10, "own": own << 10}


def _kib(path: str, name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+) kB", Path(path).read_text(), re.MULTILINE)
    return int(found[1]) if found else 0
