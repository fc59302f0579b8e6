"""AAC in ADTS, as MPEG-TS and AVI hold it (ISO/IEC 13818-7): each frame with a header of its own."""


def is_adts(frame: bytes) -> bool:
    """Whether a frame begins with an ADTS header."""
    return len(frame) > 7 and frame[0] == 0xFF and frame[1] & 0xF6 == 0xF0


def without_header(frame: bytes) -> bytes:
    """The frame as MP4 holds it."""
    if not is_adts(frame):
        return frame
    return frame[7 if frame[1] & 1 else 9 :]


def config(frame: bytes) -> bytes | None:
    """The AudioSpecificConfig that the header of a frame tells; None without one."""
    if not is_adts(frame):
        return None
    object_type = (frame[2] >> 6) + 1
    frequency = frame[2] >> 2 & 15
    channels = (frame[2] & 1) << 2 | frame[3] >> 6
    return (object_type << 11 | frequency << 7 | channels << 3).to_bytes(2, "big")
