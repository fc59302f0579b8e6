"""The catalog's tables, as migrations from one schema version to the next; a released migration never changes."""

FIRST_PIECE = "json_extract(parts, '$[0][0]')"
"""The file_unique_id of the first piece of a joined file's row."""

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

# A row of `files` is a message, a row of `contents` the file in it. SQL cannot compute folded names and search words,
# so the older rows stay in `files_before` until migration.py has migrated them.
_SEARCH = (
    "DROP INDEX files_by_date",
    "DROP INDEX files_by_name",
    "DROP INDEX files_by_size",
    "DROP INDEX files_by_kind",
    "DROP INDEX files_by_file",
    "ALTER TABLE files RENAME TO files_before",
    # newest: id of the message that stands for the file, or 0; version: of the parser of its name, or -1
    """
    CREATE TABLE contents (
        file INTEGER PRIMARY KEY,
        unique_id TEXT NOT NULL UNIQUE,
        newest INTEGER NOT NULL,
        version INTEGER NOT NULL DEFAULT -1,
        title TEXT NOT NULL DEFAULT '',
        year INTEGER,
        season INTEGER,
        episode INTEGER,
        resolution TEXT NOT NULL DEFAULT '',
        codec TEXT NOT NULL DEFAULT '',
        languages TEXT NOT NULL DEFAULT '',
        work TEXT NOT NULL DEFAULT ''
    )
    """,
    "CREATE INDEX contents_unread ON contents (version, newest) WHERE newest > 0",
    # id: base.row_key; words: exactly what `search` has indexed, '' for a piece of a joined file, which is never listed
    """
    CREATE TABLE files (
        id INTEGER PRIMARY KEY,
        chat_id INTEGER NOT NULL,
        message_id INTEGER NOT NULL,
        file INTEGER NOT NULL,
        kind TEXT NOT NULL,
        size INTEGER NOT NULL,
        date INTEGER NOT NULL,
        edit_date INTEGER,
        part_of_chat INTEGER,
        part_of_message INTEGER,
        name_key TEXT NOT NULL,
        words TEXT NOT NULL,
        whole TEXT NOT NULL,
        dc_id INTEGER NOT NULL,
        name TEXT NOT NULL,
        mime_type TEXT NOT NULL,
        duration REAL,
        width INTEGER,
        height INTEGER,
        title TEXT NOT NULL,
        performer TEXT NOT NULL,
        thumb_sizes TEXT NOT NULL,
        album INTEGER,
        views INTEGER,
        forwarded_from INTEGER,
        caption TEXT NOT NULL,
        parts TEXT NOT NULL,
        stripped BLOB NOT NULL,
        UNIQUE (chat_id, message_id)
    )
    """,
    "CREATE INDEX files_by_file ON files (file)",
    "CREATE INDEX files_by_name ON files (name_key, id) WHERE part_of_chat IS NULL",
    "CREATE INDEX files_by_size ON files (size, id) WHERE part_of_chat IS NULL",
    "CREATE INDEX files_by_whole ON files (chat_id, whole, message_id) WHERE whole <> ''",
    f"CREATE INDEX files_by_first_piece ON files ({FIRST_PIECE}) WHERE parts <> ''",
    # what facets read: narrow rows, ten thousand at a time
    # facets: one character (interning.letter_of) for each value; work: twice its number, plus 1 for a series, or 0
    """
    CREATE TABLE listed (
        id INTEGER PRIMARY KEY, file INTEGER NOT NULL, size INTEGER NOT NULL, facets TEXT NOT NULL,
        work INTEGER NOT NULL
    )
    """,
    "CREATE TABLE facet_words (number INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE)",
    "CREATE TABLE works (number INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE)",
    # this tokenizer keeps the words of words.py and filter words whole: it treats `_` and non-ASCII as parts of words
    """
    CREATE VIRTUAL TABLE search USING fts5(text, content='', columnsize=0, tokenize="ascii tokenchars '_'")
    """,
    # every word that was ever indexed, to find the completions of a prefix
    "CREATE TABLE vocabulary (word TEXT PRIMARY KEY) WITHOUT ROWID",
    """
    CREATE TABLE totals (
        chat_id INTEGER, kind TEXT, files INTEGER NOT NULL, bytes INTEGER NOT NULL, PRIMARY KEY (chat_id, kind)
    ) WITHOUT ROWID
    """,
    """
    CREATE TRIGGER files_counted AFTER INSERT ON files BEGIN
        INSERT INTO totals VALUES (new.chat_id, new.kind, 1, new.size)
        ON CONFLICT DO UPDATE SET files = files + 1, bytes = bytes + excluded.bytes;
    END
    """,
    """
    CREATE TRIGGER files_recounted AFTER UPDATE OF kind, size ON files
    WHEN old.kind <> new.kind OR old.size <> new.size BEGIN
        UPDATE totals SET files = files - 1, bytes = bytes - old.size WHERE chat_id = old.chat_id AND kind = old.kind;
        INSERT INTO totals VALUES (new.chat_id, new.kind, 1, new.size)
        ON CONFLICT DO UPDATE SET files = files + 1, bytes = bytes + excluded.bytes;
    END
    """,
    """
    CREATE TRIGGER files_uncounted AFTER DELETE ON files BEGIN
        UPDATE totals SET files = files - 1, bytes = bytes - old.size WHERE chat_id = old.chat_id AND kind = old.kind;
    END
    """,
    "CREATE TABLE marks (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
)

