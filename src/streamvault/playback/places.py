"""Where the bytes of segments lie in files without an index, as far as the making of the ones before has told."""

from collections import OrderedDict
from collections.abc import Hashable

from streamvault.media.byterange import ByteRange
from streamvault.playback.timeline import Timeline

MOST = 4096
"""Segments of all films whose ends are remembered."""


class Places:
    """Remembers up to which byte a film was read for each segment of its pictures."""

    def __init__(self) -> None:
        self._ends: OrderedDict[tuple[Hashable, int], int] = OrderedDict()

    def put(self, film: Hashable, number: int, end: int) -> None:
        """`end`: the byte up to which the film was read for its segment `number`."""
        self._ends[film, number] = end
        while len(self._ends) > MOST:
            self._ends.popitem(last=False)

    def bytes_of(self, film: Hashable, number: int, timeline: Timeline) -> ByteRange | None:
        """The bytes of a segment, by the index, or about those behind the segment before it; None: not known."""
        listed, begin = timeline.bytes_of(number), self._ends.get((film, number - 1))
        if listed is not None or begin is None or begin >= timeline.size:
            return listed
        return timeline.bytes_from(begin, number)
