"""Sources that are messages of Telegram, named by links (`leech.message_links`): one, an album, or a range of them.

They are read as the leech bot. What may be copied is sent anew without its sender (`copying`), all files of an album at
once. What may not be, or is wanted under another name or as a document, is read by ranges and uploaded as any other
file (`source`), without touching the disk. A range, and an album that may not be copied, become jobs of their own by
the same list as those that yt-dlp finds (`leech.ytdlp.lists`).
"""
