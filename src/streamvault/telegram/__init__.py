"""Everything that talks to Telegram; no other package imports pyrogram (Kurigram), which is prepared here first.

Rules that hold here:

- Layers: bot > history, updates, files > accounts > sessions > mtproto > network (checked by import-linter).
- Foreign errors are translated where the call is made (errors.py); above this package nothing catches pyrogram's.
- Requests for files belong to the pool of an account's media sessions, not to the viewer: a viewer who leaves stops
  waiting, and the request under way is finished.
- Flood waits are a schedule, kept in sessions/floods; nothing sleeps through one unseen, and flood_wait.py waits out
  short ones only.
"""

from streamvault.telegram.kurigram import prepare_kurigram

prepare_kurigram()
