"""A Matroska film is opened at a key frame by its header and few bytes behind it."""

import io

from streamvault.playback.making.splice import open_at
from streamvault.reading.sandbox.model import Call
from tests.support.ffmpeg_films import AC3, H264, Film, Sound
from tests.support.repackaged import Film as Repackaged

FILM = Film("mkv", (*H264, "-b:v", "2M"), (Sound(AC3, channels=6),), seconds=10, size="640x360", keys=(0, 5))


class Counted(io.BytesIO):
    """A file in memory; `taken` is how far it has been read behind its beginning."""

    most = 0

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.size = len(data)
        self.taken = 0

    def read(self, count: int | None = -1) -> bytes:
        data = super().read(count)
        self.taken += len(data)
        return data


def test_opening_at_a_key_frame_reads_few_bytes() -> None:
    film = Repackaged.of(FILM.path)
    file = Counted(film.data)
    for pts, position in film.cuts[1:]:
        file.taken = 0
        call = Call(file, {}, (film.header,), lambda _: None)
        with open_at(call, position, pts, track=film.video, unit=film.time_base, end=film.end) as container:
            assert file.taken <= 100_000
            first = next(packet for packet in container.demux(container.streams[film.video]))
            assert (first.pts, first.is_keyframe) == (pts, True)
