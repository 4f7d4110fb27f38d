import csv
import io
import json
import os
import subprocess
import sys

import pytest

import kg.build
from kg.cli import main
from kg.cli.console import clean
from kg.cli.progress import FLAWS, reporter
from kg.engine import choose
from kg.engine.choose import in_process
from kg.inputs import Problem


@pytest.fixture
def run(monkeypatch, capfd, toy):
    """Run a command line; return its exit code, standard output and standard error."""
    monkeypatch.setattr(kg.build, "load_extractor", lambda _schema: toy)
    monkeypatch.setattr(choose, "local_engine", lambda _: lambda job, _: in_process(job, toy))

    def run(*words, stdin=""):
        monkeypatch.setattr(sys, "argv", ["kg", *map(str, words)])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        code = 0
        try:
            main()
        except SystemExit as e:
            code = e.code or 0
        out, err = capfd.readouterr()
        return code, out, err

    return run


@pytest.fixture
def ask(run, data):
    """Run a command on the published data; return its output and error, having succeeded."""

    def ask(*words, **options):
        code, out, err = run(*words, "--data", data, **options)
        assert code == 0, err
        return out, err

    return ask


def test_build_prints_a_summary(run, posts, tmp_path):
    code, out, err = run("build", posts, "--out", tmp_path / "d")
    assert code == 0
    for word in (
        "posts",
        "Chip",
        "チップ",
        "develops",
        "hedged",
        "rejected",
        "published, revision",
    ):
        assert word in out
    assert err == ""
    code, out, err = run("build", posts, "--out", tmp_path / "d")
    assert "up to date" in out


def test_quiet_prints_nothing_but_problems(run, posts, tmp_path):
    (posts / "empty.md").write_bytes(b"")
    code, out, err = run("build", posts, "--out", tmp_path / "d", "--quiet")
    assert (code, out) == (0, "")
    assert err.startswith("kg: unreadable: ")
    assert "empty.md: the file is empty" in err


def test_of_many_flaws_the_first_are_told_and_the_rest_counted(capfd):
    with reporter(quiet=True) as report:
        for i in range(FLAWS + 3):
            report.problem(Problem("flawed", f"p{i}", f"p{i}.md: odd"))
        report.problem(Problem("rejected", "q", "q.md: wrong"))
    err = capfd.readouterr().err.splitlines()
    assert err[:2] == ["kg: flawed: p0.md: odd", "kg: flawed: p1.md: odd"]
    assert err[FLAWS] == "kg: rejected: q.md: wrong"
    assert err[FLAWS + 1 :] == ["kg: flawed: 3 more; `kg build --json` lists them all"]


def test_strict_fails(run, posts, tmp_path):
    (posts / "empty.md").write_bytes(b"")
    code, out, err = run("build", posts, "--out", tmp_path / "d", "--strict")
    assert (code, out) == (1, "")
    assert err.splitlines()[-1].startswith("kg: --strict: nothing is published")


def test_extract_prints_a_line_a_post(run, posts):
    code, out, err = run("extract", posts, "--format", "jsonl")
    assert (code, err) == (0, "")
    found = [json.loads(line) for line in out.splitlines()]
    assert [f["doc"] for f in found] == ["one", "two"]
    for f in found:
        text = (posts / f"{f['doc']}.md").read_text("utf-8")
        for r in f["relations"]:
            assert r["evidence"] == [text[s["start"] : s["end"]] for s in r["spans"]]


def test_validate_names_what_is_checked(ask):
    out, _ = ask("validate")
    assert "12 classes" in out
    assert "valid (2 posts)" in out


def test_validate_names_each_violation(run, tmp_path):
    (tmp_path / "bad.ttl").write_text(
        "@prefix kg: <https://ai-infra-kg.example/ontology/> .\n"
        "<https://x.example/c> a kg:Claim ; kg:modality kg:perhaps .\n"
    )
    code, out, err = run("validate", tmp_path / "bad.ttl")
    assert code == 4
    assert "https://x.example/c kg:modality: a claim is asserted, hedged or negated" in out
    assert err.startswith("kg: ")
    code, _, err = run("validate", tmp_path / "none.ttl")
    assert (code, "none.ttl" in err) == (2, True)


