"""Portions of messages: albums whole, in order, replies by themselves."""

from hypothesis import given
from hypothesis import strategies as st

from streamvault.leech.mirror.plan import MOST, complete, groups, runs
from streamvault.leech.mirror.posts import LEFT_OUT, Seen
from tests.support.mirror_memory import film, post


def shown(posts: list[Seen], **options: object) -> list[tuple[str, list[int], int]]:
    found = runs(posts, copied=options.get("copied", ()), done=options.get("done", ()))  # type: ignore[arg-type]
    return [(run.way, [one.id for one in run.posts], run.place) for run in found]


def test_what_goes_by_which_request() -> None:
    text, reply, quiz = post(1, "a"), post(3, "b", reply_to=1), post(4, kind="quiz")
    album = [film(5, album=9), film(6, album=9, reply_to=3)]
    table: tuple[tuple[list[Seen], dict[str, object], list[tuple[str, list[int], int]]], ...] = (
        ([text, post(2)], {}, [("forward", [1, 2], 2)]),
        ([text, reply, post(8)], {}, [("forward", [1], 1), ("send", [3], 3), ("forward", [8], 8)]),
        ([reply], {}, [("forward", [3], 3)]),
        ([reply], {"copied": {1}}, [("send", [3], 3)]),
        ([text, quiz], {}, [("forward", [1], 1), ("forward", [], 4)]),
        ([quiz, post(7)], {}, [("forward", [7], 7)]),
        ([text, *album], {"copied": {3}}, [("forward", [1], 4), ("send", [5, 6], 6)]),
        ([film(1, protected=True), post(2, protected=True)], {}, [("upload", [1], 1), ("send", [2], 2)]),
        ([text, post(2)], {"done": {1}}, [("forward", [2], 2)]),
        ([text, post(2)], {"done": {1, 2}}, [("forward", [], 2)]),
    )
    for posts, options, expected in table:
        found = [(way, ids, place) for way, ids, place in shown(posts, **options)]
        assert [one[:2] for one in found] == [one[:2] for one in expected], posts
        assert found[-1][2] == posts[-1].id


def test_an_album_with_others_in_between_is_one_and_its_place_skips_nobody() -> None:
    posts = [film(1, album=9), post(2), film(3, album=9), post(4)]
    assert [[one.id for one in group] for group in groups(posts)] == [[1, 3], [2], [4]]
    answered = [film(1, album=9), post(2, reply_to=1), film(3, album=9)]
    assert shown(answered) == [("forward", [1, 3], 1), ("send", [2], 3)]


def test_an_album_that_may_go_on_waits_for_the_next_portion() -> None:
    posts = [post(98), film(99, album=9), film(100, album=9)]
    assert [one.id for one in complete(posts, end=100, last=False)] == [98]
    assert complete(posts, end=100, last=True) == posts
    assert complete(posts, end=150, last=False) == posts
    assert complete(posts[1:], end=100, last=False) == posts[1:], "it would never go on"


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans(), st.booleans()), max_size=300))
def test_every_message_goes_once_in_order_and_by_no_more_than_are_allowed(drawn: list[tuple[int, bool, bool]]) -> None:
    posts = []
    for number, (album, quiz, answer) in enumerate(drawn, 1):
        kind, reply = ("quiz" if quiz else "text"), (number - 1 if answer else None)
        posts.append(post(number, kind=kind, album=number // 4 if album > 3 else None, reply_to=reply))
    found = list(runs(posts, copied=()))
    sent = [one.id for run in found for one in run.posts]
    assert sorted(sent) == [one.id for one in posts if one.kind not in LEFT_OUT]
    assert all(len(run.posts) <= MOST for run in found)
    assert [run.place for run in found] == sorted(run.place for run in found)
    assert not posts or found[-1].place == posts[-1].id
    assert sum(sum(run.left_out.values()) for run in found) == len(posts) - len(sent)
    for run in found:
        later = [one.id for other in found[found.index(run) + 1 :] for one in other.posts]
        assert all(id > run.place for id in later) or any(one.album for one in posts)
