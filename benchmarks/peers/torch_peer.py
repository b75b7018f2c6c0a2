"""PyTorch on the standard workloads: torch_peer.py MODE THREADS.

MODE is eager (as a competent user writes it), compile (torch.compile) or max
(torch.compile with mode="max-autotune"). CREDENCE_PEER_DEVICE=cuda takes a GPU.
"""
import functools
import math
import os
import sys

import numpy
import torch
import torch.nn.functional as F

import server

MODE, THREADS = sys.argv[1], int(sys.argv[2])
DEVICE = torch.device(os.environ.get("CREDENCE_PEER_DEVICE", "cpu"))
N = 1 << 24

torch.set_num_threads(THREADS)
torch.manual_seed(1)
if hasattr(torch, "set_default_device"):  # PyTorch 2
    torch.set_default_device(DEVICE)
elif MODE != "eager" or DEVICE.type != "cpu":
    sys.exit("PyTorch " + torch.__version__ + " has neither torch.compile nor a default device")
if DEVICE.type == "cuda":
    torch.backends.cudnn.benchmark = True


def compiled(function):
    if MODE == "eager":
        return function
    return torch.compile(function, **({"mode": "max-autotune"} if MODE == "max" else {}))


def finish():
    if DEVICE.type == "cuda":
        torch.cuda.synchronize()


def host(x):
    return x.detach().cpu().numpy().astype(numpy.float64)


def parameter(x):
    return x.detach().requires_grad_()


class Call:
    """A function of tensors that stay, without gradients."""

    steps = 1

    def __init__(self, function, args, check):
        self.function, self.args, self.check = compiled(function), args, check

    def compute(self):
        with torch.no_grad():
            return self.function(*self.args)

    def run(self):
        self.compute()
        finish()

    def verify(self):
        return self.check(self.args, self.compute())


def adam_of(parameters):
    """The fastest Adam that this PyTorch has: fused, else over all arrays at once."""
    try:
        return torch.optim.Adam(
            parameters, lr=1e-3, fused=True, capturable=DEVICE.type == "cuda"
        )
    except (TypeError, RuntimeError):
        return torch.optim.Adam(parameters, lr=1e-3, foreach=True)


class Training:
    """Forward, backward and update."""

    steps = 1

    def __init__(self, parameters, loss, args, adam=True):
        if adam:
            self.optimizer = adam_of(list(parameters))
        else:
            self.optimizer = torch.optim.SGD(parameters, lr=0.01, momentum=0.9)
        self.loss, self.args = compiled(loss), args

    def step(self, *args):
        if MODE == "max":
            torch.compiler.cudagraph_mark_step_begin()
        self.optimizer.zero_grad(set_to_none=True)
        value = self.loss(*args)
        value.backward()
        self.optimizer.step()
        return value

    def one(self):
        return self.step(*self.args).detach()

    def run(self):
        self.one()
        finish()

    def verify(self):
        return server.goes_down(lambda: self.one().item())


def gaussian():
    return 0.1 * torch.randn(N), 0.1 * torch.randn(N) - 3


def kl_of(mu, rho):
    sigma = F.softplus(rho)
    return (0.5 * (sigma * sigma + mu * mu - 1) - torch.log(sigma)).sum()


def w1():
    def check(args, w):
        mu, rho = map(host, args)
        return server.standard_normal((host(w) - mu) / numpy.log1p(numpy.exp(rho)))

    return Call(
        lambda mu, rho: torch.addcmul(mu, F.softplus(rho), torch.randn_like(mu)),
        gaussian(),
        check,
    )


def w2():
    # The gradient is written out, which is faster than collecting it.
    def both(mu, rho):
        sigma = F.softplus(rho)
        kl = (0.5 * (sigma * sigma + mu * mu - 1) - torch.log(sigma)).sum()
        return kl, mu.clone(), (sigma - 1 / sigma) * torch.sigmoid(rho)

    def check(args, found):
        mu, rho = map(host, args)
        sigma = numpy.log1p(numpy.exp(rho))
        expected = (0.5 * (sigma**2 + mu**2 - 1) - numpy.log(sigma)).sum()
        server.near("the KL", found[0].item(), expected, 1e-5)
        return f"KL {found[0].item():.8g} of {expected:.8g} nats"

    return Call(both, gaussian(), check)


def w3():
    ones = torch.ones(N)

    # On a processor drawing whole bits in place is more than twice as fast as dropout's bernoulli_.
    def both(x, dy):
        if MODE == "eager" and DEVICE.type == "cpu":
            mask = ones.random_(0, 2).mul_(2)
        else:
            mask = F.dropout(ones, 0.5, True)
        return x * mask, dy * mask

    return Call(
        both,
        (torch.randn(N), torch.randn(N)),
        lambda args, out: server.half_kept(*(a.cpu().numpy() for a in (*args, *out))),
    )


