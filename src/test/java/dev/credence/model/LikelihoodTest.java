package dev.credence.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.credence.run.EveryDevice;
import dev.credence.run.Program;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What decoders say, against formulas written out. */
class LikelihoodTest {
  private static final double LOG_TWO_PI = Math.log(2 * Math.PI);

  private static Tensor row(double... values) {
    return Tensor.literal(TensorType.of(DType.FLOAT32, 1, values.length), values);
  }

  private static double[] run(Tensor value) {
    try (Program program = Program.on(EveryDevice.REFERENCE).output("v", value).build()) {
      program.run();
      return program.get("v").doubles();
    }
  }

  private static void says(double nats, Likelihood p, Tensor raw, Tensor x) {
    assertArrayEquals(new double[] {nats}, run(p.logProb(raw, x)), 1e-5);
    assertArrayEquals(new double[] {-nats}, run(p.meanNll(raw, x)), 1e-5);
  }

  @Test
  void densitiesHoldTheirConstants() {
    double one = 1 / (1 + Math.exp(-2));
    says(Math.log(one) + Math.log(one), new Likelihood.Bernoulli(), row(2, -2), row(1, 0));
    says(
        -2 * (Math.log(0.5) + 0.5 * LOG_TWO_PI) - 0.5 * (4 + 16),
        new Likelihood.Gaussian(0.5),
        row(1, 0),
        row(2, -2));
    says(
        -0.5 * LOG_TWO_PI - Math.log(3) - 0.5 / 9,
        new Likelihood.LearnedGaussian(1),
        row(1, 2 * Math.log(2)),
        row(2));
    double softplus = Math.log(3);
    says(
        -0.5 * LOG_TWO_PI - Math.log(softplus + 0.5) - 0.5 / Math.pow(softplus + 0.5, 2),
        new Likelihood.SoftplusGaussian(0.5),
        row(1, Math.log(2)),
        row(2));
    says(1 - Math.log(Math.E + 2), new Likelihood.Categorical(), row(0, 1, 0), row(0, 1, 0));
    Tensor label = Tensor.literal(TensorType.of(DType.INT32, 1, 1), 1);
    says(1 - Math.log(Math.E + 2), new Likelihood.Labels(3), row(0, 1, 0), label);
  }

  @Test
  void mixedColumnsAddUp() {
    Likelihood mixed =
        new Likelihood.Mixed(
            List.of(
                new Likelihood.Mixed.Column(1, new Likelihood.LearnedGaussian(0)),
                new Likelihood.Mixed.Column(2, new Likelihood.Categorical())));
    assertEquals(4, mixed.outputs(3));
    says(-0.5 * LOG_TWO_PI - 0.5 - Math.log(2), mixed, row(1, 0, 5, 5), row(2, 0, 1));
    assertArrayEquals(new double[] {1, 0.5, 0.5}, run(mixed.mean(row(1, 0, 5, 5))), 1e-6);
  }

  @Test
  void drawsHaveTheirShares() {
    int n = 20_000;
    TensorType wide = TensorType.of(DType.FLOAT32, n, 3);
    Tensor logits = row(0, Math.log(2), Math.log(5)).broadcast(wide.shape());
    Key key = Key.ROOT.split("draw");
    double[] shares = run(new Likelihood.Categorical().sample(logits, key).mean(0));
    assertArrayEquals(new double[] {0.125, 0.25, 0.625}, shares, 0.02);
    Tensor labels = new Likelihood.Labels(3).sample(logits, key);
    for (int k = 0; k < 3; k++) {
      assertEquals(shares[k], run(labels.equal(k).cast(DType.FLOAT32).mean(0))[0], 0.02);
    }
    double[] white = run(new Likelihood.Bernoulli().sample(logits, key).mean(0));
    assertArrayEquals(new double[] {0.5, 2 / 3.0, 5 / 6.0}, white, 0.02);
    double[] binary = run(DynamicBinarisation.binarised(logits.mul(0.5), key).mean(0));
    assertArrayEquals(new double[] {0, 0.5 * Math.log(2), 0.5 * Math.log(5)}, binary, 0.02);
  }
}
