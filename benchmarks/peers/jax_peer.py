"""JAX (jit) on the standard workloads: jax_peer.py MODE THREADS, where MODE is jit."""
import functools
import math
import os
import sys

if int(sys.argv[2]) == 1:
    os.environ["XLA_FLAGS"] = os.environ.get("XLA_FLAGS", "") + (
        " --xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    )

import jax
import jax.numpy as jnp
import numpy
from jax import lax, nn

import server

N = 1 << 24


def keys(count, seed=0):
    return jax.random.split(jax.random.PRNGKey(seed), count)


def normal(key, *shape):
    return jax.random.normal(key, shape, jnp.float32)


def host(x):
    return numpy.asarray(x, dtype=numpy.float64)


class Call:
    """A jitted function of a key and arrays that stay."""

    steps = 1

    def __init__(self, function, args, check):
        self.function, self.args, self.check = jax.jit(function), args, check
        self.key, self.count = jax.random.PRNGKey(1), 0

    def compute(self):
        self.count += 1
        return jax.block_until_ready(
            self.function(jax.random.fold_in(self.key, self.count), *self.args)
        )

    def run(self):
        self.compute()

    def verify(self):
        return self.check(self.args, self.compute())


class Training:
    """A jitted step of a loss(weights, data, key), all of its state donated."""

    steps = 1

    def __init__(self, weights, data, loss, adam=True):
        zeros = jax.tree.map(jnp.zeros_like, weights)
        self.state = (weights, zeros, jax.tree.map(jnp.zeros_like, weights), jnp.zeros((), jnp.int32))
        self.data = data

        def step(state, data):
            w, m, v, t = state
            key = jax.random.fold_in(jax.random.PRNGKey(2), t)
            value, g = jax.value_and_grad(loss)(w, data, key)
            t = t + 1
            if adam:
                c1, c2 = 1 - 0.9**t, 1 - 0.999**t
                m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, g)
                v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
                w = jax.tree.map(
                    lambda w, m, v: w - 1e-3 * (m / c1) / (jnp.sqrt(v / c2) + 1e-8), w, m, v
                )
            else:
                m = jax.tree.map(lambda m, g: 0.9 * m + g, m, g)
                w = jax.tree.map(lambda w, m: w - 0.01 * m, w, m)
            return (w, m, v, t), value

        self.pure = step
        self.step = jax.jit(step, donate_argnums=0)

    def one(self):
        self.state, value = self.step(self.state, self.data)
        return jax.block_until_ready(value)

    def run(self):
        jax.block_until_ready(self.one())

    def verify(self):
        return server.goes_down(self.one)


def gaussian():
    a, b = keys(2)
    return 0.1 * normal(a, N), 0.1 * normal(b, N) - 3


def host_kl(mu, rho):
    mu, sigma = host(mu), numpy.log1p(numpy.exp(host(rho)))
    return (0.5 * (sigma**2 + mu**2 - 1) - numpy.log(sigma)).sum()


def kl_of(mu, rho):
    sigma = nn.softplus(rho)
    return (0.5 * (sigma**2 + mu**2 - 1) - jnp.log(sigma)).sum()


def w1():
    def check(args, w):
        mu, rho = args
        return server.standard_normal(
            (host(w) - host(mu)) / numpy.log1p(numpy.exp(host(rho)))
        )

    return Call(lambda key, mu, rho: mu + nn.softplus(rho) * normal(key, N), gaussian(), check)


def w2():
    def check(args, found):
        expected = host_kl(*args)
        server.near("the KL", float(found[0]), expected, 1e-5)
        return f"KL {float(found[0]):.8g} of {expected:.8g} nats"

    return Call(
        lambda key, mu, rho: jax.value_and_grad(kl_of, (0, 1))(mu, rho), gaussian(), check
    )


def w3():
    a, b = keys(2)

    def both(key, x, dy):
        mask = jnp.where(jax.random.bernoulli(key, 0.5, (N,)), 2.0, 0.0)
        return x * mask, dy * mask

    return Call(
        both,
        (normal(a, N), normal(b, N)),
        lambda args, out: server.half_kept(*map(numpy.asarray, (*args, *out))),
    )


def dense(key, *widths):
    return [
        (normal(k, o, i) / math.sqrt(i), jnp.zeros(o))
        for k, i, o in zip(keys(len(widths), key), widths, widths[1:])
    ]


def mlp(layers, x):
    for i, (w, b) in enumerate(layers):
        x = (nn.relu(x) if i else x) @ w.T + b
    return x


def digits(*shape):
    a, b = keys(2, 7)
    return jax.random.uniform(a, shape), jax.random.randint(b, shape[:1], 0, 10)


def nll(logits, y):
    return -jnp.take_along_axis(nn.log_softmax(logits), y[:, None], 1).mean()


def dropout(x, p, key):
    return jnp.where(jax.random.bernoulli(key, 1 - p, x.shape), x / (1 - p), 0.0)


