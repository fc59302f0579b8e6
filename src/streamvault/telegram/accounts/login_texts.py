"""The texts of `streamvault login` for Telegram's error codes and kinds of login code."""

_REFUSED = {
    "PHONE_NUMBER_INVALID": "that is no phone number: write it with the country's code, such as +15550100",
    "PHONE_NUMBER_UNOCCUPIED": "no Telegram account has this number: make one with Telegram's app first",
    "PHONE_NUMBER_BANNED": "Telegram has banned this number: write to recover@telegram.org",
    "PHONE_NUMBER_FLOOD": "there were too many logins with this number: wait a day",
    "PHONE_PASSWORD_FLOOD": "there were too many wrong passwords: wait a day",
    "PHONE_NUMBER_APP_SIGNUP_FORBIDDEN": "no Telegram account has this number: make one with Telegram's app first",
    "PHONE_CODE_INVALID": "that is not the code",
    "PHONE_CODE_EMPTY": "that is not the code",
    "PHONE_CODE_EXPIRED": "the code is no longer good: run the command again for a new one",
    "PASSWORD_HASH_INVALID": "that is not the password",
    "SentCodeTypeSetUpEmailRequired": "Telegram wants an e-mail address for this account: set it up in Telegram's app",
    "SentCodePaymentRequired": "Telegram wants to be paid for sending a code: log in with Telegram's app first",
}

_SENT = {
    "SentCodeTypeApp": "Telegram has sent a code to your Telegram app",
    "SentCodeTypeSms": "Telegram has sent a code by SMS",
    "SentCodeTypeCall": "Telegram calls you and says a code",
    "SentCodeTypeEmailCode": "Telegram has sent a code by e-mail",
}


def refused(code: str) -> str:
    """Why Telegram refused an answer, by its error code."""
    return _REFUSED.get(code, f"Telegram refuses the login ({code})")


def sent_by(kind: str) -> str:
    """How the login code was sent; `kind` is the name of an auth.SentCodeType."""
    return _SENT.get(kind, "Telegram has sent a code")
