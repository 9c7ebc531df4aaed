"""Leases over MLflow's API: the same promises as in a table, in params that cannot be changed."""

import threading
import time
from dataclasses import replace

import pytest

from seedbed.tracking.holders import this_worker
from seedbed.tracking.lease_runs import LeaseRuns
from seedbed.tracking.leases import Leases


@pytest.fixture
def opened(store):
    """Opens leases of further workers over the API of this store."""
    made = []

    def new(lease_s=60.0, beat_s=10.0, **worker):
        keeper = LeaseRuns(store.tracking, store.experiment_id, lease_s)
        made.append(Leases(keeper, replace(this_worker(), **worker), lease_s, beat_s))
        return made[-1]

    yield new
    for leases in made:
        leases.close()


def test_a_group_is_held_by_one_worker_all_cells_or_none(opened):
    one, two = opened(), opened()
    assert one.claim(["a", "b"])
    assert one.claim(["a", "b"])
    assert not two.claim(["c", "b"])
    assert list(two.holders(["a", "b", "c"])) == ["a", "b"]
    one.release(["b"])
    assert two.claim(["b", "c"])
    assert two.before == {"b"}
    assert not one.claim(["b"])
    two.release(["b"])
    assert one.claim(["b"])
    assert one.before == {"b"}


def test_many_cells_are_claimed_in_parts_all_or_none(opened):
    one, two = opened(), opened()
    cells = [f"{n:03}" for n in range(250)]
    assert one.claim(["200"])
    assert not two.claim(cells)
    assert two.holders(cells).keys() == {"200"}
    assert one.holders(cells) == {}
    assert one.claim(cells[:150])
    one.close()
    assert two.claim(cells)


def test_many_threads_claim_each_key_once_and_agree_on_one_run(store):
    keys, won, barrier = [f"k{n}" for n in range(8)], [], threading.Barrier(4)

    def work():
        barrier.wait()
        leases = Leases(LeaseRuns(store.tracking, store.experiment_id, 60.0), this_worker())
        for key in keys:
            if leases.claim([key, f"{key}-2"]):
                won.append(key)
        barrier.wait()
        leases.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == sorted(keys)
    assert len([run for run in store.all_runs() if run.tags.get("seedbed.kind") == "leases"]) == 1


def test_who_does_not_beat_by_the_clock_of_the_observer_is_dead(opened):
    silent = opened(lease_s=1.0, beat_s=1000.0, worker="far:1:a-b-c")
    beating = opened(lease_s=1.0, beat_s=0.2, worker="far:2:a-b-c")
    assert silent.claim(["a"])
    assert beating.claim(["b"])
    other = opened(lease_s=1.0, beat_s=0.2)
    assert not other.claim(["a"])
    deadline = time.monotonic() + 20
    while not other.claim(["a"]):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert other.before == {"a"}
    assert not other.claim(["b"])
    assert not silent.keeps(["a"])


def test_an_ended_process_on_this_host_is_dead_at_once(opened):
    host_pid, _, rest = this_worker().worker.rpartition(":")
    place, _, random = rest.split("-")
    opened(worker=f"{host_pid}:{place}-0-{random}").claim(["a"])
    assert opened().claim(["a"])


@pytest.mark.parametrize("what", ["run", "experiment"])
def test_a_deleted_run_is_made_again_and_leases_are_kept(opened, store, what):
    one, two = opened(beat_s=0.3), opened(beat_s=0.3)
    assert one.claim(["a"])
    client = store._client
    experiment = client.get_experiment_by_name("seedbed leases")
    if what == "run":
        client.delete_run(experiment.tags["seedbed.leases"])
    else:
        client.delete_experiment(experiment.experiment_id)
    deadline = time.monotonic() + 20
    while "a" not in one.before:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    time.sleep(1)
    assert not two.claim(["a"])
    assert one.keeps(["a"])
    assert two.claim(["b"])