def test_export_is_sorted_graph_by_graph(ask):
    out, err = ask("export", "--format", "nquads")
    assert err == ""
    lines = out.encode().split(b"\n")[:-1]
    assert lines == sorted(lines, key=lambda line: (line.rsplit(b" ", 2)[1], line))


@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_query_formats(ask, form):
    text = (
        "SELECT ?t ?o { ?p a kg:Post ; dcterms:title ?t . ent:nvidia kg:develops ?o } ORDER BY ?t"
    )
    out, _ = ask("query", "-", "--format", form, stdin=text)
    if form == "table":
        assert "ent:nvidia-h100" in out
        assert "Two <b>bold</b>" in out
    elif form == "json":
        assert len(json.loads(out)["results"]["bindings"]) == 2
    else:
        assert [r["t"] for r in csv.DictReader(io.StringIO(out))] == ["One", "Two <b>bold</b>"]


def test_query_from_a_file_by_name_and_with_parameters(ask, tmp_path):
    (tmp_path / "q.rq").write_text("ASK { ?s kg:develops ?o }")
    assert ask("query", tmp_path / "q.rq")[0] == "yes\n"
    assert "NVIDIA H100" in ask("query", "who-develops-which-chip")[0]
    out, _ = ask("query", "claims-since-a-date", "--param", "since=2026-01-01", "-f", "csv")
    assert {r["day"] for r in csv.DictReader(io.StringIO(out))} == {"2026-01-05"}


def test_construct_prints_turtle(ask):
    out, _ = ask("query", "-", stdin="CONSTRUCT WHERE { ?s kg:develops ?o }")
    assert "ent:nvidia kg:develops ent:nvidia-h100" in out


def test_cut_off_rows_are_told(ask, monkeypatch):
    monkeypatch.setenv("KG_QUERY_ROWS", "2")
    _, err = ask("query", "-", stdin="SELECT * { ?s ?p ?o }")
    assert "cut off after 2 rows" in err


def test_neighbors(ask):
    out, _ = ask("neighbors", "エヌビディア")
    assert "NVIDIA H100" in out
    assert "1 of 1 neighbours, 1 edges" in out
    out, _ = ask("neighbors", "aws", "--format", "json")
    assert {(r["property"], r["modality"]) for r in json.loads(out)} == {
        ("uses", "asserted 1, hedged 1"),
        ("competesWith", "asserted"),
    }
    out, _ = ask("neighbors", "aws", "-m", "hedged", "--evidence")
    assert "two (hedged): aws:CloudProvider uses nvidia-h100:Chip hedged 0.6" in out


def test_path_quotes_its_evidence(ask):
    out, _ = ask("path", "NVIDIA", "Azure")
    assert out.startswith("NVIDIA – NVIDIA H100 – AWS – ")
    assert "aws:CloudProvider competesWith azure:CloudProvider asserted 0.7" in out
    out, _ = ask("path", "NVIDIA", "AWS", "--format", "json")
    (hop, _) = json.loads(out)[0]["hops"]
    assert hop["evidence"][0]["sentences"]


def test_central(ask):
    out, _ = ask("central", "--by", "pagerank", "--format", "csv", "--limit", "2")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [r["rank"] for r in rows] == ["1", "2"]
    assert float(rows[0]["pagerank"]) >= float(rows[1]["pagerank"])
    out, _ = ask("central", "--by", "degree", "--class", "Chip", "-m", "all")
    assert "新星" not in out


def test_search_and_queries(ask, run):
    assert "nvidia-h100" in ask("search", "h100")[0]
    assert "who-develops-which-chip" in run("queries")[1]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["neighbors", "nvdia"], 2, "no entity is called 'nvdia'; did you mean NVIDIA"),
        (["path", "AWS", "aws"], 2, "two entities"),
        (["path", "AWS", "新星"], 1, "nothing connects"),
        (["central", "--by", "fame"], 2, "pagerank"),
        (["neighbors", "AWS", "-p", "eats"], 2, "develops"),
        (["neighbors", "AWS", "-m", "perhaps"], 2, "asserted"),
        (["query", "nope.rq"], 2, "nope.rq: no such file"),
        (["query", "-"], 2, "line 1, column 1"),
        (["export", "-f", "yaml"], 2, "nquads"),
        (["search", "a", "-f", "yaml"], 2, "table, json, csv"),
        (["viz", "--out", "/no/such/folder/x.html"], 2, "/no/such/folder: no such folder"),
    ],
)
def test_what_is_wrong_is_one_line_on_standard_error(run, data, words, code, told):
    found = run(*words, "--data", data)
    assert found[0] == code
    assert found[1] == ""
    assert found[2].startswith("kg: ")
    assert told in found[2]
    assert found[2].count("\n") == 1


