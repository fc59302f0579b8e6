"""Methods for users only that are not implemented.

A bot gets BOT_METHOD_INVALID, as from Telegram; a user gets the error for an unknown method.
Source: "Bots can use this method" on core.telegram.org/methods.
"""

import logging
from typing import Any

from pyrogram import raw

from tgemulator.errors import RpcError
from tgemulator.services.registry import METHODS, Call, method

log = logging.getLogger(__name__)

_account, _channels, _contacts = raw.functions.account, raw.functions.channels, raw.functions.contacts
_folders, _messages, _phone = raw.functions.folders, raw.functions.messages, raw.functions.phone
_photos = raw.functions.photos

USERS_ONLY = (
    _account.CheckUsername,
    _account.GetNotifySettings,
    _account.GetPrivacy,
    _account.GetWebAuthorizations,
    _account.InitTakeoutSession,
    _account.RegisterDevice,
    _account.SetPrivacy,
    _account.UpdateNotifySettings,
    _account.UpdateProfile,
    _account.UpdateUsername,
    _channels.CheckUsername,
    _channels.GetAdminedPublicChannels,
    _channels.GetAdminLog,
    _channels.GetGroupsForDiscussion,
    _channels.GetLeftChannels,
    _channels.UpdateUsername,
    _contacts.AddContact,
    _contacts.DeleteContacts,
    _contacts.GetBlocked,
    _contacts.GetContactIDs,
    _contacts.GetStatuses,
    _contacts.GetTopPeers,
    _contacts.ImportContacts,
    _contacts.Search,
    _folders.EditPeerFolders,
    _messages.CheckChatInvite,
    _messages.ClearAllDrafts,
    _messages.DeleteHistory,
    _messages.GetAllDrafts,
    _messages.GetAllStickers,
    _messages.GetCommonChats,
    _messages.GetDialogFilters,
    _messages.GetDialogUnreadMarks,
    _messages.GetDiscussionMessage,
    _messages.GetInlineBotResults,
    _messages.GetPeerSettings,
    _messages.GetPinnedDialogs,
    _messages.GetRecentStickers,
    _messages.GetReplies,
    _messages.GetSavedGifs,
    _messages.GetScheduledHistory,
    _messages.GetSearchCounters,
    _messages.GetUnreadMentions,
    _messages.GetWebPage,
    _messages.GetWebPagePreview,
    _messages.ImportChatInvite,
    _messages.MarkDialogUnread,
    _messages.ReadMentions,
    _messages.SaveDraft,
    _messages.SearchGlobal,
    _messages.SendScreenshotNotification,
    _messages.SendVote,
    _messages.ToggleDialogPin,
    _phone.AcceptCall,
    _phone.DiscardCall,
    _phone.GetCallConfig,
    _phone.RequestCall,
    _photos.DeletePhotos,
    _photos.UpdateProfilePhoto,
    _photos.UploadProfilePhoto,
)


@method(*USERS_ONLY, bots=False)
async def not_implemented(call: Call, query: Any) -> Any:
    """RpcError 400 INPUT_METHOD_INVALID, logged and counted like any unknown method."""
    name = METHODS[query.ID].name
    call.server.counters.add("unknown_methods", method=name)
    log.warning("DC%d: unknown method %s", call.dc_id, name)
    raise RpcError(400, f"INPUT_METHOD_INVALID_{query.ID}")
