"""A recorded day through other settings: what would have been different."""