@pytest.mark.parametrize(
    "words", [["neighbors", "x"], ["query", "most-central"], ["export"], ["validate"], ["serve"]]
)
def test_no_snapshot_says_what_to_run(run, tmp_path, words):
    code, out, err = run(*words, "--data", tmp_path / "none")
    assert (code, out) == (5, "")
    assert "kg build" in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("words", [["build"], ["extract"]])
def test_no_posts(run, tmp_path, words):
    code, out, err = run(*words, tmp_path / "nowhere")
    assert (code, out) == (1, "")
    assert "nowhere: no such file or folder" in err
    (tmp_path / "empty").mkdir()
    code, out, err = run(*words, tmp_path / "empty")
    assert (code, out) == (1, "")
    assert "no posts" in err


def test_a_missing_ontology(run, tmp_path, posts):
    code, _, err = run("--ontology", tmp_path / "none", "build", posts, "--out", tmp_path / "d")
    assert code == 3
    assert "core.ttl" in err


def test_the_environment_sets_the_data_folder(run, data, monkeypatch):
    monkeypatch.setenv("KG_DATA", str(data))
    assert run("search", "nvidia")[0] == 0
    monkeypatch.setenv("KG_QUERY_ROWS", "many")
    code, _, err = run("search", "nvidia")
    assert (code, "KG_QUERY_ROWS='many'" in err) == (2, True)


def test_hostile_text_drives_no_terminal(run, tmp_path):
    post = tmp_path / "p.md"
    post.write_text(
        '---\ntitle: "\\e[31m[red]"\n---\na\x1b[31m[b]:Chip competesWith c:Chip asserted 1\n'
    )
    assert run("build", post, "--out", tmp_path / "d")[0] == 0
    for words in (["search", "a"], ["neighbors", "c", "-e"], ["query", "posts-overview"]):
        code, out, _ = run(*words, "--data", tmp_path / "d")
        assert code == 0
        assert "\x1b" not in out


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a\x1b]0;x\x07", "a\ufffd]0;x\ufffd"), ("a\u202eb", "a\ufffdb"), ("a\n b\t c", "a b c")],
)
def test_clean(text, shown):
    assert clean(text) == shown


CODE = """
import sys
from kg.cli import main
sys.argv = ["kg", *sys.argv[1:]]
try:
    main()
except SystemExit as e:
    assert not e.code, e.code
heavy = {"spacy", "ginza", "rdflib", "pyshacl", "networkx", "numpy", "scipy", "fastapi", "pyvis"}
print("LOADED", *sorted(heavy & set(sys.modules)))
"""


@pytest.mark.parametrize(
    "words",
    [["neighbors", "AWS"], ["search", "a"], ["central"], ["export"], ["query", "quantities"]],
)
def test_readers_load_nothing_heavy(data, words):
    done = subprocess.run(
        [sys.executable, "-c", CODE, *words, "--data", str(data)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "LOADED"


def test_an_up_to_date_build_loads_no_model(tmp_path):
    """What decides that a build is up to date is known without the extractor."""
    code = CODE.replace("main()", "import kg.inputs, kg.build\n    main()", 1)
    done = subprocess.run(
        [sys.executable, "-c", code, "queries"], capture_output=True, text=True, check=True
    )
    loaded = done.stdout.splitlines()[-1].split()[1:]
    assert not {"spacy", "ginza", "rdflib", "pyshacl"} & set(loaded)


def test_a_closed_pipe_ends_quietly(data):
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as out:
        done = subprocess.run(
            [
                sys.executable,
                "-c",
                "from kg.cli import main; main()",
                "export",
                "--data",
                str(data),
            ],
            stdout=out,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.stderr == b""


def test_help_and_version(run):
    code, out, _ = run("--help")
    assert code == 0
    for command in ("build", "validate", "extract", "export", "query", "path", "central", "serve"):
        assert command in out
    assert run("--version")[1].count(".") == 2
    assert run("nonsense")[0] == 2
