"""What exists on the emulated Telegram: accounts, chats, messages, files, logins.

A world knows no connections: it sends updates through `pushes.Subscribers`, a Protocol. `model` is plain data, `state`
holds it, `view` puts it into TL for one account, `delivery`, `membership` and `callbacks` change it, and `world.World`
is what tests, the demo and the API's handlers use. `files.FileStore` holds the stored files.
"""
