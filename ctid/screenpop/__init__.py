"""PURE: who is calling, what the agent sees of it, and when it shows, changes and goes."""
