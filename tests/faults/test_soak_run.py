"""A short soak is flat, and what grows is seen; `python -m tests.faults.soak_run` soaks for ten minutes."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.faults.flatness import growing, sample_of
from tests.faults.report import ROOT

SECONDS = 60
SIZES = ["--segment-mib", "1024", "--growth-mib", "100"]
"""In a minute no segment is closed, whose descriptors stay open until its readers end, and the buffer of one
snapshot weighs more than all that could leak: those are for the long run to see."""
SAMPLES = 24
SAMPLE_EVERY_S = 0.05

FLAT = "pass"
LEAKING = "kept.append(bytearray(2**21))"
FORGETFUL = "kept.append(open('/dev/null'))"
BUSY = "kept.append(threading.Thread(target=time.sleep, args=(60,), daemon=True)); kept[-1].start()"


@contextmanager
def child(deed: str) -> Iterator[int]:
    """The pid of a process that does something again and again."""
    code = (
        f"import threading, time\nkept = []\nprint(flush=True)\nwhile True:\n    {deed}\n    time.sleep(0.02)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            yield process.pid
        finally:
            process.kill()


@pytest.mark.parametrize(
    ("deed", "said"), [(FLAT, ""), (LEAKING, "anonymous_mib"), (FORGETFUL, "descriptors"), (BUSY, "threads")]
)
def test_what_a_process_keeps_is_seen_from_outside(deed: str, said: str) -> None:
    with child(deed) as pid:
        samples = []
        for _ in range(SAMPLES):
            samples.append(sample_of(pid))
            time.sleep(SAMPLE_EVERY_S)

    assert " ".join(sentence.split()[0] for sentence in growing(samples)) == said


@pytest.mark.faults
@pytest.mark.cluster
@pytest.mark.timeout(300)
def test_a_minute_of_orders_days_and_slow_readers_leaves_nothing_behind() -> None:
    command = [sys.executable, "-m", "tests.faults.soak_run", "--seconds", str(SECONDS), *SIZES]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    print(done.stdout)
    assert done.returncode == 0, done.stderr + done.stdout
