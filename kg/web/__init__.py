"""Surfaces on a published snapshot: REST, SPARQL, the explorer and the page that stands alone."""
