"""Mirrors: a second channel that is kept as a copy of a first, its past and what comes.

A source's messages are copied in their order, without their author. Before each send it is stored what is sent under
which key (Pending); Telegram sends a message once for each key, and what took effect before a crash is found again in
the target. `place` is the id up to which every message of the source is done with: copied, or left out with a reason.
"""