class LeNet(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.c1, self.c2 = torch.nn.Conv2d(1, 20, 5), torch.nn.Conv2d(20, 50, 5)
        self.f1, self.f2 = torch.nn.Linear(800, 500), torch.nn.Linear(500, 10)

    def rest(self, features):
        x = F.max_pool2d(F.dropout(features, 0.5, True), 2)
        x = F.max_pool2d(F.dropout(self.c2(x), 0.5, True), 2)
        return self.f2(F.dropout(F.relu(self.f1(x.flatten(1))), 0.5, True))

    def forward(self, x):
        return self.rest(self.c1(x))


def finished(total, samples):
    mean = total / samples
    return mean, -(mean * torch.log(mean + 1e-12)).sum(-1)


def check_prediction(args, found):
    return server.predictive(host(found[0]), host(found[1]))


def w4():
    net, chunk = LeNet(), 100 if DEVICE.type == "cuda" else 10

    # The first convolution lies before the first mask: once is enough.
    def predict(x):
        features, total = net.c1(x), torch.zeros(100, 10)
        for _ in range(100 // chunk):
            p = F.softmax(net.rest(features.repeat(chunk, 1, 1, 1)), -1)
            total = total + p.view(chunk, 100, 10).sum(0)
        return finished(total, 100)

    return Call(predict, (torch.rand(100, 1, 28, 28),), check_prediction)


def bayesian(rho, *widths):
    layers = []
    for i, o in zip(widths, widths[1:]):
        w, b = torch.randn(o, i) / math.sqrt(i), torch.zeros(o)
        layers.append([parameter(t) for t in (w, torch.full_like(w, rho), b, torch.full_like(b, rho))])
    return layers


def bayesian_logits(layers, h, local):
    for i, (wm, wr, bm, br) in enumerate(layers):
        h = F.relu(h) if i else h
        sw, sb = F.softplus(wr), F.softplus(br)
        if local:
            mean, variance = F.linear(h, wm, bm), F.linear(h * h, sw * sw, sb * sb)
            h = mean + torch.sqrt(variance + 1e-12) * torch.randn_like(mean)
        else:
            w = torch.addcmul(wm, sw, torch.randn_like(wm))
            h = F.linear(h, w, torch.addcmul(bm, sb, torch.randn_like(bm)))
    return h


def w5(local):
    layers = bayesian(-5.0, 784, 1200, 1200, 10)

    def loss(x, y):
        kl = sum(kl_of(l[0], l[1]) + kl_of(l[2], l[3]) for l in layers)
        return F.cross_entropy(bayesian_logits(layers, x, local), y) + kl / 60000

    data = torch.rand(128, 784), torch.randint(0, 10, (128,))
    return Training([p for l in layers for p in l], loss, data)


def mlp(*widths):
    layers = []
    for i, o in zip(widths, widths[1:]):
        layers += [torch.nn.Linear(i, o), torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


def w6():
    encoder, decoder = mlp(784, 400, 40), mlp(20, 400, 784)

    def loss(x):
        mean, logvar = encoder(x).chunk(2, 1)
        logits = decoder(mean + torch.exp(0.5 * logvar) * torch.randn_like(mean))
        kl = 0.5 * (mean * mean + logvar.exp() - logvar - 1).sum()
        return (F.binary_cross_entropy_with_logits(logits, x, reduction="sum") + kl) / 128

    return Training([*encoder.parameters(), *decoder.parameters()], loss, (torch.rand(128, 784),))


def w7():
    nets = torch.nn.ModuleList(mlp(32, 256, 256, 64) for _ in range(8))

    def loss(x):
        kept, moved = x.chunk(2, 1)
        logdet = 0.0
        for net in nets:
            scale, shift = net(kept).chunk(2, 1)
            scale = torch.tanh(scale)
            kept, moved = torch.addcmul(shift, moved, torch.exp(scale)), kept
            logdet = logdet + scale.sum(1)
        squares = (kept * kept).sum(1) + (moved * moved).sum(1)
        return (0.5 * squares + 32 * math.log(2 * math.pi) - logdet).mean()

    return Training(nets.parameters(), loss, (torch.randn(1024, 64),))


def w8():
    layers, chunk = bayesian(-3.0, 784, 400, 400, 10), 20 if DEVICE.type == "cuda" else 1

    # Standard deviations once; the draws of a chunk as one batched product.
    def predict(x):
        scales = [(wm, F.softplus(wr), bm, F.softplus(br)) for wm, wr, bm, br in layers]
        total = torch.zeros(1000, 10)
        for _ in range(100 // chunk):
            h = x if chunk == 1 else x.expand(chunk, -1, -1)
            for i, (wm, sw, bm, sb) in enumerate(scales):
                h = F.relu(h) if i else h
                if chunk == 1:
                    w = torch.addcmul(wm, sw, torch.randn_like(wm))
                    h = F.linear(h, w, torch.addcmul(bm, sb, torch.randn_like(bm)))
                else:
                    w = torch.addcmul(wm, sw, torch.randn(chunk, *wm.shape))
                    b = torch.addcmul(bm, sb, torch.randn(chunk, *bm.shape))
                    h = torch.baddbmm(b.unsqueeze(1), h, w.transpose(1, 2))
            p = F.softmax(h, -1)
            total = total + (p if chunk == 1 else p.sum(0))
        return finished(total, 100)

    return Call(predict, (torch.rand(1000, 784),), check_prediction)


def w9():
    net = LeNet()
    data = torch.rand(128, 1, 28, 28), torch.randint(0, 10, (128,))
    return Training(
        net.parameters(), lambda x, y: F.cross_entropy(net(x), y), data, adam=False
    )


class Tiny(Training):
    """W10: an epoch of four steps."""

    steps = 4

    def __init__(self):
        net = torch.nn.Sequential(
            torch.nn.Dropout(0.05),
            torch.nn.Linear(13, 50),
            torch.nn.ReLU(),
            torch.nn.Dropout(0.05),
            torch.nn.Linear(50, 1),
        )
        x = torch.randn(455, 13)
        y = x.sum(1, keepdim=True).sin()

        def loss(rows):
            penalty = net[1].weight.square().sum() + net[4].weight.square().sum()
            return F.mse_loss(net(x[rows]), y[rows]) + 1e-4 * penalty

        super().__init__(net.parameters(), loss, ())

    def one(self):
        for rows in torch.randperm(455).split(128):
            value = self.step(rows)
        return value.detach()


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
