"""The bytes of a range in order, from any ChunkSource, through caches; knows neither HTTP nor Telegram.

Readers share cells. A file is a grid of cells of 128 KiB (media/cells.py). A `reader.FileReader` takes cells from
memory or waits for flights: requests for aligned runs of cells that belong to no reader and serve every reader that
waits for one of their cells (single-flight), so nothing is fetched twice. Each reader keeps a window of cells ahead of
its viewer (media/readahead.py); the window widens with what was taken, and a viewer that pauses holds nothing.

A viewer that leaves stops waiting. A request that was already sent is finished, because cancelling it would block its
connection for everybody else; its cells go into the caches. Everything that asks Telegram for bytes goes through the
limiter of `lanes`, by urgency. All settings of the memory allocator are in `cache.allocation`. Files of unknown origin
are decoded only in the processes of `sandbox`.
"""
