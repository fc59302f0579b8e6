"""A whole StreamVault on one machine without an account: emulated Telegram, sample channels, server."""
