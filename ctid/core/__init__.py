"""The pure kernel: instants, events, commands, deadlines, records, views. Nothing here does I/O."""
