"""What stands behind /rss."""

import pytest

from streamvault.leech.feeds.model import Rules
from streamvault.telegram.bot.leech.feed_requests import FeedRequest, feed_request
from streamvault.telegram.bot.leech.requests import NotUnderstood

RSS = "https://h/rss?a=1&b=2"


def test_what_is_wanted() -> None:
    for text, expected in (
        ("", FeedRequest("list")), ("  list ", FeedRequest("list")),
        (RSS, FeedRequest("add", RSS)), (f"add {RSS}", FeedRequest("add", RSS)),
        (f"Try {RSS}", FeedRequest("try", RSS)),
        (f"remove {'0' * 16}", FeedRequest("remove", "0" * 16)), (f"unsub {'a' * 16}", FeedRequest("remove", "a" * 16)),
        (f"{RSS} -i 1080p, web dl -x CAM\n-q 2160p,1080p -a -t -d -p",
         FeedRequest("add", RSS, Rules(("1080p", "web dl"), ("CAM",), ("2160p", "1080p"), True, True), True, True)),
        (f"-x Кино, 映画 {RSS}", FeedRequest("add", RSS, Rules(exclude=("Кино", "映画")))),
    ):  # fmt: skip
        assert feed_request(text) == expected, text


def test_what_is_not_understood_is_said() -> None:
    for text, word in (
        ("hello", "I do not know"), ("add", "Which feed"), (f"{RSS} {RSS}", "Which feed"), ("remove", "Which feed"),
        ("remove ../x", "Which feed"), (f"{RSS} -i", "behind -i"), (f"{RSS} -i , -a", "behind -i"),
        (f"{RSS} --exec=x", "I do not know"), ("ftp://h/rss", "I do not know"), (f"try {RSS} x", "I do not know"),
    ):  # fmt: skip
        with pytest.raises(NotUnderstood, match=word):
            feed_request(text)
