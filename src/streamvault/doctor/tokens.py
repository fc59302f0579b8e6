"""Whether the stored sessions were logged in with the tokens of the settings, which Telegram sees at a login only."""

from collections.abc import Iterator, Mapping

from streamvault.doctor.finding import Finding
from streamvault.telegram.accounts.bot_login import token_digest
from streamvault.telegram.accounts.spec import AccountSpec
from streamvault.telegram.sessions import codec
from streamvault.telegram.sessions.backend import Records


def check_tokens(sessions: Mapping[AccountSpec, Records]) -> Iterator[Finding]:
    """One finding for each bot whose session was made with another token; imported and older sessions name none."""
    for spec, records in sessions.items():
        stored = records.get(codec.TOKEN)
        if spec.token is None or codec.HOME not in records or stored is None:
            continue
        if codec.unpack_plain(stored) != token_digest(spec.token):
            setting = "BOT_TOKEN" if spec.updates else "WORKER_BOT_TOKENS"
            detail = f"the token of bot {spec.account_id} is not the one with which {spec.name} was logged in"
            mend = (
                f"copy it again from @BotFather; if it was renewed there, `streamvault session set-aside {spec.name}`, "
                "and the next start logs in with it"
            )
            yield Finding(setting, "failed", detail, mend)
