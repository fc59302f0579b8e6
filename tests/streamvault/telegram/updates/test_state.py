"""Each update is applied once and in order, whichever are lost, repeated or reordered."""

from hypothesis import given
from hypothesis import strategies as st

from streamvault.telegram.updates.state import ACCOUNT, AccountState, compare_pts, mark_chat_id, mark_name

PTS_COUNTS = st.lists(st.integers(1, 3), min_size=1, max_size=20)


@given(counts=PTS_COUNTS, data=st.data())
def test_every_update_is_applied_once_and_in_order(counts: list[int], data: st.DataObject) -> None:
    first = data.draw(st.integers(1, 100))
    ends = [first + sum(counts[: number + 1]) for number in range(len(counts))]
    pushed = data.draw(st.lists(st.sampled_from(range(len(counts))), max_size=40))
    local, applied = first, []
    for number in pushed:
        match compare_pts(local, ends[number], counts[number]):
            case "apply":
                applied.append(number)
                local = ends[number]
            case "gap":  # the difference holds every update after the local pts
                applied += [other for other in range(len(counts)) if ends[other] > local]
                local = ends[-1]
    assert applied == list(range(len(applied)))
    assert local == (ends[len(applied) - 1] if applied else first)


def test_the_first_update_of_a_channel_is_applied_whatever_its_pts() -> None:
    assert compare_pts(None, 700, 1) == "apply"


def test_an_update_with_a_pts_count_of_zero_is_applied_at_the_local_pts() -> None:
    assert [compare_pts(7, pts, 0) for pts in (6, 7, 8)] == ["ignore", "apply", "gap"]


@given(st.builds(AccountState, st.integers(0, 1 << 31), st.integers(0, 1 << 31), st.integers(0, 1 << 31)))
def test_an_account_state_survives_encoding(state: AccountState) -> None:
    assert AccountState.decode(state.encode()) == state


@given(st.sampled_from((ACCOUNT, -1001234567890)), st.integers(1, 1 << 40))
def test_a_mark_name_holds_its_chat_id(chat_id: int, account: int) -> None:
    assert mark_chat_id(mark_name(chat_id, account=account)) == chat_id
