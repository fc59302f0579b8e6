"""The main bot: its handlers, its replies, and the vault channel that it copies files to.

A file is copied, not forwarded, and once, however often Telegram repeats the update. Every message of the bot is plain
text, because a file may have any name.
"""
