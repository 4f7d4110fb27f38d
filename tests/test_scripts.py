"""The shell scripts that prepare a machine, run with a PATH that holds only what a case needs."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parent.parent / "scripts"
TOOLS = ("sh", "env", "dirname", "cat", "rm", "id", "echo")


@pytest.fixture
def bin_folder(tmp_path):
    """A folder that stands in for the whole PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        (folder / tool).symlink_to(shutil.which(tool))
    return folder


def put(folder: Path, name: str, script: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def run(script: str, *args: str, path: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(SCRIPTS / script), *args],
        env={"PATH": str(path), **env},
        capture_output=True,
        text=True,
        check=False,
    )


def test_chromium_that_runs_is_found(bin_folder):
    put(bin_folder, "chromium", "exit 1")  # a hint to install a snap, say
    chrome = put(bin_folder, "google-chrome", "echo Chrome 1")
    done = run("ensure-chromium", path=bin_folder)
    assert (done.returncode, done.stdout) == (0, f"{chrome}\n")


def test_chrome_of_the_environment_comes_first(bin_folder, tmp_path):
    put(bin_folder, "chromium", "exit 0")
    mine = put(tmp_path, "my-chrome", "exit 0")
    assert run("ensure-chromium", path=bin_folder, CHROME=str(mine)).stdout == f"{mine}\n"
    broken = run("ensure-chromium", path=bin_folder, CHROME="/nowhere/chrome")
    assert broken.returncode == 1
    assert "CHROME=/nowhere/chrome" in broken.stderr


def test_without_a_browser_it_says_what_to_install(bin_folder):
    done = run("ensure-chromium", path=bin_folder)
    assert (done.returncode, done.stdout) == (1, "")
    assert "apt-get install chromium" in done.stderr


@pytest.mark.parametrize("uid", ["0", "1000"])
def test_chromium_is_installed_where_apt_may(bin_folder, uid):
    """As root apt-get is called itself, else through sudo where that needs no password."""
    (bin_folder / "id").unlink()
    put(bin_folder, "id", f"echo {uid}")
    put(bin_folder, "sudo", 'echo "sudo $*" >>"$LOG"; shift; "$@"')
    put(
        bin_folder,
        "apt-get",
        'echo "apt-get $*" >>"$LOG"\n'
        'case "$*" in *" chromium")\n'
        '  echo "echo ok" >"$BIN/chromium"; chmod +x "$BIN/chromium" ;;\n'
        "esac",
    )
    (bin_folder / "chmod").symlink_to(shutil.which("chmod"))
    (bin_folder / "true").symlink_to(shutil.which("true"))
    log = bin_folder.parent / "log"
    done = run("ensure-chromium", path=bin_folder, LOG=str(log), BIN=str(bin_folder))
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{bin_folder / 'chromium'}\n"
    called = log.read_text()
    assert "apt-get install -y -qq --no-install-recommends chromium\n" in called
    assert ("sudo -n" in called) == (uid != "0")


def test_packages_cannot_be_installed_when_sudo_asks(bin_folder):
    (bin_folder / "id").unlink()
    put(bin_folder, "id", "echo 1000")
    put(bin_folder, "sudo", "exit 1")
    put(bin_folder, "apt-get", "exit 0")
    assert run("apt-install", "chromium", path=bin_folder).returncode == 1


def test_old_python_is_named(bin_folder, tmp_path):
    put(bin_folder, "python3", 'if [ "$1" = --version ]; then echo Python 3.9.2; else exit 1; fi')
    done = run("make-venv", str(tmp_path / "venv"), path=bin_folder)
    assert done.returncode == 1
    assert "3.11 or newer" in done.stderr
    assert "Python 3.9.2" in done.stderr
    assert not (tmp_path / "venv").exists()


def test_python_without_ensurepip_names_the_package(bin_folder, tmp_path):
    put(
        bin_folder,
        "python3",
        'case "$2" in *version_info*exit*|*exit*version_info*) exit 0 ;; '
        "*ensurepip*) exit 1 ;; *) echo python3.11-venv ;; esac",
    )
    done = run("make-venv", str(tmp_path / "venv"), path=bin_folder)
    assert done.returncode == 1
    assert "apt-get install python3.11-venv" in done.stderr


def test_interrupted_environment_is_not_left_behind(bin_folder, tmp_path):
    venv = tmp_path / "venv"
    put(
        bin_folder,
        "python3",
        'if [ "$1" = -m ]; then "$MKDIR" "$4"; exit 7; fi',
    )
    done = run("make-venv", str(venv), path=bin_folder, MKDIR=shutil.which("mkdir"))
    assert done.returncode == 7
    assert not venv.exists()


@pytest.mark.parametrize("script", sorted(p.name for p in SCRIPTS.iterdir()))
def test_scripts_are_executable(script):
    assert os.access(SCRIPTS / script, os.X_OK)
