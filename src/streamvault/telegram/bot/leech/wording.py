"""What the leech bot says; plain text."""

from streamvault.telegram.bot.leech.status import counted
from streamvault.telegram.bot.texts import Answer, Button

START = "I fetch files from web addresses into a channel of this server. /help says how."
HELP = (
    "/leech ADDRESS (or /l) fetches a file; several addresses may follow, one in each line. As a reply to a message or "
    "a text file, it takes the addresses in that. An address that you send me in private I only take after asking.\n\n"
    "A link to a message of Telegram (t.me/...) takes its file, or its whole album; with ?single behind it that file "
    "alone, with a range such as 5-12 in place of the number the files of all these messages. I have to be in private "
    "chats to see them.\n\n"
    "/ytdlleech ADDRESS (or /yl) fetches the video of a page, or all of a playlist, as far as yt-dlp knows the site; "
    "-s 1,3-5 behind it takes these entries, -s alone has you choose among them by buttons.\n\n"
    "Where the owner of this server allows torrents, I take magnet links and .torrent files, too; -s behind "
    "/leech chooses files in the same way.\n\n"
    "-n NAME behind it names the file; -d posts it as a document, just as it is; -z packs it as a ZIP archive; "
    "-e posts the files in an archive (ZIP, tar, .tar.gz, .tar.bz2, .tar.xz) instead of it.\n\n"
    "/status shows what is going on, with buttons to pause and cancel.\n"
    "/cancel ID ends one job, /cancelall all of yours.\n\n"
    "/rss ADDRESS follows an RSS or Atom feed or a podcast: what is new in it is fetched. -i WORDS takes only items "
    "with one of these words, parted by commas, -x WORDS none with them; -q WORDS takes the best of an episode, "
    "as in -q 1080p, 720p; -a takes what is there already, too; -t names files by their items; "
    "-p has yt-dlp look into items with a web page only. /rss try ADDRESS shows "
    "what would be taken, /rss what is followed, with buttons to remove it."
)
COMMANDS = (
    ("leech", "Fetch a file: /leech ADDRESS"),
    ("ytdlleech", "Fetch the video of a page: /ytdlleech ADDRESS"),
    ("status", "What is going on"),
    ("cancel", "End a job: /cancel ID"),
    ("cancelall", "End all of your jobs"),
    ("rss", "Follow a feed: /rss ADDRESS"),
    ("mirror", "Keep a channel as a copy: /mirror SOURCE TARGET"),
    ("help", "How to use this bot"),
)
NO_ADDRESS = (
    "There is no address in this message: send one that begins with https://, http:// or ftp://, or a link to a "
    "message of Telegram. /help says more."
)
NO_COMMAND = "I do not know this command. /help says what I can do."
FILE_TOO_BIG = "This text file is too big: at most 64 KiB of addresses are read."
TORRENT_TOO_BIG = "This .torrent file is too big: send its magnet link, or its address. At most 256 KiB are read."
NO_TEXT_FILE = "I take addresses, also in a text file (.txt), and .torrent files; this is none of them."
FILE_UNREADABLE = "Telegram does not let me read that file at the moment: please try again in a minute."
NO_CHANNEL = (
    "I do not know where the files go: LEECH_CHANNEL or VAULT_CHANNEL has to name a channel in which I may post."
)
ADDRESSES_GONE = "I cannot see your message with the addresses any more: send it again."
NOT_TAKEN = "Left alone."
UNAVAILABLE = "The database does not answer at the moment: please try again in a minute."
WHICH_JOB = "Which job? /cancel is followed by the id of a job, which /status shows."
NO_JOB = "There is no such job of yours: /status shows the ids."
NOT_YOURS = "This button is not for you."
OLD_STATUS = "This is an old status: /status shows the present one."
NO_JOBS = "Nothing is being leeched."
NOTHING_TO_CANCEL = "There is no job to cancel."
KEPT_ALL = "Nothing was cancelled."
NO_LINKS = "There are no links to this any more: the job is too long ago, or was another person's."
FRESH_LINKS = "These are the links as they are now."
PAUSED, RESUMED, CANCELLED, RETRIED = "Paused.", "It goes on.", "Cancelled.", "It is tried again."


def not_allowed(user_id: int | None) -> str:
    """The sender may not leech; names the id that an owner would have to give the right to."""
    if user_id is None:
        return "I cannot see who you are: write as yourself, not as a channel."
    return f"You may not leech files here: an owner of this server has to allow it to your Telegram id, {user_id}."


def which_to_cancel(person: int, *, mine: int, others: int | None) -> Answer:
    """Asks whether all jobs are to be cancelled. `others`: how many others have, None for who may not cancel them."""
    rows = []
    if mine:
        rows.append((Button(f"Cancel mine ({mine})", data=f"all:mine:{person}"),))
    if others:
        rows.append((Button(f"Cancel everybody's ({mine + others})", data=f"all:every:{person}"),))
    rows.append((Button("No", data=f"all:no:{person}"),))
    total = mine + (others or 0)
    return Answer(f"{counted(total, 'job')} {'has' if total == 1 else 'have'} not ended. Cancel?", tuple(rows))


def cancelled_all(number: int) -> str:
    """So many jobs were cancelled."""
    return f"{counted(number, 'job')} cancelled."
