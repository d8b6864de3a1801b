"""What a simulation says, for people and programs: one HTML page that needs nothing, and a JSON."""
