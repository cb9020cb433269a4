"""A linear decoder of normal latents, where posteriors, losses and energies are known in closed form."""

import math

import pytest
import torch
from torch import nn

from ebmbench.core import plugins
from ebmbench.core.errors import UserError
from ebmbench.data.image_shape import Shape
from ebmbench.data.interface import Splits
from ebmbench.inference.likelihoods.interface import Problem
from ebmbench.inference.likelihoods.smc import SMC
from ebmbench.inference.samplers.hmc import HMC
from ebmbench.inference.sampling import Methods, SampleSettings, sample
from ebmbench.models.distributions.decoder import ImageDecoder, normal_energy
from ebmbench.models.distributions.latent_ebm import Inference, LatentEBM
from ebmbench.models.interface import TrainingData
from ebmbench.models.statistics.means import Means
from ebmbench.models.statistics.none import NoStatistic
from ebmbench.training.job import Streams, TrainingJob
from ebmbench.training.loop import train
from ebmbench.training.losses.ed import EnergyDiscrepancy
from ebmbench.training.losses.pcd import PersistentContrastiveDivergence
from ebmbench.training.losses.ssm import SlicedScoreMatching
from ebmbench.training.moment_matching.none import NoMatching
from ebmbench.training.settings import TrainSettings
from tests.helpers.targets import Quadratic, generator, standard_normal

SIDE = 8


class Linear(nn.Module):
    """G(z) = W z, W'W = 2 I."""

    def __init__(self):
        super().__init__()
        basis = torch.linalg.qr(torch.randn(SIDE**2, 2, generator=generator(1), dtype=torch.float64)).Q
        self.weight = nn.Parameter(math.sqrt(2) * basis)

    def forward(self, z):
        return z @ self.weight.T


def linear(steps=1500, a=1.0, sigma=0.5):
    """f = a |z|^2 / 2 + z_0, so that p(z) = N((-1, 0) / (1 + a), I / (1 + a))."""
    base = ImageDecoder(2, Shape(1, SIDE), 4, generator()).double()
    base.network = Linear()
    rows = torch.randn(50, SIDE**2, generator=generator(2), dtype=torch.float64)
    return LatentEBM(base, Quadratic(a, 1.0), Inference(steps, 0.05, sigma), NoStatistic(), rows)


def test_latents_are_inferred_from_the_posterior():
    model = linear()
    x = model.base.network(torch.tensor([[1.0, -0.5]], dtype=torch.float64)).detach().repeat(1000, 1)
    found = model.infer(x, generator(3))
    assert found.energies == found.gradients == 1500
    # precision 1 + a + 2 / sigma^2 = 10; W'x = 2 (1, -.5)
    mean = (torch.tensor([8.0, -4.0]) - torch.tensor([1.0, 0.0])) / 10
    torch.testing.assert_close(found.x.mean(0), mean.double(), rtol=0, atol=0.04)
    torch.testing.assert_close(torch.cov(found.x.T), torch.eye(2).double() / 10, rtol=0, atol=0.02)
    # the prior has a part in it
    assert (found.x.mean(0) - torch.tensor([8.0, -4.0]) / 9).abs().max() > 0.05


def test_the_subject_of_a_loss_is_the_prior_and_the_decoder_follows_the_squares():
    model = linear(steps=5)
    x = torch.randn(7, SIDE**2, generator=generator(4), dtype=torch.float64)
    subject = model.subject(x, generator(5))
    z = model.infer(x, generator(5)).x
    assert torch.equal(subject.rows, z) and not subject.rows.requires_grad
    torch.testing.assert_close(subject.own, (model.base.decode(z) - x).square().sum() / 7)
    torch.testing.assert_close(
        subject.model.energy(z), 0.5 * z.square().sum(1) + z[:, 0] + normal_energy(z), rtol=1e-12, atol=1e-12
    )
    assert subject.cost == (7 * 6, 7 * 5)
    slopes = torch.autograd.grad(subject.own, [*model.decoding(), *model.network.parameters()], allow_unused=True)
    assert slopes[0] is not None and slopes[1] is None
    # a loss of the prior reaches the network of this model, and no decoder
    value = EnergyDiscrepancy(t=0.1)(subject.model, subject.rows, generator()).loss
    slopes = torch.autograd.grad(value, [*model.network.parameters(), *model.decoding()], allow_unused=True)
    assert slopes[0] is not None and slopes[-1] is None


def test_draws_are_decoded_latents_of_the_prior_and_log_z_is_its_own():
    model = linear()
    problem = Problem(model, torch.randn(20, SIDE**2, generator=generator(), dtype=torch.float64))
    methods = Methods(HMC(0.3, 5), [SMC(particles=256)])
    found = sample(problem, methods, SampleSettings(samples=4000, chains=100, warmup=100, thin=3), generator(6))
    # log E exp(-a |z|^2 / 2 - z_0) = -log(1 + a) + 1 / (2 (1 + a)) in two dimensions
    assert abs(found.model.log_z.value - (0.25 - math.log(2))) < 4 * found.model.log_z.stderr < 0.1
    w = model.base.network.weight.detach()
    for draws in (found.model.samples, found.generated.samples):
        latents = draws @ w / 2
        torch.testing.assert_close(latents @ w.T, draws, rtol=0, atol=1e-9)
        torch.testing.assert_close(latents.mean(0), torch.tensor([-0.5, 0.0]).double(), rtol=0, atol=0.06)
        torch.testing.assert_close(torch.cov(latents.T), torch.eye(2).double() / 2, rtol=0, atol=0.06)


