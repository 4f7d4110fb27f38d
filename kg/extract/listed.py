"""The entities that an ontology lists, found by their ids and by the forms of their names."""

from __future__ import annotations

from kg.extract.names import Named, lower, normalise
from kg.schema import Schema


class Listed:
    """Asks an ontology for its entities. `by_form` holds the id of each form, in lower case."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.by_form = {
            lower(normalise(form)): e.id for e in schema.entities.values() for form in e.forms
        }

    def __contains__(self, id: str) -> bool:
        return id in self.schema.entities

    def get(self, id: str, confidence: float = 1.0) -> Named:
        """Return an entity of the ontology as a post knows it; raise KeyError without one."""
        e = self.schema.entities[id]
        return Named(e.id, e.cls, e.name, True, confidence, e.maker, e.parent)

    def find(self, *forms: str, confidence: float = 1.0) -> Named | None:
        """Return the entity that has the first of these forms that any has."""
        for form in forms:
            id = self.by_form.get(lower(form))
            if id:
                return self.get(id, confidence)
        return None
