import json

import pytest

from kg.build import Report, build
from kg.cli.progress import PAUSE, lines
from kg.reporting import Progress, Work
from kg.settings import Settings


def test_progress_tells_speed_and_time_left():
    p = Progress(done=20, total=80, chars=300_000, seconds=10.0, post="p")
    assert (p.posts_a_second, p.chars_a_second, p.left) == (2.0, 30_000, 30.0)
    assert str(p) == "20/80 posts, 2.0 posts/s, 30,000 characters/s, 0:30 left"
    assert Progress(0, 5, 0, 0.0, "p").left == 0.0


def test_a_line_now_and_then_where_there_is_no_terminal(capsys):
    now = [100.0]
    progress = lines(lambda: now[0])
    for passed in (1.0, PAUSE, 1.0, PAUSE):
        now[0] += passed
        progress(Progress(1, 2, 10, 1.0, "p"))
    assert capsys.readouterr().err.count("1/2 posts") == 2


def test_a_report_counts_what_was_done(tmp_path, posts, toy):
    (posts / "empty.md").write_bytes(b"")

    def run():
        return build([posts], tmp_path / "data", Settings(), extractor=toy)

    first = run()
    assert isinstance(first, Report)
    told = json.loads(json.dumps(first.to_json()))
    assert told["posts"] == {"read": 3, "cached": 0, "unreadable": 1, "rejected": 0, "failed": 0}
    assert {"validate", "rdf", "metrics", "publish"} <= set(told["seconds"])
    assert told["characters_read"] > 0
    assert [p["kind"] for p in told["problems"]] == ["unreadable"]
    assert not told["up_to_date"]
    again = run().to_json()
    assert again["up_to_date"]
    assert (again["posts"]["read"], again["revision"]) == (0, told["revision"])


def test_seconds_add_up():
    work = Work()
    work.spend("parse", 1.0)
    work.spend("parse", 0.5)
    assert work.to_json()["seconds"] == {"parse": 1.5}


@pytest.mark.ginza
def test_sentences_are_counted(tmp_path, parser):
    from kg.engine.local import InProcess
    from kg.engine.reader import TracingExtractor

    posts = tmp_path / "posts"
    posts.mkdir()
    text = "NVIDIAはAWSと提携した。今日は晴れだ。\n"
    for name in ("a", "b"):
        (posts / f"{name}.md").write_text(text, "utf-8")
    work = build(
        [posts],
        tmp_path / "data",
        Settings(),
        engine=lambda job, _: InProcess(job, lambda s: TracingExtractor(s, parser=parser)),
    ).work
    assert (work.seen, work.distinct, work.needed, work.parsed) == (4, 2, 2, 1)
