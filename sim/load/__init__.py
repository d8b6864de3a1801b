"""Load on a running ctid over its sockets: the pretend Asterisk's callers, and agents at pages."""
