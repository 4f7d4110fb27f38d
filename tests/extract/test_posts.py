import hashlib
import re

import pytest

from kg.errors import NothingToDo, PostError
from kg.extract.posts import find_posts, front_matter, read_post

LONG = "この段落は四十字を超える長さをもち、二度目に現れたときには数えられるはずのものである。"


def put(folder, name, content):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# ---------------------------------------------------------------- finding


def test_posts_below_folders_come_sorted_by_name_and_once(tmp_path):
    for name in ("z.md", "sub/b.TXT", "a.markdown", "c.rst", ".hidden.md", ".git/d.md", "e.md/f"):
        put(tmp_path, name, "x")
    named = put(tmp_path, "other.log", "x")
    found = find_posts([tmp_path / "sub", named, tmp_path, tmp_path / "z.md"])
    assert [p.name for p in found] == ["a.markdown", "b.TXT", "other.log", "z.md"]


def test_a_folder_may_itself_lie_in_a_hidden_one(tmp_path):
    put(tmp_path, ".cache/posts/a.md", "x")
    assert [p.name for p in find_posts([tmp_path / ".cache" / "posts"])] == ["a.md"]


def test_a_path_that_does_not_exist_is_named(tmp_path):
    put(tmp_path, "a.md", "x")
    with pytest.raises(PostError, match=r"nowhere\.md: no such file or folder"):
        find_posts([tmp_path, tmp_path / "nowhere.md"])


def test_a_folder_without_posts_is_named(tmp_path):
    put(tmp_path, "a.rst", "x")
    with pytest.raises(NothingToDo, match=tmp_path.name):
        find_posts([tmp_path])
    with pytest.raises(NothingToDo, match="no path at all"):
        find_posts([])


def test_two_posts_with_one_id_are_both_named(tmp_path):
    put(tmp_path, "one/a.md", "x")
    put(tmp_path, "two/a.txt", "y")
    with pytest.raises(PostError, match=r"two/a\.txt and .*one/a\.md would both be post 'a'"):
        find_posts([tmp_path])


def test_one_post_reached_by_two_ways_is_one_post(tmp_path):
    path = put(tmp_path, "a.md", "x")
    (tmp_path / "link").mkdir()
    (tmp_path / "link" / "a.md").symlink_to(path)
    assert len(find_posts([tmp_path])) == 1


# ---------------------------------------------------------------- reading


def test_a_sound_post_is_read_without_warnings(tmp_path):
    text = '---\ntitle: "題名"\ndate: 2025-12-20 08:00:00 +0900\ntags: [a, b]\n---\n本文だ。\n'
    path = put(tmp_path, "post.md", text)
    post = read_post(path)
    assert (post.id, post.title, post.date, post.warnings) == (
        "post",
        "題名",
        "2025-12-20T08:00:00",
        (),
    )
    assert post.text == text
    assert post.sha256 == hashlib.sha256(text.encode()).hexdigest()


HEAD = "---\ntitle: 題\n---\n"


@pytest.mark.parametrize(
    ("content", "warning"),
    [
        ("本文だ。", "no front matter"),
        ("---\ntitle: 題\n本文だ。", "no front matter"),
        (
            "---\ntitle: a: b\n---\n本文だ。",
            r"broken YAML in the front matter \(line 2, column 9\)",
        ),
        ("---\n- 題\n---\n本文だ。", "the front matter is not a mapping"),
        ("---\n---\n本文だ。", "the front matter is not a mapping"),
        (HEAD.encode() + b"AWS \xff\xfe", "invalid UTF-8 at byte 23; 2 characters replaced"),
        (HEAD + "半\ufffd体", r"1 replacement characters \(U\+FFFD\), the first at 18"),
        (HEAD + f"{LONG}\n\n別の段落。\n\n{LONG}\n", "1 repeated paragraphs, each read once"),
        (HEAD.replace("\n", "\r\n") + f"{LONG}\r\n\r\n{LONG}", "1 repeated paragraphs"),
        (HEAD + "本文だ。\n---END---\n後の文。\n", r"an ---END--- marker at 22; the text after it"),
        (HEAD + "本文だ。\r\n---END---\r\n", "an ---END--- marker at 23"),
    ],
)
def test_a_flaw_is_a_warning_that_names_the_file(tmp_path, content, warning):
    path = put(tmp_path, "flawed.md", content)
    post = read_post(path)
    assert post.text
    assert len(post.warnings) == 1
    assert post.warnings[0].startswith(f"{path}: ")
    assert re.search(warning, post.warnings[0])