def pool(x):
    return lax.reduce_window(x, -jnp.inf, lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")


def conv(x, w, b):
    return lax.conv_general_dilated(x, w, (1, 1), "VALID") + b[:, None, None]


def lenet():
    a, b, _ = keys(3, 3)
    return [
        (0.2 * normal(a, 20, 1, 5, 5), jnp.zeros(20)),
        (normal(b, 50, 20, 5, 5) / math.sqrt(500), jnp.zeros(50)),
        *dense(4, 800, 500, 10),
    ]


def lenet_logits(net, features, key):
    a, b, c = jax.random.split(key, 3)
    x = pool(dropout(features, 0.5, a))
    x = pool(dropout(conv(x, *net[1]), 0.5, b)).reshape(-1, 800)
    h = nn.relu(x @ net[2][0].T + net[2][1])
    return dropout(h, 0.5, c) @ net[3][0].T + net[3][1]


def averaged(logits, rows, samples):
    """Mean probability over draws and its entropy; logits of a key, one draw at a time."""

    def prediction(key):
        def add(t, total):
            return total + nn.softmax(logits(jax.random.fold_in(key, t)))

        mean = lax.fori_loop(0, samples, add, jnp.zeros((rows, 10))) / samples
        return mean, -(mean * jnp.log(mean + 1e-12)).sum(-1)

    return prediction


def check_prediction(args, found):
    return server.predictive(host(found[0]), host(found[1]))


def w4():
    def predict(key, net, x):
        features = conv(x, *net[0])
        return averaged(lambda k: lenet_logits(net, features, k), 100, 100)(key)

    return Call(predict, (lenet(), digits(100, 1, 28, 28)[0]), check_prediction)


def bayesian(rho, *widths):
    return [
        tuple((m, jnp.full_like(m, rho)) for m in layer) for layer in dense(5, *widths)
    ]


def drawn(q, key):
    mu, rho = q
    return mu + nn.softplus(rho) * normal(key, *mu.shape)


def bayesian_logits(layers, x, key, local=False):
    for i, (w, b) in enumerate(layers):
        x = nn.relu(x) if i else x
        kw, kb = jax.random.split(jax.random.fold_in(key, i))
        if local:
            mean = x @ w[0].T + b[0]
            variance = (x * x) @ (nn.softplus(w[1]) ** 2).T + nn.softplus(b[1]) ** 2
            x = mean + jnp.sqrt(variance + 1e-12) * normal(kw, *mean.shape)
        else:
            x = x @ drawn(w, kw).T + drawn(b, kb)
    return x


def w5(local):
    def loss(layers, data, key):
        kl = sum(kl_of(*q) for layer in layers for q in layer)
        return nll(bayesian_logits(layers, data[0], key, local), data[1]) + kl / 60000

    return Training(bayesian(-5.0, 784, 1200, 1200, 10), digits(128, 784), loss)


def w6():
    def loss(w, data, key):
        x = data[0]
        mean, logvar = jnp.split(mlp(w[0], x), 2, 1)
        logits = mlp(w[1], mean + jnp.exp(0.5 * logvar) * normal(key, *mean.shape))
        kl = 0.5 * (mean**2 + jnp.exp(logvar) - logvar - 1).sum()
        return ((nn.softplus(logits) - logits * x).sum() + kl) / 128

    return Training([dense(1, 784, 400, 40), dense(2, 20, 400, 784)], digits(128, 784), loss)


def w7():
    def loss(w, x, key):
        kept, moved = jnp.split(x, 2, 1)
        logdet = 0.0
        for net in w:
            scale, shift = jnp.split(mlp(net, kept), 2, 1)
            scale = jnp.tanh(scale)
            kept, moved = moved * jnp.exp(scale) + shift, kept
            logdet = logdet + scale.sum(1)
        squares = (kept**2).sum(1) + (moved**2).sum(1)
        return (0.5 * squares + 32 * math.log(2 * math.pi) - logdet).mean()

    weights = [dense(10 + i, 32, 256, 256, 64) for i in range(8)]
    return Training(weights, normal(keys(1)[0], 1024, 64), loss)


def w8():
    def predict(key, layers, x):
        return averaged(lambda k: bayesian_logits(layers, x, k), 1000, 100)(key)

    return Call(predict, (bayesian(-3.0, 784, 400, 400, 10), digits(1000, 784)[0]), check_prediction)


def w9():
    def loss(net, data, key):
        return nll(lenet_logits(net, conv(data[0], *net[0]), key), data[1])

    return Training(lenet(), digits(128, 1, 28, 28), loss, adam=False)


class Tiny(Training):
    """W10: an epoch of four steps, compiled together."""

    steps = 4

    def __init__(self):
        a, b = keys(2, 9)
        x = normal(a, 455, 13)
        y = jnp.sin(x.sum(1, keepdims=True))

        def loss(w, data, key):
            x, y, rows = data
            k1, k2 = jax.random.split(key)
            h = nn.relu(dropout(x[rows], 0.05, k1) @ w[0][0].T + w[0][1])
            out = dropout(h, 0.05, k2) @ w[1][0].T + w[1][1]
            return ((out - y[rows]) ** 2).mean() + 1e-4 * sum((l[0] ** 2).sum() for l in w)

        super().__init__(dense(6, 13, 50, 1), None, loss)
        self.random = numpy.random.default_rng(1)

        def epoch(state, order):
            for at in range(0, 455, 128):
                state, value = self.pure(state, (x, y, order[at : at + 128]))
            return state, value

        self.epoch = jax.jit(epoch, donate_argnums=0)

    def one(self):
        order = self.random.permutation(455).astype(numpy.int32)
        self.state, value = self.epoch(self.state, order)
        return jax.block_until_ready(value)


TASKS = {
    "W1": w1,
    "W2": w2,
    "W3": w3,
    "W4": w4,
    "W5": functools.partial(w5, False),
    "W5l": functools.partial(w5, True),
    "W6": w6,
    "W7": w7,
    "W8": w8,
    "W9": w9,
    "W10": Tiny,
}

if __name__ == "__main__":
    server.serve(TASKS)
