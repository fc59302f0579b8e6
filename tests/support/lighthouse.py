"""Lighthouse, as `make proof` installs it into tests/lighthouse, on a page in Debian's Chromium: its phone preset."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.programs import program

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "tests" / "lighthouse"
CATEGORIES = ("performance", "accessibility", "best-practices")
_CHROME = "--headless=new --no-sandbox --disable-gpu --disable-software-rasterizer --disable-quic"
"""Without the software renderer, whose start holds the first picture up for two seconds now and then."""
_SECONDS = 300


def scores(url: str) -> tuple[dict[str, int], list[str]]:
    """The score of each category, 0 to 100, and what cost points: its audits with their values."""
    report = _report(url)
    found = {name: round(100 * report["categories"][name]["score"]) for name in CATEGORIES}
    audits = [report["audits"][one["id"]] for name in CATEGORIES for one in report["categories"][name]["auditRefs"]]
    faults = {
        one["id"]: f"{one['id']}: {one['score']} {one.get('displayValue', '')}"
        for one in audits
        if one["score"] is not None and one["score"] < 0.9
    }
    return found, list(faults.values())


def _report(url: str) -> dict[str, Any]:
    if not (FOLDER / "node_modules" / "lighthouse").is_dir():
        pytest.fail("Lighthouse is not installed: run the tests by `make proof`", pytrace=False)
    command = [
        str(ROOT / "webui" / "scripts" / "npm.sh"), "run", "--silent", "lighthouse", "--", url, "--quiet",
        "--output=json", f"--only-categories={','.join(CATEGORIES)}", f"--chrome-flags={_CHROME}",
    ]  # fmt: skip
    environment = os.environ | {"CHROME_PATH": program("chromium")}
    run = subprocess.run(command, cwd=FOLDER, env=environment, capture_output=True, text=True, timeout=_SECONDS)
    assert run.returncode == 0, run.stderr
    report: dict[str, Any] = json.loads(run.stdout)
    assert "runtimeError" not in report, report["runtimeError"]
    return report
