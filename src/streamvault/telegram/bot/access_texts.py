"""The bot's texts about log-ins, people and channels: plain text, as in `texts`."""

from collections.abc import Sequence

from streamvault.access.identity import Person
from streamvault.access.login import Pending, shown_code
from streamvault.indexing.offers import Offer
from streamvault.telegram.bot.texts import Answer, Button, display_name

MEMBER_COMMANDS = (("login", "Log in to the web page"),)
OWNER_COMMANDS = (
    ("invite", "Let somebody in"),
    ("people", "Who is a member"),
    ("channels", "Channels that others added me to"),
)
MEMBER_HELP = "/login gives you a link that logs a browser in; /login CODE confirms a page that shows a code."
OWNER_HELP = (
    f"{MEMBER_HELP}\n\n"
    "/invite makes a link that lets somebody in; as a reply to a message, or with a numeric id, it lets that person "
    "in. /people lists the members, /channels the channels that others than owners added me to."
)

IN_PRIVATE = "Write that to me in private: here everybody could read the answer."
UNAVAILABLE = "The database does not answer at the moment: please try again in a minute."
FAILED = "Something went wrong on my side, the server's log says what."
NO_LOGIN = "No page waits under this code: each is valid for 5 minutes. Reload the page, it then shows a new one."
TOO_MANY_INVITATIONS = "You have many invitations that nobody has used: withdraw some of them, or wait."
TOO_MANY_LINKS = "You have many log-in links that nobody has used: use one of them, or wait 5 minutes."

CONFIRMED = "Confirmed: that browser is logged in as you."
WRONG_NUMBER = (
    "That is not the number that the page shows, so the log-in was ended. Did somebody else ask you to confirm it? "
    "Then they tried to get in as you: do not answer them. If it was your page, reload it and begin anew."
)
NOT_ME = "Refused: that browser is not logged in. Nobody can use that code any more."
EXPIRED = "This has expired: it was valid for 5 minutes. Reload the page, it then shows a new code."
ANSWERED = "This was answered already."
NOT_YOURS = "This button is not for you."
OLD_BUTTON = "This button has expired."

INVITE_HOW = (
    "Send /invite alone for a link, /invite and a numeric Telegram id, or /invite as a reply to a message or a contact "
    "of the person."
)
UNKNOWN_PERSON = "Telegram does not tell me who that is. Send /invite alone for a link that you can pass on."
BAD_INVITATION = "This invitation is used up or older than 24 hours: ask for a new one."
WITHDRAWN = "This invitation is withdrawn: its link lets nobody in."
INVITATION_OVER = "This invitation was used up, or is older than 24 hours."
WELCOME = "You are a member now. /login gives you a link that logs a browser in."
IS_MEMBER = "You are a member already. /login gives you a link that logs a browser in."
NOBODY = "Nobody is a member yet. /invite lets somebody in."
NO_OFFERS = "Every channel that I am in is served, or was added by nobody but its owners: there is nothing to choose."
CHANNELS_SET = "CHANNELS says which channels are served: change it there, and start the server again."
NOT_IN_IT = "I am not in that chat any more."
LISTED = 20
"""People, or chats, in one message ..."""
SHORT, LABEL = 40, 30
"""... and the characters of their names in it and on its buttons, so that any fit into MESSAGE_UNITS."""


def once_link(url: str, *, buttons: bool) -> Answer:
    """The link that logs one browser in."""
    text = (
        f"Open this link in the browser that you want to log in:\n\n{url}\n\nIt works once, within 5 minutes. Keep it "
        "to yourself: whoever opens it is logged in as you."
    )
    return Answer(text, ((Button("Log in", url=url),),) if buttons else ())


def confirmation(pending: Pending) -> Answer:
    """Asks whether the browser is the person's, and which number it shows. The data of the buttons: see logging_in."""
    text = (
        f"A browser wants to be logged in as you.\n\nBrowser: {pending.browser}\nAddress: {pending.address}\n"
        f"Code: {shown_code(pending.code)}\n\nOnly confirm if you see this page before you, and nobody sent you its "
        "code. Which number does the page show?"
    )
    data = f"login:{pending.code}:{pending.key}"
    numbers = tuple(Button(str(number), data=f"{data}:{number}") for number in pending.numbers)
    return Answer(text, (numbers, (Button("It was not me", data=f"{data}:no"),)))


def too_many(seconds: float) -> str:
    """Too many wrong codes."""
    return f"Too many wrong codes: please try again in {max(1, round(seconds / 60))} min."


def invitation(url: str, token: str) -> Answer:
    """The link that makes somebody a member, with a button that withdraws its token."""
    return Answer(
        f"Whoever opens this link first becomes a member:\n\n{url}\n\nIt works once, within 24 hours.",
        ((Button("Withdraw", data=f"withdraw:{token}"),),),
    )


def admitted(person: Person, *, new: bool) -> str:
    """A person was made a member."""
    return f"{_named(person)} is a member now: /login lets them in." if new else f"{_named(person)} may log in already."


def people(members: Sequence[Person], start: int = 0) -> Answer:
    """The members from number `start` on, with a button to remove each."""
    if not members:
        return Answer(NOBODY)
    buttons = [Button(f"Remove {display_name(one.name, LABEL)}", data=f"drop:{one.id}") for one in members]
    return _page("Members:", [_named(one) for one in members], buttons, start=start, more="people")


def offers(
    found: Sequence[Offer], start: int = 0, *, intro: str = "These chats are not served, as no owner added me to them:"
) -> Answer:
    """Chats that may be served, from number `start` on, with a button for each."""
    if not found:
        return Answer(NO_OFFERS)
    lines = [f"{display_name(one.title, SHORT)}, {_added_by(one)}" for one in found]
    buttons = [Button(f"Serve {display_name(one.title, LABEL)}", data=f"serve:{one.chat_id}") for one in found]
    return _page(intro, lines, buttons, start=start, more="channels")


def _page(intro: str, lines: Sequence[str], buttons: Sequence[Button], *, start: int, more: str) -> Answer:
    """LISTED lines with their buttons, and one that shows the next ones: its data is `more:START`."""
    start = start if start < len(lines) else 0
    end = start + LISTED
    rows = [(one,) for one in buttons[start:end]]
    text = [intro, *(f"{number}. {line}" for number, line in enumerate(lines[start:end], start + 1))]
    if end < len(lines):
        text.append(f"... and {len(lines) - end} more")
        rows.append((Button("More", data=f"{more}:{end}"),))
    elif start:
        rows.append((Button("First page", data=f"{more}:0"),))
    return Answer("\n".join(text), tuple(rows))


def new_offer(offer: Offer) -> Answer:
    """Somebody has added the bot to a chat."""
    return offers([offer], intro="I was added to a chat by somebody who is no owner, so it is not served:")


def _added_by(offer: Offer) -> str:
    if offer.by is None:
        return "Telegram does not say who added me"
    return f"added by {display_name(offer.by.name or 'user', SHORT)} ({offer.by.user_id})"


def _named(person: Person) -> str:
    return f"{display_name(person.name, SHORT)} ({person.id})" if person.name else f"User {person.id}"
