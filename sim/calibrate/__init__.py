"""From call records to the laws of a scenario: arrivals, patience, talk, wrap-up, answer delay."""
