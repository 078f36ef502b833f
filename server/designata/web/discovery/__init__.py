"""What tells machines what is here: catalogues, descriptions, prefixes, maps of the site."""
