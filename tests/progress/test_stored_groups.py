"""Groups are said when they are trained and stored, in the order of training."""

import random
import threading

from seedbed.progress.stored_groups import StoredGroups


def test_a_group_is_said_when_it_is_trained_and_stored():
    said: list[str] = []
    groups = StoredGroups(said.append)
    groups.trained("a")
    groups.trained("b")
    assert said == []
    groups.stored()
    assert said == ["a"]
    groups.stored()
    groups.stored()  # before it is said to be trained
    assert said == ["a", "b"]
    groups.trained("c")
    assert said == ["a", "b", "c"]


def test_two_threads_say_each_group_once_and_in_order():
    said: list[int] = []
    groups = StoredGroups(said.append)
    wait = random.Random(0)

    def store():
        for _ in range(500):
            if wait.random() < 0.1:
                threading.Event().wait(1e-4)
            groups.stored()

    thread = threading.Thread(target=store)
    thread.start()
    for number in range(500):
        groups.trained(number)
    thread.join()
    assert said == list(range(500))
