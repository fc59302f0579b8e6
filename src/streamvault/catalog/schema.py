"""The catalog's tables as steps from one schema version to the next; a released step never changes."""

_FIRST = (
    "CREATE TABLE chats (chat_id INTEGER PRIMARY KEY, title TEXT NOT NULL)",
    """
    CREATE TABLE files (
        chat_id INTEGER NOT NULL,
        message_id INTEGER NOT NULL,
        file_unique_id TEXT NOT NULL,
        dc_id INTEGER NOT NULL,
        kind TEXT NOT NULL,
        name TEXT NOT NULL,
        size INTEGER NOT NULL,
        mime_type TEXT NOT NULL,
        date INTEGER NOT NULL,
        edit_date INTEGER,
        caption TEXT NOT NULL,
        duration REAL,
        width INTEGER,
        height INTEGER,
        title TEXT NOT NULL,
        performer TEXT NOT NULL,
        thumb_sizes TEXT NOT NULL,
        name_key TEXT NOT NULL,
        search_text TEXT NOT NULL,
        PRIMARY KEY (chat_id, message_id)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX files_by_date ON files (date, chat_id, message_id)",
    "CREATE INDEX files_by_name ON files (name_key, chat_id, message_id)",
    "CREATE INDEX files_by_size ON files (size, chat_id, message_id)",
    "CREATE INDEX files_by_kind ON files (kind, date, chat_id, message_id)",
)

_BY_FILE = ("CREATE INDEX files_by_file ON files (file_unique_id, date, chat_id, message_id)",)

MIGRATIONS = (_FIRST, _BY_FILE)
