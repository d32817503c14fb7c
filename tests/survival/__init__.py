"""The tool under kill -9: what was confirmed stays, what was completed is graded once."""
