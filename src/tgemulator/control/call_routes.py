"""Routes of the control API for group calls; docstrings give path, arguments and answer.

`chat` is the group or channel of the call; its last call is meant where one that has ended will do.
"""

import asyncio
from dataclasses import asdict
from typing import Any

from tgemulator.control.arguments import Arguments, ControlError
from tgemulator.control.lookup import find_chat, find_user
from tgemulator.emulator import Emulator
from tgemulator.services.call_media import seat_of
from tgemulator.sfu.pictures import frames
from tgemulator.sfu.recording import Recording
from tgemulator.sfu.sound import gaps, tones
from tgemulator.world.call_model import CallParticipant, GroupCall
from tgemulator.world.model import Chat, User

_MOST_HERTZ = 3900


async def _create(emulator: Emulator, arguments: Arguments, path: tuple[str, ...]) -> Any:
    """POST /calls {"chat", "by"?, "title"?, "schedule_date"?, "stream"?: "chunks" or "rtmp"}: the call."""
    chat = find_chat(emulator, arguments.take("chat", int))
    by = find_user(emulator, arguments.take("by", int)) if arguments.has("by") else None
    title, date = arguments.take("title", str, default=""), arguments.take("schedule_date", int, default=None)
    stream = arguments.take("stream", str, default=None)
    arguments.finish()
    if stream not in (None, "chunks", "rtmp"):
        raise ControlError(400, "'stream' must be chunks or rtmp")
    try:
        call = emulator.world.calls.create(chat, by=by, title=title, schedule_date=date, stream=stream)
    except ValueError as error:
        raise ControlError(400, str(error)) from None
    return _described(emulator, call)


async def _list(emulator: Emulator, arguments: Arguments, path: tuple[str, ...]) -> Any:
    """GET /calls: every call, those that have ended included."""
    arguments.finish()
    return [_described(emulator, call) for call in emulator.world.calls_by_id.values()]


async def _start(emulator: Emulator, arguments: Arguments, path: tuple[str, ...]) -> Any:
    """POST /calls/start {"chat"}: begins a scheduled call; the call."""
    call = _running(emulator, find_chat(emulator, arguments.take("chat", int)))
    arguments.finish()
    if call.schedule_date is None:
        raise ControlError(400, "the call has begun already")
    emulator.world.calls.start(call)
    return _described(emulator, call)


async def _discard(emulator: Emulator, arguments: Arguments, path: tuple[str, ...]) -> Any:
    """POST /calls/discard {"chat"}: ends the call; the call."""
    call = _running(emulator, find_chat(emulator, arguments.take("chat", int)))
    arguments.finish()
    emulator.world.calls.discard(call)
    return _described(emulator, call)


async def _settings(emulator: Emulator, arguments: Arguments, path: tuple[str, ...]) -> Any:
    """POST /calls/settings {"chat", "join_muted"?, "listeners_hidden"?, "video_limit"?, "invite"?: a hash that lets its
    holder speak}: the call.
    """
    call = _running(emulator, find_chat(emulator, arguments.take("chat", int)))
    muted, hidden = (
        arguments.take("join_muted", bool, default=None),
        arguments.take("listeners_hidden", bool, default=None),
    )
    limit, invite = arguments.take("video_limit", int, default=None), arguments.take("invite", str, default=None)
    arguments.finish()
    call.join_muted = call.join_muted if muted is None else muted
    call.listeners_hidden = call.listeners_hidden if hidden is None else hidden
    call.video_limit = call.video_limit if limit is None else limit
    if invite:
        call.invites[invite] = True
    emulator.world.calls.tell(call, by=None)
    return _described(emulator, call)


async def _join(emulator: Emulator, arguments: Arguments, path: tuple[str, ...]) -> Any:
    """POST /calls/participants {"chat", "user", "as"?: a channel, "muted"?, "hidden"?, "tone"?: Hz, "join"?: false}

    Adds a simulated participant, which listens, or speaks a tone; (`join` false) it leaves, as if by itself. The call.
    """
    call = _running(emulator, find_chat(emulator, arguments.take("chat", int)))
    user = find_user(emulator, arguments.take("user", int))
    peer = find_chat(emulator, arguments.take("as", int)).peer if arguments.has("as") else None
    muted, hidden = arguments.take("muted", bool, default=False), arguments.take("hidden", bool, default=False)
    tone, join = arguments.take("tone", int, default=None), arguments.take("join", bool, default=True)
    arguments.finish()
    if tone is not None and not 0 < tone <= _MOST_HERTZ:
        raise ControlError(400, f"'tone' must be between 1 and {_MOST_HERTZ} Hz")
    if not join:
        emulator.world.calls.leave(call, _participant(call, user))
        return _described(emulator, call)
    one = emulator.world.calls.join(call, user, peer=peer, muted=muted, hidden=hidden)
    if tone is not None:
        emulator.speak(call, one, frequency=tone)
    return _described(emulator, call)


