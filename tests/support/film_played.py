"""What the functions of the sandbox's children make of a film: `python -m tests.support.film_played FILM` prints it."""

import hashlib
import io
import json
import sys
from pathlib import Path
from typing import Any

import av

from streamvault.playback.making.probe import probe_file
from streamvault.playback.packing import facts_to_json
from streamvault.playback.plan import cut
from streamvault.playback.timeline import Timeline
from streamvault.reading.frames.extraction import take_still
from streamvault.reading.sandbox.model import Call
from tests.support.repackaged import FileInMemory, Repackaged


def played(path: Path) -> dict[str, Any]:
    """Its facts, a hash of each track's segments with the codec, a hash of the still, and of every decoded picture."""
    data = path.read_bytes()
    probed = probe_file(FileInMemory(data))
    film = Repackaged(data, Timeline(probed, cut(probed.keys), len(data)))
    tracks = [film.joined(track) for track in (film.video, *film.sounds)]
    still: list[bytes] = []
    take_still(Call(FileInMemory(data), {"duration": 0.0}, (), still.append))
    with av.open(io.BytesIO(tracks[0])) as container:
        pictures = [_hash(b"".join(map(bytes, frame.planes))) for frame in container.decode(video=0)]
    return {
        "facts": facts_to_json(probed.facts),
        "codecs": [_codec(track) for track in tracks],
        "segments": [_hash(track) for track in tracks],
        "still": _hash(b"".join(still)),
        "pictures": pictures,
    }


def _codec(track: bytes) -> str:
    with av.open(io.BytesIO(track)) as container:
        name: str = container.streams[0].codec_context.name
        return name


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


if __name__ == "__main__":
    json.dump({"av": av.__file__, **played(Path(sys.argv[1]))}, sys.stdout)
