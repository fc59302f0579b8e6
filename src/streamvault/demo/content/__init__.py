"""What the demo's channels hold: how each file is made, under which names it is posted, and when.

Titles and people are invented. `shelves` has all of it; the other modules have a part each.
"""
