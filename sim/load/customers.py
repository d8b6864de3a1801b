"""Customers whom a ctid with the demo directory knows, so that codes and cards are found."""

from __future__ import annotations

from sim.live.__main__ import demo_customers

__all__ = ["demo_customers"]
