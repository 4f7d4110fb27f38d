"""What is shipped: version, pins, wheel, documents, and nothing of the machine it was made on."""

import re
import subprocess
import sys
import tomllib
import zipfile
from dataclasses import fields
from pathlib import Path

import pytest

import kg
from kg.settings import Settings, data_folder

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("ontology", "queries", "viz", "seeds")

# Put together here so that this file passes its own test.
REGISTRY_HOSTS = tuple(
    ".".join(labels)
    for labels in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
    )
)
# A path of a home or work directory, and not such a word inside a URL or a longer path.
MACHINE_PATH = re.compile(r"(?<![\w.:/~$}-])/(?:home|root|work|Users|workspace)/[\w.-]")


def tracked_files() -> list[Path]:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    # The checkout may belong to another user than the one that runs the tests.
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    ).stdout
    files = [ROOT / name.decode() for name in listed.split(b"\0") if name]
    return [f for f in files if f.is_file()]


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def test_version_is_that_of_pyproject():
    assert kg.__version__ == project()["version"]


def test_changelog_starts_with_this_version():
    headings = re.findall(r"^## \[([^]]+)\]", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)
    assert headings[0] in {"Unreleased", kg.__version__}
    assert kg.__version__ in headings


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("see /home/me/x", True),
        ("'/root/x'", True),
        ("file:///Users/me/x", False),
        ("https://example.com/work/x", False),
        ("https://example.com/a-b/home/x", False),
    ],
)
def test_machine_path_pattern(line, found):
    """The pattern is for bare paths: URLs, as posts cite them, are not what it looks for."""
    assert bool(MACHINE_PATH.search(line)) == found


def test_no_file_names_the_machine_it_was_made_on():
    found = []
    for path in tracked_files():
        if path == Path(__file__):
            continue
        text = path.read_text("utf-8", errors="replace")
        found += [f"{path.relative_to(ROOT)}: {m.group()}" for m in MACHINE_PATH.finditer(text)] + [
            f"{path.relative_to(ROOT)}: {host}" for host in REGISTRY_HOSTS if host in text
        ]
    assert found == []


def test_constraints_are_exact_pins_and_nothing_else():
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pin = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*==[0-9][0-9A-Za-z.+!]*")
    assert [line for line in lines if not pin.fullmatch(line)] == []
    names = [normal(line.split("==")[0]) for line in lines]
    assert len(names) == len(set(names))


def test_every_requirement_is_pinned():
    pinned = {
        normal(line.split("==")[0])
        for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    }
    declared = [
        *project()["dependencies"],
        *(r for extra in project()["optional-dependencies"].values() for r in extra),
    ]
    names = {normal(re.match(r"[A-Za-z0-9._-]+", r).group()) for r in declared}
    assert names - pinned == set()


def normal(name: str) -> str:
    """Return a distribution's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("name", FOLDERS)
def test_data_folders_are_found_in_a_checkout(name):
    assert data_folder(name) == ROOT / name
    assert data_folder(name).is_dir()


def test_wheel_carries_the_data_folders_and_finds_them(tmp_path):
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as z:
        z.extractall(site)
    for name in FOLDERS:
        here = {f.relative_to(ROOT / name) for f in tracked_files() if (ROOT / name) in f.parents}
        there = {
            f.relative_to(site / "kg/data" / name) for f in (site / "kg/data" / name).rglob("*")
        }
        assert here <= there
    found = subprocess.run(
        [
            sys.executable,
            "-c",
            "from kg.settings import Settings, data_folder\n"
            f"print(Settings().ontology, *map(data_folder, {FOLDERS!r}), sep='\\n')",
        ],
        cwd=tmp_path,
        # Before site-packages, where the editable install would answer.
        env={"PYTHONPATH": str(site)},
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    assert found == [str(site / "kg/data" / name) for name in ("ontology", *FOLDERS)]


@pytest.mark.parametrize("setting", fields(Settings), ids=lambda f: f.name)
def test_every_setting_is_in_the_readme(setting):
    value = getattr(Settings(), setting.name)
    default = value.name if isinstance(value, Path) else value
    row = f"| `KG_{setting.name.upper()}` | `{default}` | {setting.metadata['help']} |"
    assert row in (ROOT / "README.md").read_text("utf-8").splitlines()


def test_readme_links_lead_somewhere():
    for name in ("README.md", "CONTRIBUTING.md"):
        text = re.sub(r"<!--.*?-->", "", (ROOT / name).read_text("utf-8"), flags=re.S)
        targets = re.findall(r"\]\(([^)#\s]+)", text)
        missing = [t for t in targets if "://" not in t and not (ROOT / t).exists()]
        assert missing == []
