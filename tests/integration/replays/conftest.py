"""The command line run in this process, as for the other verbs."""

from tests.unit.actors.cli.conftest import run

__all__ = ["run"]
