"""Two real Asterisks on loopback: the PBX that ctid serves, and the world that calls it."""
