"""Erlang B, C and A, and what staffing follows from them."""
