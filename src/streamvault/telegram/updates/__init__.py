"""The updates of an account, each applied once and in order (core.telegram.org/api/updates).

- A stored pts or qts is never ahead of its rows: it is written in the same transaction as what the updates up to it
  say. After a crash updates are fetched again from there, and applying one again changes nothing.
- An update that follows on the local pts is applied, an older one is ignored, and after a gap the difference is
  fetched (updates.getDifference, updates.getChannelDifference).
- Telegram is never kept waiting: received updates go into bounded queues. A full queue is emptied, and what was in it
  comes with the difference.

`receiver` sorts updates into two queues, `channel_sequences` and `account_sequence` order them (`sequence` is what both
share), `events` says what they mean, and `index_queue` hands events and state to the index.
"""
