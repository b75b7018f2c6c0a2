package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.bayes.MeanField;
import dev.credence.bayes.Prior;
import dev.credence.device.reference.ReferenceDevice;
import dev.credence.model.BayesianNet;
import dev.credence.model.Examples;
import dev.credence.model.Likelihood;
import dev.credence.nn.LayerRule;
import dev.credence.nn.LayeredNet;
import dev.credence.nn.Linear;
import dev.credence.run.State;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.train.Adam;
import dev.credence.train.FitSummary;
import dev.credence.train.LearningRate;
import dev.credence.train.Trainer;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The net of the README: a user's own, whose last layer is random. */
class OwnNetTest {
  record Residual(Linear in, Linear middle, Linear out) implements LayeredNet {
    @Override
    public Tensor apply(Tensor x, LayerRule rule) {
      Tensor h = rule.at("in", in, x).relu();
      Tensor deeper = h.add(rule.at("middle", middle, h).relu());
      return rule.at("out", out, deeper);
    }
  }

  @Test
  void learnsWithARandomLastLayer() {
    Key key = Key.ROOT.split("net");
    Residual net =
        new Residual(
            Linear.he(key.split("in"), 2, 16),
            Linear.he(key.split("middle"), 16, 16),
            Linear.init(key.split("out"), 16, 3));
    Tensor x = Tensor.normal(key.split("x"), 96, 2);
    // Which third of the plane a point lies in, seen from 0.
    Tensor first = x.slice(1, 0, 1).reshape(96);
    Tensor second = x.slice(1, 1, 2).reshape(96);
    Tensor labels =
        first
            .greater(0)
            .select(
                second.greater(0).cast(DType.INT32),
                Tensor.fill(2, TensorType.of(DType.INT32, 96)));
    MeanField<Residual> initial = MeanField.init(net, 0.05, path -> path.startsWith("out."));
    assertEquals(Set.of("out.weight", "out.bias"), initial.rho().keySet());
    var model = new BayesianNet<Residual>(96, new Likelihood.Labels(3), Prior.normal(0.5));
    var settings = new Trainer.Settings(40, 32, 1, new Adam(), LearningRate.constant(0.02));
    try (var device = new ReferenceDevice();
        State<Examples> data = State.of(device, 1, new Examples(x, labels));
        var trainer = new Trainer<>(model, initial, data, settings)) {
      List<Double> nll = new ArrayList<>();
      FitSummary last = trainer.fit(progress -> nll.add(progress.nll()));
      assertTrue(last.nll() < 0.5 * nll.getFirst(), nll.getFirst() + " to " + last.nll());
      assertTrue(last.kl() > 0);
    }
  }
}
