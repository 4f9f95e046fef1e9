"""Measures what has to be quick beside the plain way of doing the same. Developers run it by `script/bench`."""
