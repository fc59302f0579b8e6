"""Programs of the system as a child finds them: in a folder of their own, each started by `launch`."""

import os
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from streamvault.leech.children.running import LAUNCH

_SCRIPT = """#!{python} -IS
import runpy, sys
sys.argv[1:1] = ["0,0,0,0,0,0", {program!r}]
runpy.run_path({launch!r}, run_name="__main__")
"""
_LONGEST_FIRST_LINE = 127
"""Bytes that every Linux reads of it."""


@dataclass(frozen=True, slots=True)
class Tools:
    """Programs in a folder, by their names."""

    folder: Path
    names: frozenset[str] = frozenset()


def install_tools(folder: Path, names: Iterable[str]) -> Tools:
    """Put programs into a folder as far as this machine has them; none where files in it may not be run."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    first = f"#!{sys.executable} -IS\n"
    if os.statvfs(folder).f_flag & os.ST_NOEXEC or len(first.encode()) > _LONGEST_FIRST_LINE or " " in sys.executable:
        return Tools(folder)
    found = {name: path for name in names if (path := shutil.which(name))}
    for name, path in found.items():
        script = folder / name
        script.unlink(missing_ok=True)
        script.write_text(_SCRIPT.format(python=sys.executable, program=path, launch=str(LAUNCH)))
        script.chmod(0o500)
    return Tools(folder, frozenset(found))
