"""The caches of cells: in memory (S3-FIFO, scan-resistant), and on disk below it.

`disk` owns tasks and threads, `index` knows which segments exist, `transfer` is the blocking work of the threads,
`folder` the file operations, `segment` the format of a file, `backlog` the cells that wait to be written, `throttle`
has reads ahead wait for them, `policy` is the eviction of both caches. A torn write or a damaged file is detected by
checksums and never served.
"""
