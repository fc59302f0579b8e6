"""Torrents and magnet links, by libtorrent in a child process of its own.

A magnet link is looked up first (`lookups`): children ask its peers for what it describes, while the job waits and lets
others go on. What is in a torrent (`contents`) and which files of it are posted, is judged before anything is reserved
(`choosing`). They are fetched to the disk in batches that fit into the job's room (`batches`), each posted as soon as
its hashes are right, in natural order. Nothing is seeded: the child (`program`) ends with the last file.

The child reaches trackers, web seeds, peers and the DHT by the egress SOCKS5 proxy alone, and filters addresses itself
as well. What it is to do goes by its standard input, and it prints a JSON object in a line for each thing that it has
found or done (`lines`).
"""
