"""Whatever order updates come in, however often, and whichever get lost: each is done once, in order."""

from hypothesis import given
from hypothesis import strategies as st

from streamvault.telegram.updates.state import OWN, AccountState, chat_of, compare_pts, name_of

STEPS = st.lists(st.integers(1, 3), min_size=1, max_size=20)


@given(counts=STEPS, data=st.data())
def test_every_update_is_done_once_and_in_order(counts: list[int], data: st.DataObject) -> None:
    begin = data.draw(st.integers(1, 100))
    ends = [begin + sum(counts[: number + 1]) for number in range(len(counts))]
    pushed = data.draw(st.lists(st.sampled_from(range(len(counts))), max_size=40))
    known, done = begin, []
    for number in pushed:
        match compare_pts(known, ends[number], counts[number]):
            case "next":
                done.append(number)
                known = ends[number]
            case "gap":  # the difference tells all from the place on
                done += [other for other in range(len(counts)) if ends[other] > known]
                known = ends[-1]
    assert done == list(range(len(done)))
    assert known == (ends[len(done) - 1] if done else begin)


def test_the_first_update_of_a_channel_is_where_it_begins() -> None:
    assert compare_pts(None, 700, 1) == "next"


def test_an_update_that_counts_nothing_follows_on_where_it_stands() -> None:
    assert [compare_pts(7, pts, 0) for pts in (6, 7, 8)] == ["old", "next", "gap"]


@given(st.builds(AccountState, st.integers(0, 1 << 31), st.integers(0, 1 << 31), st.integers(0, 1 << 31)))
def test_a_place_survives_being_kept(place: AccountState) -> None:
    assert AccountState.decode(place.encode()) == place


@given(st.sampled_from((OWN, -1001234567890)), st.integers(1, 1 << 40))
def test_a_mark_names_whose_place_it_is(chat_id: int, account: int) -> None:
    assert chat_of(name_of(chat_id, account=account)) == chat_id
