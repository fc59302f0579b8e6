"""A frame of a video or the cover of an album, for files that Telegram has no thumbnail of."""
