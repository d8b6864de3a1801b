"""Replications, what they say, and how far it can be trusted."""
