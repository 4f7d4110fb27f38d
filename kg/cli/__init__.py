"""The command `kg`: parse, call, print. Data goes to standard output, everything else to error.

Every KgError becomes one line and its exit code. What starts slowly is imported by the command
that needs it.
"""

from __future__ import annotations

import sys

from kg.errors import KgError


def main() -> None:
    """Run the command line and exit."""
    from kg.cli import console, judge, make, read  # importing them registers their commands
    from kg.cli.app import app

    del judge, make, read
    try:
        app()
    except KgError as e:
        console.say(f"kg: {e}")
        sys.exit(e.exit_code)
    except KeyboardInterrupt:
        console.say("kg: interrupted")
        sys.exit(130)
