"""StreamVault on one machine without an account: an emulated Telegram, channels with sample media, bot and server.

`run` starts all of it in one process. `content` says what is posted, and `recipes` how its files are described.
`encode` writes them, with the frames of `footage` (`pictures` and `palettes`, or `motifs`) and the sounds of
`soundtrack`; `make` does so in child processes that `media` starts. `world` holds the accounts and channels, `club` a
group with a long history, `posting` posts everything, and `habits` is what the owner has done before.
"""
