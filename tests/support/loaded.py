"""Loaded last by the process that is forked for each `streamvault` (see forks): what it has by then is no garbage.

A collection in a fork would traverse, and so copy, all of it.
"""

from streamvault.process import freeze_garbage

freeze_garbage()
