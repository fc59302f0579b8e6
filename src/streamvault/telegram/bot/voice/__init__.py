"""The commands by which people in groups play files of the library in the group's call."""
