"""Log lines in both forms, and without secrets."""

import asyncio
import json
import logging
from collections.abc import Iterator

import pytest

from streamvault.logs.bounds import LINES, MOST_TEXT
from streamvault.logs.setup import configure_logging

TOKEN = "123456789:AAabcdefghijklmnopqrstuvwxyz012345"


@pytest.fixture(autouse=True)
def restore_root_logger() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


@pytest.mark.parametrize("form", ["console", "json"])
def test_secrets_are_redacted(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("INFO", form, secrets=["hunter2hunter2"])
    try:
        raise ValueError(f"token {TOKEN}")
    except ValueError:
        logging.getLogger("test").exception("key %s at /stream/-1001/2?token=abc.def&x=1", "hunter2hunter2")
    written = capsys.readouterr().err
    assert "token=***&x=1" in written
    for secret in ("hunter2hunter2", TOKEN, "abc.def"):
        assert secret not in written


def test_secrets_are_redacted_in_lines_that_stand_for_others(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("INFO", "console", secrets=["hunter2hunter2"])
    for number in range(LINES + 9):
        logging.getLogger("test").warning("%s", "x" * (MOST_TEXT - 10 + number) + "hunter2hunter2")
        logging.getLogger("test").error("key %s at /stream/-1001/2?token=%d.def", "hunter2hunter2", number)
    logging.getLogger().handlers[0].close()
    written = capsys.readouterr().err
    assert "9 more lines like this within a minute: key *** at /stream/-1001/2?token=***" in written
    assert "hunter2" not in written
    assert ".def" not in written


def test_json_lines_are_one_object_each(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("INFO", "json")
    logging.getLogger("some.part").warning("first\nsecond %d", 7)
    line = json.loads(capsys.readouterr().err)
    assert line["message"] == "first\nsecond 7"
    assert line["level"] == "WARNING"
    assert line["logger"] == "some.part"


def test_kurigrams_debug_lines_are_not_logged(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("DEBUG", "console")
    logging.getLogger("pyrogram.session.session").debug("Sent: everything")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("level", ["INFO", "WARNING"])
def test_requests_cancelled_at_shutdown_are_not_logged_as_errors(
    level: str, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(level, "console")
    uvicorn = logging.getLogger("uvicorn.error")
    uvicorn.error("Cancel %s running task(s), timeout graceful shutdown exceeded", 3)
    uvicorn.error("Exception in ASGI application", exc_info=asyncio.CancelledError("the end"))
    said = capsys.readouterr().err
    assert ("cancelled at shutdown: Cancel 3" in said) == (level == "INFO")
    assert "ERROR" not in said
    uvicorn.error("Exception in ASGI application", exc_info=ValueError("a defect"))
    assert "ValueError: a defect" in capsys.readouterr().err
