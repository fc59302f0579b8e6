"""Who may control what plays in the call of a chat."""

from dataclasses import dataclass
from enum import StrEnum


class Control(StrEnum):
    """Who may control calls, beside owners and those with the right `voice`."""

    OWNERS = "owners"
    ADMINS = "admins"
    """Also the admins of the chat."""
    EVERYONE = "everyone"
    """Also everybody in the chat."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks in a chat: `granted`: an owner, or a person with the right `voice`; `admin`: of the chat."""

    granted: bool
    admin: bool


def may_control(asker: Asker, control: Control) -> bool:
    """Whether they may pause, skip, seek, empty and change what others have added."""
    return asker.granted or control is Control.EVERYONE or (control is Control.ADMINS and asker.admin)
