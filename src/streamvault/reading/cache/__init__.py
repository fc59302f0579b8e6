"""Where cells of files are kept between readers: memory first, a disk below it."""
