"""From the source tree to a release directory."""
