"""The very same machine as native code, for long simulations: an optional build with mypyc.

`source` says which modules are compiled and writes their plain classes for the compiler, `build`
makes a folder that stands in front of the packages on Python's path. Decisions, journals and
reports are the same, byte for byte; only the time differs (docs/simulator-speed.md).
"""
