"""The only importer of pyrogram (Kurigram); its surprises are tamed here, before anything imports it."""

from streamvault.telegram.kurigram import tame_kurigram

tame_kurigram()