def test_flaws_add_up(tmp_path):
    path = put(tmp_path, "a.md", f"{LONG}\n\n{LONG}\n\n---END---\n".encode() + b"\xff")
    assert len(read_post(path).warnings) == 4


def test_short_paragraphs_may_repeat(tmp_path):
    assert read_post(put(tmp_path, "a.md", HEAD + "はい。\n\nはい。\n")).warnings == ()


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"", "the file is empty"),
        (b" \r\n\t\n", "the file is empty"),
        (b"AWS\0Trainium", "not a text file"),
        ("AWS本文".encode("utf-16"), "not a text file"),
        (b"x" * 101, "101 bytes, over the limit of 100"),
    ],
)
def test_a_file_that_leaves_nothing_to_read_is_an_error(tmp_path, content, cause):
    path = put(tmp_path, "bad.md", content)
    with pytest.raises(PostError, match=cause) as caught:
        read_post(path, max_bytes=100)
    assert str(path) in str(caught.value)


def test_a_file_that_is_gone_or_a_folder_is_an_error(tmp_path):
    with pytest.raises(PostError, match=r"gone\.md: No such file"):
        read_post(tmp_path / "gone.md")
    with pytest.raises(PostError, match="Is a directory"):
        read_post(tmp_path)


def test_a_file_of_exactly_the_limit_is_read(tmp_path):
    assert read_post(put(tmp_path, "a.md", b"x" * 100), max_bytes=100).text == "x" * 100


# ---------------------------------------------------------------- front matter


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("---\ntitle: 題名\n---\n", {"title": "題名"}),
        ("---\r\ntitle: \"題 名\"\r\ndate: '2025-01-02'\r\n---\r\n本", None),
        ("\ufeff---\ntitle: '題'\n---\n本", {"title": "題"}),
        ("---\ntitle: 😀の題\nexcerpt: 要約😀\n---\n本", {"title": "😀の題", "excerpt": "要約😀"}),
        ("---\ntags:\n  - a\ntitle: 題\n--- \n本", {"title": "題"}),
        ('---\ntitle: "a\\"b"\n---\n', {"title": 'a\\"b'}),
        ("---\ntitle: 題\n---\n\n---\ntitle: 別\n---\n", {"title": "題"}),
    ],
)
def test_fields_stand_where_they_say(text, fields):
    head = front_matter(text)
    assert not head.problem
    for value in head.fields.values():
        assert text[value.start : value.end] == value.text
    found = {k: v.text for k, v in head.fields.items()}
    assert found == (fields or {"title": "題 名", "date": "2025-01-02"})
    assert text[: head.body].rstrip("\r\n ").endswith("---")


@pytest.mark.parametrize(
    ("date", "read"),
    [
        ("2025-12-20", "2025-12-20"),
        ("2025-12-20T08:00", "2025-12-20T08:00"),
        ('"2025-12-20 08:00:00"', "2025-12-20T08:00:00"),
        ("December 20", ""),
        ("[2025]", ""),
    ],
)
def test_dates(tmp_path, date, read):
    assert read_post(put(tmp_path, "a.md", f"---\ndate: {date}\n---\n本\n")).date == read


@pytest.mark.parametrize(
    "content", [b"\xef\xbb\xbf", "\u3000\n".encode(), b"---\ntitle: " + b"[" * 5000 + b"\n---\n"]
)
def test_blank_files_and_bottomless_front_matter(tmp_path, content):
    path = put(tmp_path, "a.md", content)
    if b"title" in content:
        assert "broken YAML" in read_post(path).warnings[0]
    else:
        with pytest.raises(PostError, match="the file is empty"):
            read_post(path)


def test_a_broken_head_is_read_as_far_as_a_reader_can(tmp_path):
    text = '---\ntitle: NVIDIA: 新GPUを発表\ndate: 2026-01-02\ntags: ["a"\nauthor: "x"\n---\n\n本文。\n'
    post = read_post(put(tmp_path, "a.md", text.encode()))
    assert (post.title, post.date) == ("NVIDIA: 新GPUを発表", "2026-01-02")
    assert "broken YAML" in post.warnings[0]
    fields = front_matter(post.text).fields
    assert sorted(fields) == ["author", "date", "title"]
    assert all(post.text[f.start : f.end] == f.text for f in fields.values())
