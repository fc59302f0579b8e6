"""The only importer of pyrogram (Kurigram); its surprises are tamed here, before anything imports it."""

from streamvault.telegram.kurigram import prepare_kurigram

prepare_kurigram()
