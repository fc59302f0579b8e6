"""What can be repackaged, and in plain words why a file cannot; pure."""

from streamvault.playback.dolby_vision import needs_decoder
from streamvault.playback.model import Facts, Track

PICTURES = frozenset({"h264", "hevc", "av1", "vp9"})
"""Codecs of pictures that segments may hold."""

_SOUNDS = frozenset({
    "aac", "mp3", "mp2", "ac3", "eac3", "dts", "truehd", "mlp", "flac", "opus", "vorbis", "alac",
})  # fmt: skip

CONTAINERS = frozenset({"matroska", "webm", "mp4", "mpegts", "avi"})

_NAMES = {
    "mpeg4": "MPEG-4 Part 2 (XviD, DivX)",
    "msmpeg4v1": "DivX 3",
    "msmpeg4v2": "DivX 3",
    "msmpeg4v3": "DivX 3",
    "mpeg1video": "MPEG-1",
    "mpeg2video": "MPEG-2",
    "vc1": "VC-1",
    "wmv1": "Windows Media Video",
    "wmv2": "Windows Media Video",
    "wmv3": "Windows Media Video",
    "rv10": "RealVideo",
    "rv20": "RealVideo",
    "rv30": "RealVideo",
    "rv40": "RealVideo",
    "vp8": "VP8",
    "theora": "Theora",
    "prores": "ProRes",
    "mjpeg": "Motion JPEG",
    "dvvideo": "DV",
    "flv1": "Flash Video (Sorenson)",
    "h263": "H.263",
}
_CONTAINERS = {"asf": "Windows Media (ASF)", "rm": "RealMedia", "flv": "Flash Video", "mpeg": "MPEG program stream"}


def is_decoded(track: Track) -> bool:
    """Whether a track of sound is sent in segments, as it is or as AAC."""
    return track.codec in _SOUNDS or track.codec.startswith("pcm_")


def reason_of(facts: Facts, *, encrypted: bool = False) -> str:
    """ "" where it can."""
    video = facts.video
    if encrypted:
        return "the film is encrypted"
    if not facts.of_type("video") and not facts.of_type("audio"):
        return "the file has neither pictures nor sound"
    if video is not None and video.codec not in PICTURES:
        name = _NAMES.get(video.codec, video.codec)
        return f"its pictures are {name}, which browsers do not play and which cannot be repackaged"
    if video is not None and needs_decoder(video.codec_string):
        return "its pictures are Dolby Vision that other decoders show green and purple, and which cannot be repackaged"
    if facts.container not in CONTAINERS:
        name = _CONTAINERS.get(facts.container, facts.container)
        if video is None:
            return f"a file of sound in {name} is played as it is"
        return f"films in {name} are not repackaged"
    return ""
