"""A file as a ZIP archive that is made while it passes: without the disk, and byte for byte the same each time.

The file is stored, not compressed: what stands around it (`framing`) follows from its name, its size and its CRC-32
alone, so that a job that was interrupted goes on with the byte of the file that it stopped at.
The CRC-32 of the bytes before is kept with the job, at each part that Telegram may still lack (`checksums`).
"""
