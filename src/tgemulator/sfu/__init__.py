"""The media server of group calls: a selective forwarding unit on loopback UDP that records what it hears.

It knows neither accounts nor Telegram's schema: `server.Sfu` takes the offer of a client, answers where it listens, and
keeps a `recording` for each participant. `sound` and `pictures` decode recordings. pyOpenSSL, pylibsrtp and PyAV are
imported when the first call needs them: an emulator without calls runs without.
"""
