"""Gets a bare machine ready and starts the processes. Standard library of Python 3.9 only, but for `serve`."""
