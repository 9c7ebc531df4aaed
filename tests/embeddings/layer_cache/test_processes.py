"""Several processes, and processes that are killed."""

import random
import time

import numpy as np

from seedbed.embeddings.layer_cache.cached_layers import cached_layers
from seedbed.embeddings.layer_cache.maintenance import stats, verify

NUMBER = 90


def test_killed_at_any_moment_it_goes_on_where_it_was(home, hashed, process):
    rng = random.Random(3)
    before = rounds = 0
    while rounds < 4 or not before:  # on a busy machine the first rounds may end before anything is written
        rounds += 1
        running = process(NUMBER, 0.02)
        assert running.stdout.readline() == "begun\n"
        assert all(running.stdout.readline().startswith("at ") for _ in range(max(1, rounds - 3)))
        time.sleep(rng.uniform(0.01, 0.12))
        running.kill()
        running.wait()
        found = verify()
        assert (found.damaged, found.set_aside) == (0, 0)
        there = sum(held.sentences for held in stats().models)
        assert before <= there < NUMBER
        before = there
    own = hashed.Settings()
    layers = cached_layers(hashed.sentences(NUMBER), own)
    assert layers.filled.hits == before > 0
    for n, tokens in enumerate(hashed.sentences(NUMBER)):
        assert np.array_equal(layers.rows(n), hashed.Hashed().rows(tokens).astype(np.float16))
    assert verify().sentences == NUMBER


def test_two_processes_at_once_compute_each_sentence_once(home, process):
    both = [process(NUMBER, 0.01) for _ in range(2)]
    said = [one.communicate(timeout=60)[0].splitlines() for one in both]
    assert [one.returncode for one in both] == [0, 0]
    assert sorted(lines[-1] for lines in said) == ["computed 0", f"computed {NUMBER}"]
    assert stats().models[0].sentences == NUMBER


def test_who_waits_for_another_process_says_so(home, hashed, process):
    running = process(NUMBER, 0.03)
    while running.stdout.readline().startswith(("begun", "at 0")):
        pass
    told = []
    layers = cached_layers(hashed.sentences(NUMBER), hashed.Settings(), told.append)
    assert [one.note for one in told if one.note] == ["another process computes with hashed: waiting for it"]
    assert layers.filled.hits == NUMBER


def test_other_models_do_not_wait(home, hashed, process):
    running = process(NUMBER, 0.05)
    while running.stdout.readline().startswith(("begun", "at 0")):
        pass
    cached_layers(hashed.sentences(5), hashed.Settings(digests="cd" * 32))
    assert running.poll() is None
