"""Settings, declared once with name, default and help; environment variables `KG_<NAME>` override."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from kg.errors import BadRequest

HERE = Path(__file__).resolve().parent


def data_folder(name: str) -> Path:
    """Return one of the data folders (ontology, queries, viz, seeds).

    They stand at the top of a checkout and inside the package of an installed wheel.
    """
    packaged = HERE / "data" / name
    return packaged if packaged.is_dir() else HERE.parent / name


@dataclass(frozen=True, slots=True)
class Settings:
    """What a user may change without touching code."""

    base: str = field(
        default="https://ai-infra-kg.example/",
        metadata={"help": "prefix of every IRI of posts, claims and entities"},
    )
    ontology: Path = field(
        default_factory=lambda: data_folder("ontology"),
        metadata={
            "help": "folder with core.ttl, entities.ttl, background.ttl, lexicon.ttl and shapes.ttl"
        },
    )
    data: Path = field(
        default=Path("data"), metadata={"help": "folder a build publishes to and readers open"}
    )
    max_post_bytes: int = field(
        default=10_000_000, metadata={"help": "size in bytes above which a post is not read"}
    )
    post_seconds: float = field(
        default=120.0,
        metadata={"help": "seconds after which a post that is still being read is given up"},
    )
    workers: int = field(
        default=0, metadata={"help": "processes that read posts; 0 is one for each core"}
    )
    query_seconds: float = field(
        default=10.0, metadata={"help": "seconds after which a SPARQL query is stopped"}
    )
    query_rows: int = field(
        default=10_000, metadata={"help": "rows (or triples) a SPARQL query may return"}
    )
    query_memory: int = field(
        default=1_000_000_000, metadata={"help": "bytes of memory a SPARQL query may add"}
    )

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Return the settings with `KG_<NAME>` from the environment in place of defaults.

        Raises BadRequest, naming the variable and its value, when a value has the wrong type.

        >>> Settings.from_env({"KG_QUERY_ROWS": "5"}).query_rows
        5
        """
        values: dict[str, object] = {}
        for f in fields(cls):
            raw = environ.get(f"KG_{f.name.upper()}")
            if raw is None:
                continue
            kind: type = {"Path": Path, "int": int, "float": float}.get(str(f.type), str)
            try:
                values[f.name] = kind(raw)
            except ValueError as e:
                raise BadRequest(f"KG_{f.name.upper()}={raw!r} is not of type {f.type}") from e
        return cls(**values)  # type: ignore[arg-type]
