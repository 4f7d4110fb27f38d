"""How fast a build is, how much memory it takes, and how both grow: ratios, with the machine named.

    python -m bench.scale CORPUS --posts 2482 --gold GOLD --out scale.json --plot docs/scale.png

Builds parts of a corpus of growing size from scratch, then again with nothing and with one post
changed; reads a sample with raw ja_ginza (`nlp.pipe`, n_process=2) in the same run; loads the
quads in bulk; starts commands; and scores the extractor with and without its choice of sentences.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pyoxigraph as ox

from bench.annotated import symmetric
from kg.annotation import Annotation, read_gold
from kg.engine.choose import cores
from kg.evaluation import evaluate
from kg.extract.memo import RememberingParser
from kg.extract.parse import Parser
from kg.extract.pipeline import Extractor
from kg.extract.posts import find_posts, read_post
from kg.extract.reading import Reading
from kg.graph.loading import bulk_load
from kg.graph.store import Snapshot
from kg.graph.streaming import graphs
from kg.schema import Schema
from kg.settings import Settings, data_folder

SAMPLE = 60_000
"""Characters that raw ja_ginza reads: at its speed half a minute."""

RAW = """
import json, os, sys, time, spacy
texts = json.load(open(sys.argv[1]))
nlp = spacy.load("ja_ginza")
list(nlp.pipe(texts[:2]))
start, used = time.perf_counter(), sum(os.times()[:4])
for _ in nlp.pipe(texts, n_process=2): pass
print(time.perf_counter() - start, sum(os.times()[:4]) - used)
"""
KG = [sys.executable, "-c", "from kg.cli import main; main()"]


class Memory:
    """The most memory that this process's children held at once: the sum of their PSS."""

    def __init__(self) -> None:
        self.most = 0

    @contextmanager
    def watched(self) -> Iterator[None]:
        over = threading.Event()

        def watch() -> None:
            while not over.wait(1.0):
                held = 0
                for p in psutil.Process().children(recursive=True):
                    try:
                        held += p.memory_full_info().pss
                    except psutil.Error:
                        continue
                self.most = max(self.most, held)

        thread = threading.Thread(target=watch)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


