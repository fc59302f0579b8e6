"""Chunks and thumbnails of files: upload.getFile with retry, failover, hedging, CDNs and digests. And uploads.

- A request that fails moves on: to another connection of the same account, then to another account, then to another
  message that holds the same file. Each of these is bounded in tries, and no flood wait is waited for: the wait is
  raised as SourceBusy when no other account is left.
- A slow request is sent a second time (hedged), within a share of all requests and of their bytes (`hedging`).
- A file_reference belongs to one account and one origin (the message it was read from). Another account, or the same
  file in another message, needs its own (core.telegram.org/api/file-references).
- An upload belongs to one account, and so do its parts: nothing fails over, its waits are waited for (`upload`). A
  message is posted once, because its random_id follows from what it is for (`post`).
- Bytes from a CDN count only once they match a digest from the file's own data centre (core.telegram.org/cdn).
"""
