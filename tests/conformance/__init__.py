"""The published conformance cases, driven over HTTP against the running tool by a scripted platform and browser."""
