"""Workers that are tasks of Ray, on a cluster by its address, or one of this machine that Ray starts.

Hydra's plugin for Ray (1.2.2) is not asked to launch: it always sets the memory of the object store, which Ray refuses
where it connects to a cluster, and it loses all tasks with one. Its settings ``ray.init`` and ``ray.remote`` are read.
"""

import contextlib
import dataclasses
import os
import time
from collections.abc import Callable, Mapping
from typing import Any

from seedbed.errors import InputError, one_line
from seedbed.launching.engine import Start
from seedbed.launching.orders import Order, Stream, WorkerFiles
from seedbed.launching.supervising import GRACE_S, Ended, Supervised

OBJECT_STORE = 78_643_200
"""Bytes of the object store of a cluster that is started here: workers send lines of text."""
ANSWER_S, LONGEST_S = 10.0, 60.0
"""Seconds to wait for a cluster to answer at all, and for what workers told."""


class Messages:
    """An actor on the machine of the study: keeps what workers told until the study fetches it.

    Ray kills it, as it does tasks, where memory runs out, and starts it again: then lines that were not fetched are
    lost, which are shown or logged, and decide nothing.
    """

    def __init__(self) -> None:
        self._told: list[tuple[int, Stream, str]] = []

    def tell(self, number: int, stream: Stream, line: str) -> None:
        """Keep a line."""
        self._told.append((number, stream, line))

    def take(self) -> list[tuple[int, Stream, str]]:
        """Return the lines that were not fetched before."""
        told, self._told = self._told, []
        return told


def run_worker(order: Order, messages: Any) -> Ended:  # Any: the actor
    """Run one worker, as a task of Ray with the cores that Ray gave it."""
    import ray

    cores = int(ray.get_runtime_context().get_assigned_resources().get("CPU", 1)) or 1
    os.environ.pop("OMP_NUM_THREADS", None)  # set by Ray; it is set again from the cores
    order = dataclasses.replace(order, cores=cores)
    return Supervised(order, messages.tell.remote).run()


class RayWorker:
    """A worker that is a task of Ray; ``fetch``: called to fetch what workers told."""

    def __init__(self, number: int, task: Any, fetch: Callable[[], None]) -> None:  # Any: a reference of Ray
        self.number, self.task, self.fetch = number, task, fetch
        self._ended: Ended | None = None

    def ended(self) -> Ended | None:
        """Return how it ended; None while it runs, waits for a place, or is run again after its machine was lost."""
        import ray

        has_ended = self._ended is None and bool(ray.wait([self.task], timeout=0)[0])
        self.fetch()
        if has_ended:
            try:
                self._ended = ray.get(self.task)
            except Exception as error:
                self._ended = Ended(None, f"was lost: {one_line(error).partition('. ')[0]}")
        return self._ended

    def stop(self) -> None:
        """Cancel the task, and return when it has ended, at most after `GRACE_S`."""
        import ray

        with contextlib.suppress(Exception):
            if self.ended() is None:
                ray.cancel(self.task)
                ray.wait([self.task], timeout=GRACE_S)


class RayTasks:
    """Starts workers on a Ray cluster: an `Engine`; ``settings``: those of Hydra's launcher.

    At its end it leaves the cluster; one that was started here ends.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        import ray

        self.remote = dict(settings["ray"].get("remote") or {})
        self.started = not ray.is_initialized()
        connect(settings)
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        place = NodeAffinitySchedulingStrategy(node_id=ray.get_runtime_context().get_node_id(), soft=False)
        actor = ray.remote(Messages).options(num_cpus=0, scheduling_strategy=place, max_restarts=-1)
        self.messages: Any = actor.remote()
        options: dict[str, Any] = {"scheduling_strategy": "SPREAD", "max_retries": 3}
        if ray.cluster_resources().get("GPU"):
            options["num_gpus"] = 1
        self.task = ray.remote(**(options | self.remote))(run_worker)
        self.files: WorkerFiles | None = None
        self._answered = 0.0

    def __enter__(self) -> Start:
        return self.start

    def __exit__(self, *exception: object) -> None:
        import ray

        with contextlib.suppress(Exception):
            self.fetch()
        if self.started:
            ray.shutdown()

    def start(self, order: Order, files: WorkerFiles) -> RayWorker:
        """Start one worker; where its machine is lost, Ray runs it on another."""
        self.files, self._answered = files, time.monotonic()
        return RayWorker(order.number, self.task.remote(order, self.messages), self.fetch)

    def fetch(self) -> None:
        """Write what workers told into the files of the study.

        Nothing while `Messages` is started again. Raises InputError where it has not answered for `LONGEST_S`.
        """
        import ray

        if self.files is None:
            return
        try:
            lines = ray.get(self.messages.take.remote(), timeout=LONGEST_S)
        except ray.exceptions.RayError as error:
            if time.monotonic() - self._answered > LONGEST_S:
                why = one_line(error).partition(". ")[0]
                raise InputError(f"hydra/launcher=ray: the cluster does not answer any more: {why}") from error
            return
        self._answered = time.monotonic()
        for told in lines:
            self.files.tell(*told)


def connect(settings: Mapping[str, Any]) -> None:
    """Connect to the cluster of ``hydra.launcher.ray.init.address`` or ``RAY_ADDRESS``, or start one on this machine.

    In the main thread: the processes of a cluster that is started here end with the thread that started them. Raises
    InputError where no cluster answers.
    """
    import ray

    if ray.is_initialized():
        return
    init = {key: value for key, value in (settings["ray"].get("init") or {}).items() if value is not None}
    address = _address(settings)
    defaults: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    if not address or address == "local":
        defaults |= {"object_store_memory": OBJECT_STORE, "include_dashboard": False}
    refuse_silent(settings)
    try:
        ray.init(**(defaults | init))
    except Exception as error:
        shown = f"the cluster {address}" if address else "a cluster of this machine"
        raise InputError(f"hydra/launcher=ray: {shown} cannot be used: {one_line(error)}") from error


def _address(settings: Mapping[str, Any]) -> str:
    """Return the address of the cluster; empty for a new one on this machine."""
    return str((settings["ray"].get("init") or {}).get("address") or os.environ.get("RAY_ADDRESS", ""))


def refuse_silent(settings: Mapping[str, Any]) -> None:
    """Raise InputError where nothing listens at the address: Ray itself ends the process after a minute."""
    import socket

    address = _address(settings)
    host, colon, port = address.rpartition("://")[2].rpartition(":")
    if not colon or not port.isdecimal():  # auto, local, or an address that Ray refuses itself
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=ANSWER_S).close()
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or one_line(error)
        raise InputError(f"hydra/launcher=ray: the cluster {address} does not answer: {why}") from error
