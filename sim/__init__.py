"""The simulator: simpy callers and agents around the very machine that runs in production."""
