"""The real name reader with little patience, and in no hurry to let others pass."""

from streamvault.indexing.naming.parser import read_name
from streamvault.indexing.naming.program import serve

if __name__ == "__main__":
    read_name("Warming.Up.S01E01.1080p.mkv", "document")
    serve(read_name, seconds=0.7)
