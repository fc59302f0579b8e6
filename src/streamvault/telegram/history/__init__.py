"""The messages of a channel's past: by id as the bot, or by page as the user account.

- The bot reads up to a hundred ids a request; a bot may not list a history (messages.getHistory).
- The user account reads pages of a hundred messages, in channels of which both accounts see every message. It is used
  for nothing else, and rows hold nothing that only it can use. Without it everything goes on by ids.
- A page is not taken as proof of a deletion: a message that it lacks counts as deleted only after a read by id, as the
  bot.
- Requests go through the index lane of the limiter, so that viewers come first, and keep a distance after a flood wait.
"""
