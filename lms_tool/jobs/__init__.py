"""Background work on huey. A lost job loses nothing: the truth is in the rows, and a sweep finds what is left."""
