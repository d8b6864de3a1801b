"""Looks for a violation in random worlds, and shrinks it to the shortest run that shows it."""
