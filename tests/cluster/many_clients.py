"""Many client processes at once: `python -m tests.cluster.many_clients DIR ROWS.npy ANSWERS PROCESSES`.

Each process takes its share of the command rows, sends them one at a time, and writes its ANSWER rows to
ANSWERS.<number>.npy. They begin together, once all are connected. They are forked off one that has imported
everything, because importing costs seconds and connecting does not.
"""

import os
import sys
import time
from pathlib import Path

import numpy as np

from actors.config_file import load_config
from actors.ray_transport import RayTransport
from engine.rows.commands import COMMAND


def main(directory: Path, rows: np.ndarray, answers: Path, processes: int) -> int:
    """Fork, let all begin at once, and wait for all; gives how many failed."""
    connected, tell_connected = os.pipe()
    begin, tell_begin = os.pipe()
    children = []
    for number in range(processes):
        pid = os.fork()
        if not pid:
            os.close(tell_begin)
            os._exit(_send_each(directory, rows[number::processes], answers, number, tell_connected, begin))
        children.append(pid)
    for _ in children:
        os.read(connected, 1)
    began = time.perf_counter()
    os.close(tell_begin)
    failed = sum(os.waitpid(pid, 0)[1] != 0 for pid in children)
    print(f"{len(rows) / (time.perf_counter() - began):.0f}")
    return failed


def _send_each(
    directory: Path, rows: np.ndarray, answers: Path, number: int, tell_connected: int, begin: int
) -> int:
    transport = RayTransport(directory, load_config(), time.time_ns)
    os.write(tell_connected, b".")
    os.read(begin, 1)
    taken = [transport.deliver(0, rows[at : at + 1])[0] for at in range(len(rows))]
    np.save(f"{answers}.{number}.npy", np.concatenate(taken))
    transport.close()
    return 0


if __name__ == "__main__":
    given, file, stem, count = sys.argv[1:]
    sys.exit(main(Path(given), np.load(file).view(COMMAND).reshape(-1), Path(stem), int(count)))
