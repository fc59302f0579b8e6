"""The text of a status message, whatever the jobs are called."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.leech.model import HELD, Described, Job, Lease, Options, State, Transfer
from streamvault.telegram.bot.leech.status import NOTHING, PAGE, bar, job_name, span, status
from streamvault.telegram.bot.texts import MESSAGE_UNITS, Answer, units

NOW = 10_000.0
MIB = 1 << 20
NASTY = "a</b><a href=x>&lt;_*[.mkv"


def job(number: int = 0, name: str = "film.mkv", **values: object) -> Job:
    made = Job(
        f"{number:016x}", "https://example.org/dl", -100, float(number), transfer=Transfer(Described(name, None))
    )
    return replace(made, **values)  # type: ignore[arg-type]


def code_of(answer: Answer) -> list[str]:
    data = answer.text.encode("utf-16-le")
    return [data[2 * offset : 2 * (offset + length)].decode("utf-16-le") for offset, length in answer.code]


def test_without_jobs() -> None:
    assert status([], page=3, now=NOW) == Answer(NOTHING)


def test_a_transfer_has_a_bar_a_rate_and_a_time() -> None:
    held = job(
        1, state=State.TRANSFERRING, bytes_done=30 * MIB, bytes_total=120 * MIB, rate=1.5 * MIB, lease=Lease("w", 0, 1)
    )
    answer = status([held], page=0, now=NOW)
    assert answer.text == (
        "1 job, 1 running\n\n1. film.mkv\n▰▰▰▱▱▱▱▱▱▱▱▱ 25 %, 30.0 MiB of 120.0 MiB, 1.5 MiB/s, 60 s left\n"
        "transferred\n0000000000000001"
    )
    assert [[(one.label, one.data) for one in row] for row in answer.rows] == [
        [("Pause 1", "pause:0000000000000001"), ("Cancel 1", "cancel:0000000000000001")]
    ]


STATES = {
    "queued": (job(), "waits for its turn"),
    "unknown size": (job(state=State.TRANSFERRING, bytes_done=5 * MIB, rate=MIB), "5.0 MiB, 1.0 MiB/s\ntransferred"),
    "no bytes at all": (job(state=State.JOINING, bytes_total=0), "posted"),
    "waits": (
        job(state=State.WAITING, due=NOW + 200, attempts=2, reason="example.org does not answer"),
        "waits, goes on in 4 min, 2 attempts failed: example.org does not answer",
    ),
    "waits no longer": (job(state=State.WAITING, due=NOW - 1, attempts=1), "waits, 1 attempt failed"),
    "to be paused": (job(state=State.TRANSFERRING, wish="pause"), "is being paused"),
    "to be cancelled": (job(state=State.TRANSFERRING, wish="cancel"), "is being cancelled"),
    "more than all": (
        job(state=State.TRANSFERRING, bytes_done=3, bytes_total=2), "▰▰▰▰▰▰▰▰▰▰▰▰ 100 %, 3 bytes of 2 bytes",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", STATES)
def test_what_happens_is_said(case: str) -> None:
    shown, words = STATES[case]
    assert f"1. film.mkv\n{words}" in status([shown], page=0, now=NOW).text


def test_what_can_be_done_has_buttons() -> None:
    jobs = [
        job(1), job(2, state=State.PAUSED), job(3, wish="pause", state=State.READING),
        job(4, wish="cancel", state=State.READING),
    ]  # fmt: skip
    rows = status(jobs, page=0, now=NOW).rows
    labels = {row[-1].data[-1]: [one.label.split()[0] for one in row] for row in rows}
    assert labels == {
        "1": ["Pause", "Cancel"], "2": ["Resume", "Cancel"], "3": ["Resume", "Cancel"], "4": ["Cancel"],
    }  # fmt: skip


def test_that_telegram_brakes_is_said() -> None:
    """U12."""
    assert "Telegram brakes uploads: they go on in 15 s" in status([job()], page=0, now=NOW, braked=14.2).text
    assert "brakes" not in status([job()], page=0, now=NOW, braked=0.2).text


def test_a_name_is_no_markup() -> None:
    """L3."""
    answer = status([job(5, NASTY)], page=0, now=NOW)
    assert code_of(answer) == [NASTY.rpartition("/")[2], f"{5:016x}"]


def test_twelve_jobs_have_three_pages() -> None:
    """L3: running ones first, then the oldest."""
    jobs = [job(number, f"{number}.mkv") for number in range(11)] + [job(99, "99.mkv", state=State.TRANSFERRING)]
    shown = list[str]()
    for page in range(3):
        answer = status(jobs, page=page, now=NOW)
        assert f"12 jobs, 1 running (page {page + 1} of 3)" in answer.text
        assert [one.data for one in answer.rows[-1]] == [f"jobs:{(page - 1) % 3}", f"jobs:{(page + 1) % 3}"]
        shown += code_of(answer)[::2]
    assert shown == ["99.mkv", *(f"{number}.mkv" for number in range(11))]
    assert status(jobs, page=700, now=NOW) == status(jobs, page=2, now=NOW)


def test_five_hundred_cyrillic_names() -> None:
    """L3, L4."""
    jobs = [job(number, f"{'Очень длинное имя ' * 20}{number}.mkv") for number in range(500)]
    answers = [status(jobs, page=page, now=NOW) for page in range(500 // PAGE)]
    assert all(units(one.text) <= MESSAGE_UNITS for one in answers)
    assert len({name for one in answers for name in code_of(one)[1::2]}) == 500


def test_the_wished_name_is_shown() -> None:
    """L5."""
    assert job_name(job(name="dl.mkv", options=Options("Film"))) == "Film.mkv"
    assert job_name(replace(job(), transfer=Transfer(), source="https://example.org/a%20b.mkv?x=1")) == "a b.mkv"


TEXTS = st.text(st.characters(exclude_categories=()), max_size=300)
NUMBERS = st.integers(-5, 1 << 60)
JOBS = st.builds(
    Job,
    st.text("0123456789abcdef", min_size=16, max_size=16),
    TEXTS.map(lambda text: f"https://example.org/{text}"),
    NUMBERS,
    st.floats(0, 1e9),
    options=st.builds(Options, st.none() | TEXTS),
    state=st.sampled_from(list(State)),
    reason=st.none() | TEXTS,
    wish=st.sampled_from([None, "pause", "cancel"]),
    attempts=st.integers(0, 99),
    due=st.floats(0, 1e9),
    bytes_done=NUMBERS,
    bytes_total=st.none() | NUMBERS,
    rate=st.floats(0, 1e12),
    transfer=st.builds(Transfer, st.none() | st.builds(Described, TEXTS, st.none() | NUMBERS)),
)


@given(st.lists(JOBS, max_size=12), st.integers(-3, 9), st.floats(0, 1e6))
def test_any_jobs_can_be_shown(jobs: list[Job], page: int, braked: float) -> None:
    answer = status(jobs, page=page, now=NOW, braked=braked)
    assert answer.text.strip()
    assert units(answer.text) <= MESSAGE_UNITS
    answer.text.encode()
    assert all(offset >= 0 and length > 0 and offset + length <= units(answer.text) for offset, length in answer.code)
    assert len(code_of(answer)) == len(answer.code)
    buttons = [one for row in answer.rows for one in row]
    assert len(buttons) <= 100
    assert all(len(one.data.encode()) <= 64 and one.label for one in buttons)


@given(st.integers(0, 1 << 50), st.integers(1, 1 << 50))
def test_a_bar_is_full_only_in_the_end(done: int, total: int) -> None:
    assert ("▱" not in bar(done, total)) == (done >= total)
    assert len(bar(done, total)) == 12


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "1 s"),
        (0.2, "1 s"),
        (89.5, "90 s"),
        (90, "2 min"),
        (5280, "88 min"),
        (5399, "1 h 29 min"),
        (5400, "1 h 30 min"),
        (200_000, "2 days"),
    ],
)
def test_times_have_words(seconds: float, words: str) -> None:
    assert span(seconds) == words


def test_every_held_state_counts_as_running() -> None:
    jobs = [job(number, state=state) for number, state in enumerate(sorted(HELD))]
    assert f"{len(HELD)} jobs, {len(HELD)} running" in status(jobs, page=0, now=NOW).text
