"""The customer directory in the installation's own database (SQLite or PostgreSQL)."""
