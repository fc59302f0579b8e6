"""Stored sessions: the auth keys, salts, addresses, flood waits, budgets, peers and update states of one account.

Rules that hold here:

- One holder per session. The lease is taken before anything connects and checked before each request (`ensure`); every
  write to a database carries the fencing token under which the lease was taken (database), a file is locked (file).
- A key is stored before the server knows it, and a msg_id that must not be used twice before it is sent.
- Floods are a schedule (floods). Until when a family of methods is closed is stored before anything acts on it; new
  keys, exports and logins also have hourly budgets, spent at the last moment before Telegram may see the request.
"""
