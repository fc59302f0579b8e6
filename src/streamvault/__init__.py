"""A private media server for the files that Telegram channels hold."""

__version__ = "0.1.0"
