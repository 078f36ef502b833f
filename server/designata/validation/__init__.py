"""SHACL validation and its reports."""
