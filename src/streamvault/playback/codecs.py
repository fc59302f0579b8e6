"""The names of codecs that browsers understand (RFC 6381 and the registrations that follow it); pure."""

from dataclasses import dataclass

_FIXED = {
    "mp3": "mp4a.40.34",
    "ac3": "ac-3",
    "eac3": "ec-3",
    "truehd": "mlpa",
    "mlp": "mlpa",
    "opus": "opus",
    "flac": "fLaC",
    "alac": "alac",
    "vorbis": "vorbis",
    "vp8": "vp8",
    "webvtt": "wvtt",
    "mov_text": "tx3g",
    "ttml": "stpp.ttml.im1t",
}
_DTS = {"DTS-HD MA": "dtsh", "DTS-HD HRA": "dtsh", "DTS Express": "dtse"}
_VP9_LEVELS = (
    (829_440, 36_864, 10), (2_764_800, 73_728, 11), (4_608_000, 122_880, 20), (9_216_000, 245_760, 21),
    (20_736_000, 552_960, 30), (36_864_000, 983_040, 31), (83_558_400, 2_228_224, 40), (160_432_128, 2_228_224, 41),
    (311_951_360, 8_912_896, 50), (588_251_136, 8_912_896, 51), (1_176_502_272, 8_912_896, 52),
    (1_176_502_272, 35_651_584, 60), (2_353_004_544, 35_651_584, 61),
)  # fmt: skip
"""(samples of brightness per second, samples per picture, level) of VP9, annex A."""


@dataclass(frozen=True, slots=True)
class Coding:
    """What is known of a track. `codec`, `profile` as FFmpeg names them; `private` its extradata, b"" none.

    `frame_rate` in pictures per second, None unknown; 0 for what is not known of the others.
    """

    codec: str
    private: bytes = b""
    profile: str = ""
    width: int = 0
    height: int = 0
    frame_rate: float | None = None
    bit_depth: int = 8


def codec_string(coding: Coding) -> str:
    """Its name, "" where there is none, or where what it depends on is absent."""
    make = {"h264": _h264, "hevc": _hevc, "av1": _av1, "vp9": _vp9, "aac": _aac, "dts": _dts}.get(coding.codec)
    return make(coding) if make else _FIXED.get(coding.codec, "")


def units(private: bytes) -> list[bytes]:
    """The NAL units of a stream with start codes."""
    parts = private.split(b"\0\0\1")[1:]
    return [part.rstrip(b"\0") for part in parts if part]


def _h264(coding: Coding) -> str:
    """avc1.PPCCLL: profile, constraints and level of the sequence parameter set."""
    private = coding.private
    if private[:1] == b"\1" and len(private) >= 4:
        named = private[1:4]
    else:
        named = next((unit[1:4] for unit in units(private) if unit[0] & 31 == 7), b"")
    return f"avc1.{named.hex()}" if len(named) == 3 else ""


def _hevc(coding: Coding) -> str:
    """hvc1.PROFILE.COMPATIBILITY.TIER+LEVEL.CONSTRAINTS (ISO/IEC 14496-15, annex E)."""
    private = coding.private
    if private[:1] == b"\1" and len(private) >= 13:
        general = private[1:13]
    else:
        sets = (unit.replace(b"\0\0\3", b"\0\0") for unit in units(private) if unit[0] >> 1 & 63 == 33)
        general = next((unit[3:15] for unit in sets), b"")
    if len(general) < 12:
        return ""
    space = ("", "A", "B", "C")[general[0] >> 6]
    flags = int(f"{int.from_bytes(general[1:5], 'big'):032b}"[::-1], 2)
    tier = "H" if general[0] & 32 else "L"
    constraints = general[5:11].rstrip(b"\0")
    parts = [f"hvc1.{space}{general[0] & 31}", f"{flags:X}", f"{tier}{general[11]}", *(f"{b:X}" for b in constraints)]
    return ".".join(parts)


def _av1(coding: Coding) -> str:
    """av01.P.LLT.DD out of the configuration record (AV1 in ISOBMFF, section 5)."""
    private = coding.private
    if len(private) < 4 or private[0] != 0x81:
        return ""
    profile, level = private[1] >> 5, private[1] & 31
    tier = "H" if private[2] & 128 else "M"
    depth = (12 if private[2] & 32 else 10) if private[2] & 64 else 8
    return f"av01.{profile}.{level:02d}{tier}.{depth:02d}"


def _vp9(coding: Coding) -> str:
    """vp09.PP.LL.DD; the level is the lowest that the size and rate of the pictures fit, since few files say theirs."""
    profile = coding.profile.removeprefix("Profile ")
    number = int(profile) if profile.isdecimal() else (2 if coding.bit_depth > 8 else 0)
    samples = coding.width * coding.height
    rate = samples * (coding.frame_rate or 30)
    level = next((name for most, picture, name in _VP9_LEVELS if rate <= most and samples <= picture), 62)
    return f"vp09.{number:02d}.{level:02d}.{coding.bit_depth:02d}"


def _aac(coding: Coding) -> str:
    """mp4a.40.N: the object type; 5 with SBR (HE-AAC), 29 with parametric stereo too."""
    extended = {"HE-AAC": 5, "HE-AACv2": 29}.get(coding.profile)
    return f"mp4a.40.{extended or object_type(coding.private) or 2}"


def object_type(config: bytes) -> int:
    """Of an AudioSpecificConfig (ISO/IEC 14496-3); 0 without one."""
    if len(config) < 2:
        return 0
    kind = config[0] >> 3
    if kind == 31:
        return 32 + ((config[0] & 7) << 3 | config[1] >> 5)
    at = config.find(b"\x56\xe5", 2)  # the extension that older decoders skip, where it is aligned
    if kind == 2 and 0 < at < len(config) - 1 and config[at + 2] & 128:
        return 5
    return kind


def _dts(coding: Coding) -> str:
    return next((name for profile, name in _DTS.items() if coding.profile.startswith(profile)), "dtsc")
