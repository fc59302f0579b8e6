"""The files in an archive, each posted by itself: ZIP, and tar, also compressed by gzip, bzip2 or xz.

The archive is written to the disk (`fetching`), in a folder that the job has reserved, and its files are read from
there one after the other, straight into their uploads (`reading`): there is no second copy. Nothing in an archive
decides about a path, and what it says of sizes and numbers is checked (`zip_directory`, `tar_headers`) before anything
is posted, and again while it is read. Which files are posted, and in which order, is decided by `choosing`.

A job records how many files are posted and how far the next one is, in the same way as one of a single file (`work`).
"""
