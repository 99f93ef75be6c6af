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
            release.wait(5)

    with ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(work)]
        assert entered.wait(5)
        jobs.append(pool.submit(work))
        time.sleep(0.05)
        started = time.perf_counter()
        with pytest.raises(Busy) as busy, admission.place():
            pass
        assert time.perf_counter() - started < 0.5
        assert busy.value.retry_after_s >= 1
        release.set()
        for job in jobs:
            job.result(5)


def test_waiting_ends_when_patience_does() -> None:
    admission = Admission(working=1, waiting=1, patience_s=0.05)
    with admission.place(), ThreadPoolExecutor(1) as pool:

        def wait() -> None:
            with admission.place():
                pass

        with pytest.raises(Busy):
            pool.submit(wait).result(5)


def test_a_failing_caller_gives_its_place_back() -> None:
    admission = Admission(working=1, waiting=0)
    for _ in range(3):
        with pytest.raises(RuntimeError), admission.place():
            raise RuntimeError
    with admission.place():
        pass


def test_no_place_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Admission(working=0, waiting=3)
