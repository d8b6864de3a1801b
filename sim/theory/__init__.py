"""The real router as queueing systems that theory knows, and held against it."""
