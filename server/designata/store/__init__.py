"""Query processes that hold a release and answer SPARQL; the only package that knows an engine."""
