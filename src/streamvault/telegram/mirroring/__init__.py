"""Copies of messages for mirrors (leech.mirror), made by the bot.

Telegram copies up to a hundred messages by one request, without their author, so that the bot can edit the copies
(messages.forwardMessages, drop_author). Replies are sent anew with the file that Telegram has; where a chat may not be
copied from, the bytes are uploaded again.
"""
