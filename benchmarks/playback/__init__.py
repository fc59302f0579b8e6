"""Measures what it costs to have films repackaged: processor time, memory, bytes from Telegram, and times to wait."""
