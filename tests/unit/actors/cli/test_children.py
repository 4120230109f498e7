"""What a program started is gone when it says so: what listens, what does not, and what had ended before."""

import subprocess
import sys

PROGRAM = """
import os, signal, subprocess, sys
from actors.cli.children import end_children

def child(handler):
    words = f"import signal; signal.signal(signal.SIGTERM, {handler}); print(1, flush=True); signal.pause()"
    started = subprocess.Popen([sys.executable, "-c", words], stdout=subprocess.PIPE)
    started.stdout.readline()
    return started

ended = subprocess.Popen([sys.executable, "-c", ""])
os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
polite, deaf = child("signal.SIG_DFL"), child("signal.SIG_IGN")
end_children(within_s=0.5)
print([one.poll() for one in (ended, polite, deaf)])
"""


def test_none_runs_afterwards() -> None:
    """One had ended, one ends when it is asked, one has to be killed: each has its exit status at once."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)

    assert done.stdout == "[0, -15, -9]\n"
