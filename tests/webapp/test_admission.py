"""A bounded number work, a few wait, the rest are sent away at once."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from webapp.admission import Admission, Busy


def test_the_third_caller_of_one_place_and_one_waiting_is_sent_away_at_once() -> None:
    admission = Admission(working=1, waiting=1)
    release, entered = threading.Event(), threading.Event()

    def work() -> None:
        with admission.place():
            entered.set()
            release.wait(60)

    with ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(work)]
        assert entered.wait(60)
        jobs.append(pool.submit(work))
        while admission.has_place:
            time.sleep(0.001)
        started = time.perf_counter()
        with pytest.raises(Busy) as busy, admission.place():
            pass
        assert time.perf_counter() - started < 5  # who waits is patient for 8 s
        assert busy.value.retry_after_s >= 1
        release.set()
        for job in jobs:
            job.result(60)


def test_waiting_ends_when_patience_does() -> None:
    admission = Admission(working=1, waiting=1, patience_s=0.05)
    with admission.place(), ThreadPoolExecutor(1) as pool:

        def wait() -> None:
            with admission.place():
                pass

        with pytest.raises(Busy):
            pool.submit(wait).result(60)


def test_a_failing_caller_gives_its_place_back() -> None:
    admission = Admission(working=1, waiting=0)
    for _ in range(3):
        with pytest.raises(RuntimeError), admission.place():
            raise RuntimeError
    with admission.place():
        pass


def test_a_block_inside_a_block_takes_no_second_place() -> None:
    admission = Admission(working=1, waiting=0)
    with admission.place(), admission.place():
        assert not admission.has_place
    assert admission.has_place


def test_who_came_first_is_served_first() -> None:
    admission = Admission(working=1, waiting=5, patience_s=60)
    served: list[int] = []

    def work(number: int) -> None:
        with admission.place():
            served.append(number)

    with ThreadPoolExecutor(5) as pool, admission.place():
        for number in range(5):
            pool.submit(work, number)
            while len(admission._queue) <= number:
                time.sleep(0.001)
    assert served == [0, 1, 2, 3, 4]


def test_a_crowd_leaves_every_place_free() -> None:
    admission = Admission(working=2, waiting=3, patience_s=0.02)
    at_work, most, lock = 0, 0, threading.Lock()

    def work() -> bool:
        nonlocal at_work, most
        try:
            with admission.place():
                with lock:
                    at_work += 1
                    most = max(most, at_work)
                time.sleep(0.003)
                with lock:
                    at_work -= 1
        except Busy:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        done = list(pool.map(lambda _: work(), range(300)))
    assert most <= 2
    assert any(done)
    with admission.place(), ThreadPoolExecutor(1) as pool:
        assert pool.submit(work).result(60)


def test_no_place_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Admission(working=0, waiting=3)
