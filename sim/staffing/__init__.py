"""The least staff for a target: Erlang A to begin with, the simulator to judge."""
