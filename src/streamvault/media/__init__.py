"""Pure rules about bytes and files: no await, no I/O, only the standard library and errors.py.

A Range header becomes cells in three steps: `byterange.parse_range` gives half-open byte ranges, `layout.FileLayout`
says which cells of the file hold them (`cells` is the grid of one Telegram file, `layout` that of a file cut into
pieces), and reading/reader.py fetches those cells. Which requests Telegram accepts for them is in `chunks`.
"""
