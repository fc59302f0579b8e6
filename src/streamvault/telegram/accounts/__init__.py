"""The accounts of one server: logging in, staying connected, and authorization at other data centres.

Rules that every module here keeps:

- One stored session has one holder. The lease is taken before anything connects and checked before every request.
- One auth key per account and data centre. A key is stored before the server knows it (`auth_keys`); whoever needs a
  key that is being made waits for that one.
- An export or login is sent once. Its message number, or the data centre that it goes to, is stored before it is sent,
  so that after a crash the same request is repeated instead of a new one made.
- Budgets (new keys, exports, logins per hour) are spent at the last moment before Telegram may see the request, never
  for an attempt that failed earlier: a network that breaks every connection would use them up.
- The user account reads histories only. A person logs it in; it takes no updates and serves no viewer, and the server
  works without it.

`pool` opens all accounts; `account` is one of them; `media` holds its connections for files.
"""
