"""Triple Pattern Fragments: pages of the triples that match one pattern, with their controls."""
