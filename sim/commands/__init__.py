"""What `ctid-sim` can do: one file per command, with its examples, options and exit codes."""
