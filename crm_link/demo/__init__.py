"""Five hundred customers who do not exist, for the demo, the tests and the simulator."""
