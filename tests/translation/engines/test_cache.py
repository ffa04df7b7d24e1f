"""Models in memory: loaded once, never more than the budget, never taken from under who uses them."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from translation.engines.cache import CachedModel, ModelCache, ModelKey

#: Far longer than anything here takes; only a test that hangs waits for it.
PATIENCE = 30


def key(name: str, signature: int = 1) -> ModelKey:
    return ModelKey(name, signature)


def use(cache: ModelCache, name: str, *, size: int = 40) -> str:
    with cache.use(key(name), size=size, load=lambda: f"model {name}") as model:
        return model


def list_slots(cache: ModelCache) -> list[str]:
    return [model.slot for model in cache.list_loaded()]


class Shelf:
    """Loads models and counts what is in memory at the same time."""

    def __init__(self) -> None:
        self.sizes: dict[int, int] = {}
        self.loads: list[str] = []
        self.most = 0
        self._lock = threading.Lock()

    def load(self, name: str, size: int) -> Callable[[], object]:
        def load() -> object:
            model = object()
            with self._lock:
                self.loads.append(name)
                self.sizes[id(model)] = size
                self.most = max(self.most, sum(self.sizes.values()))
            return model

        return load

    def close(self, model: object) -> None:
        with self._lock:
            del self.sizes[id(model)]


def test_model_is_loaded_once_when_many_threads_ask_at_once() -> None:
    cache, shelf, gate = ModelCache(100), Shelf(), threading.Barrier(16)

    def ask(_: int) -> object:
        gate.wait(PATIENCE)
        with cache.use(key("a"), size=40, load=shelf.load("a", 40)) as model:
            return model

    with ThreadPoolExecutor(16) as pool:
        models = list(pool.map(ask, range(16)))

    assert len(set(map(id, models))) == 1
    assert shelf.loads == ["a"]


def test_models_stay_when_they_fit_together() -> None:
    cache = ModelCache(100)

    for name in "abab":
        assert use(cache, name) == f"model {name}"

    assert cache.list_loaded() == [CachedModel("b", 40, 0), CachedModel("a", 40, 0)]
    assert cache.budget == 100


def test_least_recently_used_goes_when_another_needs_the_room() -> None:
    cache = ModelCache(100)
    use(cache, "a")
    use(cache, "b")
    use(cache, "a")

    use(cache, "c")

    assert list_slots(cache) == ["c", "a"]


def test_only_so_many_go_as_are_needed_when_room_is_made() -> None:
    cache = ModelCache(100)
    for name in "abc":
        use(cache, name, size=30)

    use(cache, "d", size=50)

    assert list_slots(cache) == ["d", "c"]


def test_model_above_the_budget_is_alone_when_loaded() -> None:
    cache = ModelCache(100)
    use(cache, "a")

    assert use(cache, "huge", size=1000) == "model huge"
    assert list_slots(cache) == ["huge"]

    use(cache, "a")
    assert list_slots(cache) == ["a"]


def test_model_is_closed_once_when_it_goes() -> None:
    cache, closed = ModelCache(100), list[str]()
    for name in ("a", "b", "c", "a"):
        with cache.use(key(name), size=60, load=lambda name=name: name, close=closed.append):
            pass

    assert closed == ["a", "b", "c"]


def test_others_go_on_when_closing_fails() -> None:
    cache = ModelCache(100)

    def fail(model: str) -> None:
        raise RuntimeError(model)

    with cache.use(key("a"), size=60, load=lambda: "a", close=fail):
        pass

    assert use(cache, "b", size=60) == "model b"
    assert list_slots(cache) == ["b"]


def test_error_comes_out_and_next_tries_again_when_loading_fails() -> None:
    cache = ModelCache(100)

    def fail() -> str:
        raise OSError("disk")

    for _ in range(2):
        with pytest.raises(OSError, match="disk"), cache.use(key("a"), size=40, load=fail):
            pass
    assert cache.list_loaded() == []

    assert use(cache, "a") == "model a"
    assert cache.list_loaded() == [CachedModel("a", 40, 0)]


def test_model_stays_when_its_user_fails() -> None:
    cache = ModelCache(100)

    with pytest.raises(ZeroDivisionError), cache.use(key("a"), size=40, load=lambda: "a"):
        raise ZeroDivisionError

    assert cache.list_loaded() == [CachedModel("a", 40, 0)]


def test_waiting_threads_load_by_themselves_when_the_first_fails() -> None:
    cache, loading, fail = ModelCache(100), threading.Event(), threading.Event()

    def load_first() -> str:
        loading.set()
        fail.wait(PATIENCE)
        raise OSError("disk")

    def ask_first() -> str:
        with cache.use(key("a"), size=40, load=load_first) as model:
            return model

    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(ask_first)
        loading.wait(PATIENCE)
        others = [pool.submit(use, cache, "a") for _ in range(3)]
        fail.set()

        assert [other.result(PATIENCE) for other in others] == ["model a"] * 3
        with pytest.raises(OSError, match="disk"):
            first.result(PATIENCE)


def test_old_model_goes_when_the_file_changed() -> None:
    cache, closed = ModelCache(100), list[str]()

    with cache.use(key("a", 1), size=40, load=lambda: "old", close=closed.append):
        pass
    with cache.use(key("a", 2), size=40, load=lambda: "new") as model:
        assert model == "new"

    assert closed == ["old"]
    assert list_slots(cache) == ["a"]


def test_old_model_stays_for_its_user_when_the_file_changes_meanwhile() -> None:
    cache, closed = ModelCache(100), list[str]()

    with cache.use(key("a", 1), size=40, load=lambda: "old", close=closed.append) as old:
        with cache.use(key("a", 2), size=40, load=lambda: "new") as new:
            assert (old, new) == ("old", "new")
        assert closed == []

    assert closed == ["old"]
    assert cache.list_loaded() == [CachedModel("a", 40, 0)]


def test_model_is_let_go_when_it_is_dropped() -> None:
    cache = ModelCache(100)
    use(cache, "a")
    use(cache, "b")

    cache.drop("a")
    cache.drop("unknown")

    assert list_slots(cache) == ["b"]


def test_model_is_let_go_by_its_last_user_when_dropped_meanwhile() -> None:
    cache, closed = ModelCache(100), list[str]()

    with cache.use(key("a"), size=40, load=lambda: "a", close=closed.append):
        cache.drop("a")
        assert cache.list_loaded() == [CachedModel("a", 40, 1)]
        assert closed == []

    assert cache.list_loaded() == []
    assert closed == ["a"]


def test_second_model_waits_when_the_first_in_use_leaves_no_room() -> None:
    cache, using, done = ModelCache(100), threading.Event(), threading.Event()
    order = list[str]()

    def hold() -> None:
        with cache.use(key("a"), size=60, load=lambda: "a"):
            using.set()
            done.wait(PATIENCE)
            order.append("a is left")

    def load_other() -> str:
        order.append("b is loaded")
        return "b"

    def ask() -> None:
        with cache.use(key("b"), size=60, load=load_other):
            pass

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(hold)
        using.wait(PATIENCE)
        second = pool.submit(ask)
        done.set()
        first.result(PATIENCE)
        second.result(PATIENCE)

    assert order == ["a is left", "b is loaded"]
    assert list_slots(cache) == ["b"]


def test_thread_never_waits_for_room_when_it_holds_a_model() -> None:
    cache = ModelCache(100)

    with cache.use(key("a"), size=60, load=lambda: "a"), cache.use(key("b"), size=60, load=lambda: "b"):
        assert list_slots(cache) == ["b", "a"]

    use(cache, "c", size=60)
    assert list_slots(cache) == ["c"]


def test_budget_holds_and_all_are_served_when_threads_want_three_models_and_two_fit() -> None:
    cache, shelf, gate = ModelCache(100), Shelf(), threading.Barrier(8)
    sizes = {"a": 50, "b": 45, "c": 40}

    def work(number: int) -> int:
        gate.wait(PATIENCE)
        served = 0
        for step in range(60):
            name = "abc"[(number + step * (1 + number % 2)) % 3]
            size = sizes[name]
            with cache.use(key(name), size=size, load=shelf.load(name, size), close=shelf.close) as model:
                served += id(model) in shelf.sizes  # nobody took it away
        return served

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(8), timeout=PATIENCE * 4)) == [60] * 8

    assert shelf.most <= 100
    assert set(shelf.loads) == set("abc")
    assert sum(model.size for model in cache.list_loaded()) == sum(shelf.sizes.values()) <= 100
    assert all(model.users == 0 for model in cache.list_loaded())


def test_waiting_thread_is_served_when_others_never_pause() -> None:
    cache, stop = ModelCache(100), threading.Event()
    using = threading.Barrier(3)

    def keep_using(name: str) -> None:
        is_first = True
        while not stop.is_set():
            with cache.use(key(name), size=50, load=lambda: name):
                if is_first:
                    using.wait(PATIENCE)
                    is_first = False

    with ThreadPoolExecutor(3) as pool:
        busy = [pool.submit(keep_using, name) for name in "ab"]
        using.wait(PATIENCE)
        try:
            assert pool.submit(use, cache, "c", size=100).result(PATIENCE) == "model c"
        finally:
            stop.set()
        for one in busy:
            one.result(PATIENCE)


GEVENT = """
from gevent import monkey
monkey.patch_all()
import gevent
from gevent import get_hub
from translation.engines.cache import ModelCache, ModelKey

cache, loads = ModelCache(100), []

def work(number):
    name = "abc"[number % 3]
    with cache.use(ModelKey(name, 1), size=45, load=lambda: loads.append(name) or name) as model:
        return model

pool = get_hub().threadpool
jobs = [gevent.spawn(pool.apply, work, (number,)) for number in range(90)]
gevent.joinall(jobs, timeout=30)
assert [job.value for job in jobs] == ["abc"[number % 3] for number in range(90)], [job.value for job in jobs]
assert sum(model.size for model in cache.list_loaded()) <= 100
print("served", len(jobs))
"""


def test_native_threads_are_served_when_gevent_patched_the_process() -> None:
    done = subprocess.run([sys.executable, "-c", GEVENT], capture_output=True, text=True, timeout=PATIENCE * 4)

    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("served 90\n")
