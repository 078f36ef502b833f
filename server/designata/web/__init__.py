"""The release over HTTP."""
