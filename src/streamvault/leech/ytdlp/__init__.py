"""Sources that yt-dlp knows: sites whose pages hold videos and music, playlists, HLS and DASH.

yt-dlp runs as a child process (`leech.children`), reaches sources through the egress proxy alone, and reads neither
settings nor plug-ins of anybody. What it is to fetch and by which proxy goes by its standard input. It prints a JSON
object in a line for each thing that it finds or has done (`lines`).

An address is looked at first (`extraction`): a list becomes jobs of their own (`lists`); a single video goes on where
it is. Where it is one file of a web server, that is read as any other one, without touching the disk (`source`), and
yt-dlp is asked for a fresh link whenever reading begins or goes on. What has to be put together is done on the disk
(`fetching`), in a folder that the job has reserved.
"""
