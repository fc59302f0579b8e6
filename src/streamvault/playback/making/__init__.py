"""What reads and repackages files with PyAV, run by the sandbox's child processes only.

`splice` opens a file at a key frame; `opening` describes its tracks and makes their initialization segments; `video`
copies pictures, `audio` copies or encodes sound, and `fmp4` writes the boxes of both. A media segment is a function of
the file and of the arguments alone.
"""
