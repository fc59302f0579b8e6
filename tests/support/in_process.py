"""Jobs of the sandbox, run in this process."""

import importlib
from collections.abc import Awaitable, Callable

from streamvault.reading.sandbox.model import Call, Job, Result
from tests.support.repackaged import FileInMemory


class InProcess:
    """Runs jobs over a file's bytes; tells how many it ran, and the bytes of the file that the last one read."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.jobs = self.read = 0

    async def run(self, job: Job, read: Callable[[range], Awaitable[bytes]]) -> Result:
        self.jobs += 1
        module, _, name = job.function.partition(":")
        sent: list[bytes] = []
        file = FileInMemory(self.data)
        answer = getattr(importlib.import_module(module), name)(Call(file, job.arguments, job.blobs, sent.append))
        self.read = file.count
        return Result(answer, b"".join(sent))
