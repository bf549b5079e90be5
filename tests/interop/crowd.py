"""Many callers with one simultaneous request each."""

import multiprocessing
import threading
from concurrent.futures import ThreadPoolExecutor

from wire import Wire

Request = tuple[str, str]
"""Method and target."""


def in_threads(url: str, requests: list[Request]) -> list[int]:
    """Returns the status of each request. All connections are open before the first request is sent."""
    barrier = threading.Barrier(len(requests))

    def send(request: Request) -> int:
        wire = Wire(url).connect()
        try:
            barrier.wait(timeout=60)
            return wire.request(*request).status
        finally:
            wire.close()

    with ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(send, requests))


class Processes:
    """Processes with one open connection each, which send on command."""

    def __init__(self, url: str, count: int):
        # A fork would copy locks that other threads hold.
        context = multiprocessing.get_context("spawn")
        self._barrier = context.Barrier(count)
        self._pipes, self._processes = [], []
        for _ in range(count):
            ours, theirs = context.Pipe()
            process = context.Process(target=serve, args=(url, theirs, self._barrier), daemon=True)
            process.start()
            theirs.close()
            self._pipes.append(ours)
            self._processes.append(process)

    def send(self, requests: list[Request]) -> list[int]:
        for pipe, request in zip(self._pipes, requests, strict=True):
            pipe.send(request)
        return [self._receive(pipe) for pipe in self._pipes]

    def __enter__(self) -> "Processes":
        return self

    def __exit__(self, *_) -> None:
        for pipe in self._pipes:
            pipe.close()
        for process in self._processes:
            process.join()

    @staticmethod
    def _receive(pipe) -> int:
        assert pipe.poll(60), "a process did not answer"
        return pipe.recv()


def serve(url: str, pipe, barrier) -> None:
    wire = Wire(url).connect()
    try:
        while True:
            request = pipe.recv()
            barrier.wait(timeout=60)
            pipe.send(wire.request(*request).status)
    except EOFError:
        wire.close()
