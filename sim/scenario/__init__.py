"""What is simulated: a centre as in production, and what its callers and agents do."""
