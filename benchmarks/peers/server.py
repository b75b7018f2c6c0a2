"""The Python half of the benchmarks' protocol: one request a line, one answer a line.

See dev.credence.benchmarks.Server, which says what the requests are. A task is an object with
run(), verify() and steps; run() returns when all its work is done.
"""
import math
import sys
import time

WARM_UP_SECONDS = 1.0


class Wrong(Exception):
    """A result that is not what it must be."""


def near(what, found, expected, relative):
    if not abs(found - expected) <= relative * abs(expected):
        raise Wrong(f"{what} is {found:.9g}, and not {expected:.9g}")


def goes_down(step):
    """Holds a loss to go down over 60 steps, fewer if they are slow."""
    losses, start = [], time.perf_counter()
    while len(losses) < 60 and (len(losses) < 8 or time.perf_counter() - start < 5):
        losses.append(float(step()))
    quarter = len(losses) // 4
    first, last = sum(losses[:quarter]) / quarter, sum(losses[-quarter:]) / quarter
    if not last < first:
        raise Wrong(f"the loss goes from {first:g} to {last:g} in {len(losses)} steps")
    return f"loss {first:.5g} to {last:.5g} in {len(losses)} steps"


def standard_normal(eps):
    """Holds a float64 numpy array to be standard normal by its first two moments."""
    error = 6 / math.sqrt(eps.size)
    mean, variance = eps.mean(), eps.var()
    if abs(mean) > error or abs(variance - 1) > 2 * error:
        raise Wrong(f"the noise has mean {mean:.2e} and variance {variance:.6f}")
    return f"mean {mean:.1e}, variance {variance:.5f}"


def half_kept(x, dy, y, dx):
    kept = (y != 0) | (dx != 0)
    if not ((y == 2 * x * kept).all() and (dx == 2 * dy * kept).all()):
        raise Wrong("an element is neither kept nor dropped")
    if abs(kept.mean() - 0.5) > 3 / math.sqrt(x.size):
        raise Wrong(f"{kept.mean():.5f} are kept")
    return f"kept {kept.mean():.5f}"


def predictive(mean, entropy):
    """Holds rows of a float64 numpy array to be probabilities, and the entropies to be theirs."""
    import numpy

    if abs(mean.sum(-1) - 1).max() > 1e-4:
        raise Wrong("probabilities do not add up to 1")
    expected = -(mean * numpy.log(numpy.maximum(mean, 1e-30))).sum(-1)
    if abs(entropy - expected).max() > 1e-4:
        raise Wrong("an entropy is not that of its row")
    return f"entropy {entropy.mean():.4f} nats"


def resident():
    with open("/proc/self/status") as status:
        sizes = dict(line.split(":", 1) for line in status)
    return [1024 * int(sizes[k].split()[0]) for k in ("VmRSS", "VmHWM")]


def serve(tasks):
    """Answers requests; tasks maps an id to a function that makes the task."""
    answers, sys.stdout = sys.stdout, sys.stderr
    task, seconds = None, 0.0
    for line in sys.stdin:
        request = line.split()
        try:
            if request[0] == "open":
                task = None
                if request[1] not in tasks:
                    answer = "none"
                else:
                    task = tasks[request[1]]()
                    answer = "ok " + task.verify()
                    runs, start = 0, time.perf_counter()
                    while runs < 3 or time.perf_counter() - start < WARM_UP_SECONDS:
                        task.run()
                        runs += 1
                        if time.perf_counter() - start > 10 * WARM_UP_SECONDS:
                            break
                    seconds = (time.perf_counter() - start) / runs
            elif request[0] == "time":
                inner = max(1, math.ceil(float(request[2]) / 1e3 / seconds))
                times = []
                for _ in range(int(request[1])):
                    start = time.perf_counter()
                    for _ in range(inner):
                        task.run()
                    times.append((time.perf_counter() - start) / inner / task.steps)
                answer = "ok " + " ".join(f"{t:.9g}" for t in times)
            elif request[0] == "memory":
                answer = "ok {} {}".format(*resident())
            elif request[0] == "close":
                task, answer = None, "ok"
            else:
                answer = "error there is no request " + request[0]
        except Exception as e:  # what a library cannot do is an answer, too
            task = None
            answer = f"error {type(e).__name__}: {str(e)[:300]}"
        print(answer.replace("\n", " "), file=answers, flush=True)
