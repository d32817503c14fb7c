"""Use cases: verbs that take a database session and plain values. The entry point opens the transaction."""
