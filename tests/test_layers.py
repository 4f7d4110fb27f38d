"""Imports point down: cli and web on build, build on engines, these on both wings, and all of them
on the ground floor."""

import ast
from pathlib import Path

import pytest

KG = Path(__file__).parent.parent / "kg"
MODULES = sorted(KG.rglob("*.py"))


def imports(path):
    """Yield the full name of each module that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def below(name, *packages):
    return any(name == p or name.startswith(p + ".") for p in packages)


ABOVE = (
    "kg.web",
    "kg.build",
    "kg.gather",
    "kg.cli",
    "kg.inputs",
    "kg.engine",
    "kg.cache",
    "kg.plan",
)
FORBIDDEN = {
    "extract": ("kg.graph", *ABOVE),
    "graph": ("kg.extract", *ABOVE),
    "engine": ("kg.web", "kg.build", "kg.gather", "kg.cli"),
    "web": ("kg.extract", "kg.cli", "kg.engine"),
}
GROUND = ("kg.extract", "kg.graph", *ABOVE)


@pytest.mark.parametrize("wing", FORBIDDEN)
def test_a_wing_imports_only_what_is_below_it(wing):
    found = [
        f"{path.relative_to(KG)} imports {name}"
        for path in sorted((KG / wing).rglob("*.py"))
        for name in imports(path)
        if below(name, *FORBIDDEN[wing])
    ]
    assert not found


@pytest.mark.parametrize("name", ["model", "errors", "settings", "schema", "turtle"])
def test_the_ground_floor_imports_no_wing(name):
    assert not [n for n in imports(KG / f"{name}.py") if below(n, *GROUND)]


def test_only_the_parser_imports_the_language_model():
    users = {
        path.relative_to(KG).as_posix()
        for path in MODULES
        for name in imports(path)
        if below(name, "spacy", "ginza", "ja_ginza", "thinc")
    }
    assert users <= {"extract/parse.py"}


def test_only_its_engine_imports_ray():
    users = {
        path.relative_to(KG).as_posix()
        for path in MODULES
        for name in imports(path)
        if below(name, "ray")
    }
    assert users == {"engine/cluster.py"}


def test_the_rule_can_fail(tmp_path):
    (tmp_path / "x.py").write_text("def f():\n    from kg.graph import store\n    import spacy\n")
    assert [n for n in imports(tmp_path / "x.py") if below(n, "kg.graph", "spacy")] == [
        "kg.graph",
        "kg.graph.store",
        "spacy",
    ]
