"""Puts the web UI into a wheel or source archive: built by `make ui` where it was not built yet."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PAGE = Path("src", "streamvault", "http", "ui", "index.html")


class UiHook(BuildHookInterface[Any]):
    """Runs before the files of an archive are collected."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the UI; an editable installation has it when `make` builds it. Raises RuntimeError where it cannot."""
        root = Path(self.root)
        if version == "editable" or (root / PAGE).exists():
            return
        make = shutil.which("make")
        if make is None or not (root / "webui" / "package.json").exists():
            raise RuntimeError(f"{PAGE} is missing: run `make ui` in a clone of StreamVault before")
        subprocess.run([make, "--no-print-directory", "ui"], cwd=root, check=True)  # noqa: S603
