"""Parses the names of files into NameFacts: title, year, season, episode, resolution, codec and languages.

`reader` takes unread names from the catalog and stores the result; `process` is the server's side of the child process
and `program` the child, which a bad name may crash or stall; `protocol` is what they exchange. In the child, `parser`
runs guessit on a name that `cleaning` has prepared and completes what it finds, and `works` makes the key of the film
or series. `endings`, `conventions`, `ranges`, `counting`, `films` and `languages` hold what guessit does not know.
"""
