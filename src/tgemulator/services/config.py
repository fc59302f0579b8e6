"""help.*: the addresses of the data centres and the configuration of clients."""

from typing import Any

from pyrogram import raw

from tgemulator.config import DcConfig
from tgemulator.services.registry import Call, method
from tgemulator.world.files import DEFAULT_PARTS, parts_limits

_CONFIG_LIFETIME = 3600


@method(raw.functions.help.GetConfig, login=False, on_cdn=True)
async def get_config(call: Call, query: Any) -> Any:
    """help.getConfig, with an option for every address of every DC."""
    now = int(call.server.now())
    options = [option for dc in call.server.config.dcs for option in _options(call, dc)]
    return raw.types.Config(
        date=now,
        expires=now + _CONFIG_LIFETIME,
        test_mode=False,
        this_dc=call.dc_id,
        dc_options=options,
        dc_txt_domain_name="",
        **_LIMITS,
    )


@method(raw.functions.help.GetNearestDc, login=False)
async def get_nearest_dc(call: Call, query: Any) -> Any:
    """help.getNearestDc: the DC that the call was sent to."""
    return raw.types.NearestDc(country="ZZ", this_dc=call.dc_id, nearest_dc=call.dc_id)


@method(raw.functions.help.GetCdnConfig, login=False)
async def get_cdn_config(call: Call, query: Any) -> Any:
    """help.getCdnConfig: the public key of each CDN DC."""
    key = call.server.data_centres.cdn_public_key_pem
    return raw.types.CdnConfig(
        public_keys=[raw.types.CdnPublicKey(dc_id=dc.id, public_key=key) for dc in call.server.config.dcs if dc.cdn]
    )


@method(raw.functions.help.GetAppConfig, login=False)
async def get_app_config(call: Call, query: Any) -> Any:
    """help.getAppConfig: nothing beyond the upload limits, which are those of the account."""
    limits = (DEFAULT_PARTS, 2 * DEFAULT_PARTS) if call.key.user_id is None else parts_limits(call.user)
    values = [
        raw.types.JsonObjectValue(key=name, value=raw.types.JsonNumber(value=float(parts)))
        for name, parts in zip(("upload_max_fileparts_default", "upload_max_fileparts_premium"), limits, strict=True)
    ]
    if query.hash == limits[0]:
        return raw.types.help.AppConfigNotModified()
    return raw.types.help.AppConfig(hash=limits[0], config=raw.types.JsonObject(value=values))


@method(raw.functions.help.GetTermsOfServiceUpdate, bots=False)
async def get_terms_of_service_update(call: Call, query: Any) -> Any:
    """help.getTermsOfServiceUpdate: none."""
    return raw.types.help.TermsOfServiceUpdateEmpty(expires=int(call.server.now()) + _CONFIG_LIFETIME)


@method(raw.functions.help.AcceptTermsOfService, bots=False)
async def accept_terms_of_service(call: Call, query: Any) -> Any:
    """help.acceptTermsOfService."""
    return True


def _options(call: Call, dc: DcConfig) -> list[Any]:
    """The addresses of one DC, the general one first: clients take the first that fits."""
    kinds = [False] if dc.media_port is None or dc.cdn else [False, True]
    options = []
    for media_only in kinds:
        host, port = call.server.data_centres.address(dc.id, media_only=media_only)
        options.append(
            raw.types.DcOption(
                id=dc.id,
                ip_address=host,
                port=port,
                media_only=media_only or None,
                cdn=dc.cdn or None,
                static=True,
            )
        )
    return options


# The values that Telegram's own configuration had in 2025; only the message lengths are enforced here.
_LIMITS: dict[str, Any] = {
    "chat_size_max": 200,
    "megagroup_size_max": 200_000,
    "forwarded_count_max": 100,
    "online_update_period_ms": 210_000,
    "offline_blur_timeout_ms": 5_000,
    "offline_idle_timeout_ms": 30_000,
    "online_cloud_timeout_ms": 300_000,
    "notify_cloud_delay_ms": 30_000,
    "notify_default_delay_ms": 1_500,
    "push_chat_period_ms": 60_000,
    "push_chat_limit": 2,
    "edit_time_limit": 172_800,
    "revoke_time_limit": 0x7FFFFFFF,
    "revoke_pm_time_limit": 0x7FFFFFFF,
    "rating_e_decay": 2_419_200,
    "stickers_recent_limit": 200,
    "channels_read_media_period": 604_800,
    "call_receive_timeout_ms": 20_000,
    "call_ring_timeout_ms": 90_000,
    "call_connect_timeout_ms": 30_000,
    "call_packet_timeout_ms": 10_000,
    "me_url_prefix": "https://t.me/",
    "caption_length_max": 1024,
    "message_length_max": 4096,
    "webfile_dc_id": 4,
    "default_p2p_contacts": True,
    "preload_featured_stickers": True,
    "revoke_pm_inbox": True,
}