def test_a_row_s_joint_energy_is_its_squares_and_its_latent_s_energy():
    model = linear(steps=3)
    x = torch.randn(5, SIDE**2, generator=generator(4), dtype=torch.float64)
    found = model.reconstruct(x, generator(5))
    z = model.infer(x, generator(5)).x
    torch.testing.assert_close(found.x, model.base.decode(z).detach())
    expected = (found.x - x).square().sum(1) + 0.5 * z.square().sum(1) + z[:, 0] + normal_energy(z)
    torch.testing.assert_close(found.energy, expected.detach(), rtol=1e-12, atol=1e-12)
    assert not found.energy.requires_grad


def images(n=64):
    """Rows around decoded latents of one spatial pattern."""
    pattern = torch.sign(torch.randn(SIDE**2, generator=generator(9)))
    amounts = torch.rand(n, 1, generator=generator(10)) - 0.5
    return (amounts * pattern + 0.05 * torch.randn(n, SIDE**2, generator=generator(11))).clamp(-1, 1)


def data():
    rows = images()
    return TrainingData(None, Splits(rows[:48], rows[48:56], rows[56:], 0.0))


def task(model, loss, **settings):
    rows = data().splits
    streams = Streams(generator(1), generator(2), 3, generator(4))
    asked = TrainSettings(
        **({"steps": 60, "batch_size": 16, "checkpoints": 2, "ema": 0.5, "learning_rate": 3e-3} | settings)
    )
    return TrainingJob(model, loss, (rows.train, rows.val), asked, streams, lambda _: {}, lambda *_: None, NoMatching())


@pytest.mark.parametrize(
    ("loss", "own", "first"),
    [
        (EnergyDiscrepancy(t=0.25, M=8), 9, 0),
        (SlicedScoreMatching(), 1, 0),
        # two steps of a chain, its end and the row; the latents that tell where chains begin
        (PersistentContrastiveDivergence(buffer=30, k=2), 4, 1),
    ],
)
def test_training_moves_decoder_and_prior_and_tells_both_losses(loss, own, first):
    model = plugins.load("family", "lebm", latent=3, width=4, steps=5).build(data(), NoStatistic(), generator(8))
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    found = train(task(model, loss))
    assert found.status == "ok" and found.curve[-1]["decoder_loss"] < 0.7 * found.curve[0]["decoder_loss"] + 1.0
    after = found.model.state_dict()
    for part in ("base.network", "network.layers"):
        assert any((after[name] != before[name]).any() for name in before if name.startswith(part))
    # each step: 16 rows by 5 steps of chains and one decoding, and the loss's own
    assert found.costs.energy_evaluations == 60 * 16 * (6 + own) + first * 6 * len(data().splits.train)


def test_an_autoencoder_is_trained_by_its_bound_which_is_one():
    model = plugins.load("family", "vae", latent=3, width=4, sigma=0.3).build(data(), NoStatistic(), generator(8))
    loss = plugins.load("loss", "elbo")
    first = float(loss(model, data().splits.val, generator(3)).loss)
    found = train(task(model, loss, steps=300))
    assert found.status == "ok" and found.curve[-1]["val_loss"] < 0.5 * first
    kept = found.model.double()
    x = data().splits.test[:2].double()
    # -log p(x) by importance sampling from q, never above the mean bound
    mean, log_variance = kept.code(x)
    z = mean + (0.5 * log_variance).exp() * torch.randn(20_000, 2, 3, generator=generator(12), dtype=torch.float64)
    log_q = -0.5 * ((z - mean).square() / log_variance.exp() + log_variance + math.log(2 * math.pi)).sum(-1)
    with torch.no_grad():
        squares = (kept.decode(z.flatten(0, 1)).unflatten(0, (20_000, 2)) - x).square().sum(-1)
        log_w = -squares / (2 * 0.3**2) - normal_energy(z.flatten(0, 1)).unflatten(0, (20_000, 2)) - log_q
        nll = -(log_w.logsumexp(0) - math.log(20_000))
        bounds = torch.stack([kept.bound(x, generator(20 + k)) for k in range(400)]).mean(0)
    assert (bounds > nll - 0.02).all() and (bounds < nll + 5).all()


def test_what_is_no_image_and_what_is_no_autoencoder_is_reported():
    rows = torch.zeros(20, 2)
    flat = TrainingData(None, Splits(rows, rows, rows, 0.0))
    with pytest.raises(UserError, match="images must be square"):
        plugins.load("family", "lebm").build(flat, NoStatistic(), generator())
    with pytest.raises(UserError, match="loss elbo is for family vae only"):
        plugins.load("loss", "elbo")(linear(), rows, generator())


@pytest.mark.parametrize(
    ("dim", "t", "expected"), [(2, 0.25, 0.09), (16, 0.25, 0.40), (64, 0.25, 0.946), (16, 0.125, 0.22)]
)
def test_the_probability_of_the_positive_saturates_with_the_dimension(dim, t, expected):
    z = torch.randn(4000, dim, generator=generator(1))

    logs = EnergyDiscrepancy(t=t, M=16)(standard_normal(dim), z, generator(2)).logs
    assert float(logs["positive"]) == pytest.approx(expected, abs=0.02)


def test_statistics_of_images_are_no_part_of_a_loss_of_latents():
    model = linear()
    tilted = LatentEBM(
        model.base, model.network, model.inference, Means(), model.base.network(torch.randn(50, 2).double())
    )
    with pytest.raises(UserError, match=r"without statistics; allowed: posthoc, or exclude the cell"):
        tilted.subject(torch.zeros(2, SIDE**2).double(), generator())
    model.subject(torch.zeros(2, SIDE**2).double(), generator())
