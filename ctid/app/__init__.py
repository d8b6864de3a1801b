"""COMPOSITION: the only room that builds everything, reads clocks and runs the machine."""
