"""CPU, memory and descriptors of a process, from /proc (Linux only)."""

import os
import re
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


def cpu_seconds(pid: int) -> float:
    """User and system time of a process with all its threads, and of its children."""
    total = 0.0
    for number in _tree(pid):
        fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
        total += (int(fields[11]) + int(fields[12])) / _TICK
    return total


def rss(pid: int) -> int:
    """Resident memory of a process and its children now, in bytes."""
    return sum(int(Path(f"/proc/{number}/statm").read_text().split()[1]) * _PAGE for number in _tree(pid))


def open_files(pid: int) -> dict[int, str]:
    """The target of each file descriptor, such as `socket:[4711]`."""
    found = {}
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found[int(entry.name)] = str(entry.readlink())
        except FileNotFoundError:
            continue  # closed meanwhile
    return found


def kept_files(pid: int) -> int:
    """The number of descriptors without those of the disk cache, about 64 that come and go."""
    return sum("/cache/" not in name for name in open_files(pid).values())


def connected_to(pid: int, ports: set[int]) -> int:
    """The number of TCP connections of a process to one of these ports."""
    lines = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    there = {f"socket:[{fields[9]}]" for fields in lines if int(fields[2].rpartition(":")[2], 16) in ports}
    return sum(name in there for name in open_files(pid).values())


def file_limit(pid: int) -> tuple[int, int]:
    """RLIMIT_NOFILE, soft and hard."""
    found = re.search(r"Max open files\s+(\d+)\s+(\d+)", Path(f"/proc/{pid}/limits").read_text())
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _tree(pid: int) -> list[int]:
    """The process and all its descendants."""
    found = [pid]
    for thread in Path(f"/proc/{pid}/task").iterdir():
        try:
            children = (thread / "children").read_text().split()
        except FileNotFoundError:
            continue  # a thread that has ended, or a kernel without this file
        for child in children:
            found += _tree(int(child))
    return found