# the stripped thumbnail that this server made of a file without one
_TINY = ("ALTER TABLE contents ADD COLUMN tiny BLOB NOT NULL DEFAULT x''",)

# sent: fields.sent_fields as JSON; rules: derived.version_of, 0 for the rows of older versions; behind: derived.behind
# album_text: the text of the album, where the message has none
_DERIVED = (
    "ALTER TABLE files ADD COLUMN sent TEXT",
    "ALTER TABLE files ADD COLUMN rules INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE files ADD COLUMN behind INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE files ADD COLUMN album_text TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE listed ADD COLUMN behind INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE contents ADD COLUMN last_episode INTEGER",
    # the messages of each album; those that an older version stored come in when they are stored again
    """
    CREATE TABLE albums (
        chat_id INTEGER, album INTEGER, message_id INTEGER, PRIMARY KEY (chat_id, album, message_id)
    ) WITHOUT ROWID
    """,
    """
    CREATE TRIGGER albums_joined AFTER INSERT ON files WHEN new.album IS NOT NULL BEGIN
        INSERT INTO albums VALUES (new.chat_id, new.album, new.message_id) ON CONFLICT DO NOTHING;
    END
    """,
    """
    CREATE TRIGGER albums_changed AFTER UPDATE OF album ON files
    WHEN old.album IS NOT NULL OR new.album IS NOT NULL BEGIN
        DELETE FROM albums WHERE chat_id = old.chat_id AND album = old.album AND message_id = old.message_id;
        INSERT INTO albums SELECT new.chat_id, new.album, new.message_id WHERE new.album IS NOT NULL
        ON CONFLICT DO NOTHING;
    END
    """,
    """
    CREATE TRIGGER albums_left AFTER DELETE ON files WHEN old.album IS NOT NULL BEGIN
        DELETE FROM albums WHERE chat_id = old.chat_id AND album = old.album AND message_id = old.message_id;
    END
    """,
)

# what was read of the contents of media files (catalog/probes.py)
_PROBES = (
    """
    CREATE TABLE probes (
        unique_id TEXT PRIMARY KEY, version INTEGER NOT NULL, facts TEXT NOT NULL, keys BLOB NOT NULL
    )
    """,
    """
    CREATE TRIGGER probes_left AFTER DELETE ON contents BEGIN
        DELETE FROM probes WHERE unique_id = old.unique_id;
    END
    """,
)

# which of a file's messages stands in front is read from the index alone; revision: see statements.REVISION
_POSITIONS = (
    "DROP INDEX files_by_file",
    "CREATE INDEX files_by_file ON files (file, behind)",
    "CREATE TABLE revision (number INTEGER NOT NULL)",
    "INSERT INTO revision VALUES (0)",
)

MIGRATIONS = (_FIRST, _BY_FILE, _SEARCH, _TINY, _DERIVED, _PROBES, _POSITIONS)
