"""MP4 and QuickTime files whose index (`moov`) comes last, put in order while they are transferred.

Players and Telegram begin to play a film when they have its index, so one at the end of the file is moved to the front:
every byte of media, every track and every other box stays what it is, and only the chunk offsets in the index change
(ISO/IEC 14496-12, 8.7.5). `atoms`, `moov` and `layout` are pure; `source` does it on the fly to a source that answers
ranges, of which it reads the index first, without touching the disk. What is in doubt is left as it is.
"""
