"""StreamVault on one machine without an account: an emulated Telegram, channels with sample media, bot and server.

`run` starts all of it in one process. `recipes`, `encode`, `pictures`, `palettes` and `tunes` make the media (`make` in
child processes that `media` starts), `world` holds the accounts, channels and posts, `posting` posts them.
"""
