"""SHACL-SPARQL: constraints and components whose meaning is a query (sections 5 and 6)."""
