"""Ctrl-C while a child is started comes after it, never in between."""

import os
import signal
import threading

import pytest

from actors.held_interrupts import interrupts_held


def test_an_interrupt_comes_when_the_body_is_done() -> None:
    done: list[str] = []

    with pytest.raises(KeyboardInterrupt):
        _interrupted(done)

    assert done == ["all of it"]


def _interrupted(done: list[str]) -> None:
    with interrupts_held():
        os.kill(os.getpid(), signal.SIGINT)
        done.append("all of it")


def test_afterwards_an_interrupt_comes_at_once_again() -> None:
    before = signal.getsignal(signal.SIGINT)

    with interrupts_held():
        pass

    assert signal.getsignal(signal.SIGINT) is before


def test_another_thread_has_nothing_to_hold() -> None:
    ran = []

    def body() -> None:
        with interrupts_held():
            ran.append(True)

    thread = threading.Thread(target=body)
    thread.start()
    thread.join()

    assert ran == [True]