def run(*words: object) -> tuple[float, str]:
    """Run a command of kg; return its seconds by the clock and its output."""
    start = time.perf_counter()
    done = subprocess.run(
        [*KG, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True
    )
    return time.perf_counter() - start, done.stdout.decode()


def cpu() -> float:
    """Return the processor seconds of all children that have ended, and of theirs.

    On a machine that others use too they tell more than the clock.
    """
    times = os.times()
    return times.children_user + times.children_system


def machine() -> dict[str, Any]:
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [
            x.partition(":")[2].strip() for x in info.read_text().splitlines() if "model name" in x
        ]
        cpu = names[0] if names else cpu
    return {
        "cpu": cpu,
        "cores": cores(),
        "memory": psutil.virtual_memory().total,
        "python": platform.python_version(),
        "load before": os.getloadavg()[0],
    }


def raw_ginza(posts: Sequence[Path], folder: Path) -> dict[str, float]:
    """Return how fast the unchanged pipeline reads the sentences of some posts."""
    schema = Schema.load(Settings().ontology)
    extractor = Extractor(schema)
    texts: list[str] = []
    chars = 0
    for path in posts:
        for s in extractor.read(read_post(path)).sentences:
            texts.append(s.text)
            chars += len(s.text)
        if chars >= SAMPLE:
            break
    (folder / "texts.json").write_text(json.dumps(texts), "utf-8")
    done = subprocess.run(
        [sys.executable, "-c", RAW, str(folder / "texts.json")],
        capture_output=True,
        text=True,
        check=True,
    )
    seconds, used = map(float, done.stdout.split()[-2:])
    return {
        "characters": chars,
        "seconds": seconds,
        "chars_a_second": chars / seconds,
        "cpu_seconds": used,
    }


def builds(files: Sequence[Path], sizes: Sequence[int], folder: Path) -> list[dict[str, Any]]:
    """Build parts of a corpus from scratch, and the last again unchanged and changed."""
    out: list[dict[str, Any]] = []
    for size in sizes:
        posts, data = folder / f"posts-{size}", folder / f"data-{size}"
        posts.mkdir()
        # Every n-th, so that a part is like the whole.
        for i in range(size):
            shutil.copy(files[i * len(files) // size], posts)
        memory, used = Memory(), cpu()
        with memory.watched():
            seconds, told = run("build", posts, "--out", data, "--json")
        report = json.loads(told)
        chars = report["characters_read"]
        row = {
            "posts": size,
            "characters": chars,
            "seconds": seconds,
            "chars_a_second": chars / seconds,
            "cpu_seconds": cpu() - used,
            "seconds_a_post": seconds / size,
            "peak_memory": memory.most,
            "report": {k: report[k] for k in ("sentences", "seconds", "elapsed")},
        }
        if size == sizes[-1]:
            row["nothing_changed"] = min(
                run("build", posts, "--out", data, "--quiet")[0] for _ in range(3)
            )
            changed = sorted(posts.iterdir())[0]
            text = changed.read_text("utf-8", errors="replace")
            changed.write_text(text + "\nNVIDIAはGoogleと提携した。\n", "utf-8")
            row["one_changed"], told = run("build", posts, "--out", data, "--json")
            row["one_changed_seconds"] = json.loads(told)["seconds"]
            row["start"] = starts(data)
            row["load"] = load(data, folder / "loaded")
        out.append(row)
        print(f"{size} posts: {seconds:.1f} s, {chars / seconds:,.0f} characters/s", flush=True)
    return out


def starts(data: Path) -> dict[str, float]:
    """Return the seconds that commands take, beside those of Python itself."""
    query = data / "one.rq"
    query.write_text("SELECT ?n { ent:nvidia rdfs:label ?n } LIMIT 1", "utf-8")
    words = {
        "query": ["query", query, "--data", data],
        "neighbors": ["neighbors", "NVIDIA", "--data", data],
        "path": ["path", "AWS", "NVIDIA", "--data", data],
    }
    found = {name: min(run(*w)[0] for _ in range(5)) for name, w in words.items()}
    start = time.perf_counter()
    for _ in range(5):
        subprocess.run([sys.executable, "-c", "pass"], check=True)
    return {"python": (time.perf_counter() - start) / 5, **found}


def load(data: Path, target: Path) -> dict[str, float]:
    """Return how fast the quads of a snapshot are loaded in bulk, the union among them."""
    held = list(graphs(Snapshot.open(data)))
    start = time.perf_counter()
    bulk_load(target, held)
    seconds = time.perf_counter() - start
    quads = len(ox.Store.read_only(str(target)))
    return {"quads": quads, "seconds": seconds, "quads_a_second": quads / seconds}


class Everything(Extractor):
    """The extractor, parsing every sentence that names anything."""

    def worth_parsing(self, r: Reading) -> list[int]:
        return self.candidates.worth_parsing(r.sentences, r.mentions)


def quality(gold: Sequence[Path]) -> dict[str, dict[str, float]]:
    """Return F1 on annotated posts with and without the choice of sentences."""
    schema = Schema.load(Settings().ontology)
    parser = RememberingParser(Parser())
    annotated = read_gold(gold)
    beside = (p if p.is_dir() else p.parent for p in gold)
    folders = [data_folder("seeds"), *dict.fromkeys(beside)]
    posts = [read_post(f) for f in find_posts(folders) if f.stem in annotated]
    wanted = {p.id: annotated[p.id] for p in posts}
    found: dict[str, dict[str, float]] = {"posts": {"annotated": len(posts)}}
    for name, kind in (("everything", Everything), ("selected", Extractor)):
        extractor = kind(schema, parser=parser)
        made = {f.post.id: Annotation.of(f) for f in extractor.extract(posts)}
        figures = evaluate(made, wanted, symmetric(schema)).to_json()
        found[name] = {k: figures[k]["f1"] for k in ("entity", "relation", "quantity")}
    return found


def table(result: dict[str, Any]) -> str:
    """Return the figures for people."""
    m, last, raw = result["machine"], result["builds"][-1], result["raw_ginza"]
    lines = [
        f"{m['cpu']}, {m['cores']} cores, {m['memory'] / 2**30:.0f} GiB, Python {m['python']}",
        "",
        "| posts | characters | seconds | characters/s | ms a post | CPU ms a post | peak memory |",
        "|--:|--:|--:|--:|--:|--:|--:|",
    ]
    lines += [
        f"| {b['posts']:,} | {b['characters']:,} | {b['seconds']:.0f} | {b['chars_a_second']:,.0f} | "
        f"{1000 * b['seconds_a_post']:.0f} | {1000 * b['cpu_seconds'] / b['posts']:.0f} | "
        f"{b['peak_memory'] / 2**30:.2f} GiB |"
        for b in result["builds"]
    ]
    start, loaded = last["start"], last["load"]
    rows = [
        ("raw ja_ginza, n_process=2, characters/s", f"{raw['chars_a_second']:,.0f}"),
        ("a build, against that", f"{result['ratio']:.0f} times"),
        ("the same, by processor seconds", f"{result['cpu_ratio']:.0f} times"),
        ("nothing changed", f"{last['nothing_changed']:.2f} s"),
        ("one post changed", f"{last['one_changed']:.1f} s"),
        ("bulk load", f"{loaded['quads_a_second']:,.0f} quads/s of {loaded['quads']:,}"),
        (
            "kg query, neighbors, path",
            ", ".join(f"{start[k]:.2f} s" for k in ("query", "neighbors", "path")),
        ),
        ("python -c pass", f"{start['python']:.2f} s"),
    ]
    for kind in ("entity", "relation", "quantity") if "quality" in result else ():
        q = result["quality"]
        rows.append(
            (
                f"F1, {kind}: all parsed, selected",
                f"{q['everything'][kind]:.4f}, {q['selected'][kind]:.4f}",
            )
        )
    return "\n".join([*lines, "", "| | |", "|---|--:|", *(f"| {a} | {b} |" for a, b in rows)])


def plot(result: dict[str, Any], path: Path) -> None:
    """Draw the time a post against the number of posts."""
    import matplotlib as mpl  # noqa: PLC0415  (only where a plot is wanted)

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    rows = result["builds"]
    figure, axis = plt.subplots(figsize=(6, 3.2), layout="constrained")
    x = [b["posts"] for b in rows]
    for label, key in (("by the clock", "seconds"), ("processor", "cpu_seconds")):
        axis.plot(x, [1000 * b[key] / b["posts"] for b in rows], marker="o", label=label)
    axis.legend()
    axis.set(xlabel="posts", ylabel="ms a post, from scratch", ylim=(0, None))
    axis.set_title("Time a post is the same however many there are", fontsize=10)
    axis.grid(alpha=0.3)
    figure.savefig(path, dpi=120)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--posts", type=int, default=0, help="how many; all without it")
    parser.add_argument("--gold", type=Path, nargs="*", default=[], help="gold files, or folders")
    parser.add_argument("--out", type=Path, help="JSON file to write")
    parser.add_argument("--plot", type=Path, help="PNG file to write")
    options = parser.parse_args()
    read_gold(options.gold)  # what is wrong with them is better known now than after the builds
    files = find_posts([options.corpus])
    count = min(options.posts or len(files), len(files))
    sizes = sorted({min(250, count), min(800, count), count})
    with tempfile.TemporaryDirectory(prefix="kg-scale-") as name:
        folder = Path(name)
        result: dict[str, Any] = {"machine": machine()}
        result["raw_ginza"] = raw_ginza(files, folder)
        result["builds"] = builds(files, sizes, folder)
        whole = result["builds"][-1]["chars_a_second"]
        raw, last = result["raw_ginza"], result["builds"][-1]
        result["ratio"] = whole / raw["chars_a_second"]
        result["cpu_ratio"] = (last["characters"] / last["cpu_seconds"]) / (
            raw["characters"] / raw["cpu_seconds"]
        )
        if options.gold:
            result["quality"] = quality(options.gold)
    print(table(result))
    if options.out:
        options.out.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    if options.plot:
        plot(result, options.plot)


if __name__ == "__main__":
    main()