async def _mute(emulator: Emulator, arguments: Arguments, path: tuple[str, ...]) -> Any:
    """POST /calls/mute {"chat", "user", "muted"?: false lets it speak again}: as an administrator; the call."""
    call = _running(emulator, find_chat(emulator, arguments.take("chat", int)))
    user, muted = find_user(emulator, arguments.take("user", int)), arguments.take("muted", bool, default=True)
    arguments.finish()
    one = _participant(call, user)
    one.may_speak, one.muted = not muted, True
    emulator.world.calls.update(call, one)
    return _described(emulator, call)


async def _kick(emulator: Emulator, arguments: Arguments, path: tuple[str, ...]) -> Any:
    """POST /calls/kick {"chat", "user"}: an administrator takes the account out of chat and call; the call."""
    chat = find_chat(emulator, arguments.take("chat", int))
    call, user = _running(emulator, chat), find_user(emulator, arguments.take("user", int))
    arguments.finish()
    if user.id not in chat.members or user.id == chat.creator_id:
        raise ControlError(400, f"account {user.id} is not in the chat, or its creator")
    emulator.world.remove_member(chat, user)
    return _described(emulator, call)


async def _heard(emulator: Emulator, arguments: Arguments, path: tuple[str, ...]) -> Any:
    """GET /calls/heard?chat=&user=[&as=][&since=][&window=]: what the media server has heard of an account.

    `as`: the channel under which it was in the call, if it has left. `since` in Unix milliseconds, `window` in
    milliseconds (500). {"connected", "closed", "packets", "bytes", "tones": [{"at", "frequency", "level"}], "gaps":
    [[at, seconds]], "frames": of the largest layer of video}; times in Unix seconds, silence has the frequency null.
    """
    chat, user = find_chat(emulator, arguments.take("chat", int)), find_user(emulator, arguments.take("user", int))
    peer = find_chat(emulator, arguments.take("as", int)) if arguments.has("as") else None
    since, window = arguments.take("since", int, default=0) / 1000, arguments.take("window", int, default=500) / 1000
    arguments.finish()
    if not 0.05 <= window <= 60:
        raise ControlError(400, "'window' must be between 50 and 60000")
    call = _last(emulator, chat)
    one = call.of_account(user.id)
    if peer is not None:
        return await asyncio.to_thread(_judged, emulator.recording(call, peer), since=since, window=window)
    recording = emulator.sfu.recording(seat_of(call, one)) if one else emulator.recording(call, user)
    return await asyncio.to_thread(_judged, recording, since=since, window=window)


def _judged(recording: Recording, *, since: float, window: float) -> dict[str, Any]:
    """What a recording holds, decoded."""
    sound, video = recording.audio(since=since), recording.video(since=since)
    return {
        "connected": recording.connected,
        "closed": recording.closed,
        "packets": len(sound) + len(video),
        "bytes": sum(len(arrival.packet.payload) for arrival in (*sound, *video)),
        "tones": [asdict(tone) | {"level": max(tone.level, -200.0)} for tone in tones(sound, window=window)],
        "gaps": gaps(sound),
        "frames": sum(frame.whole for frame in frames(recording, since=since)),
    }


def _running(emulator: Emulator, chat: Chat) -> GroupCall:
    """The call of a chat, scheduled or running."""
    call = emulator.world.calls.of_chat(chat)
    if call is None:
        raise ControlError(404, f"chat {chat.id} has no call")
    return call


def _last(emulator: Emulator, chat: Chat) -> GroupCall:
    """The newest call of a chat, ended or not."""
    calls = [call for call in emulator.world.calls_by_id.values() if call.peer == chat.peer]
    if not calls:
        raise ControlError(404, f"chat {chat.id} has never had a call")
    return calls[-1]


def _participant(call: GroupCall, user: User) -> CallParticipant:
    """What an account is in a call."""
    one = call.of_account(user.id)
    if one is None:
        raise ControlError(404, f"account {user.id} is not in the call")
    return one


def _described(emulator: Emulator, call: GroupCall) -> dict[str, Any]:
    """A call as JSON."""
    return {
        "id": call.id,
        "chat": call.peer[1],
        "title": call.title,
        "schedule_date": call.schedule_date,
        "ended_at": call.ended_at,
        "version": call.version,
        "join_muted": call.join_muted,
        "participants": [_described_participant(emulator, call, one) for one in call.participants.values()],
    }


def _described_participant(emulator: Emulator, call: GroupCall, one: CallParticipant) -> dict[str, Any]:
    endpoint = emulator.sfu.endpoint(seat_of(call, one))
    return {
        "peer": list(one.peer),
        "user": one.user_id,
        "source": one.source,
        "muted": one.muted,
        "may_speak": one.may_speak,
        "volume": one.volume,
        "video": one.video is not None,
        "hidden": one.hidden,
        "simulated": one.simulated,
        "connected": endpoint is not None and endpoint.connected,
    }


CALL_ROUTES = (
    ("GET", "/calls", _list),
    ("POST", "/calls", _create),
    ("POST", "/calls/start", _start),
    ("POST", "/calls/discard", _discard),
    ("POST", "/calls/settings", _settings),
    ("POST", "/calls/participants", _join),
    ("POST", "/calls/mute", _mute),
    ("POST", "/calls/kick", _kick),
    ("GET", "/calls/heard", _heard),
)
