package dev.credence.dist;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.credence.device.reference.ReferenceDevice;
import dev.credence.grad.Gradients;
import dev.credence.nn.Compute;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.statistics.distribution.NormalDistribution;
import org.junit.jupiter.api.Test;

class NormalTest {
  private static final Key KEY = Key.ROOT.split("test");
  private static final double[] LOC = {0, 1.5, -20, 3};
  private static final double[] SCALE = {1, 0.2, 7, 1e-3};
  private static final double[] X = {0.3, 1.1, -25, 3.0005};

  private final Tensor loc = Compute.doubles(LOC, 4);
  private final Tensor scale = Compute.doubles(SCALE, 4);
  private final Tensor x = Compute.doubles(X, 4);
  private final Normal normal = new Normal(loc, scale);

  private static NormalDistribution oracle(int i) {
    return NormalDistribution.of(LOC[i], SCALE[i]);
  }

  @Test
  void densitiesAndProbabilitiesAreThoseOfTheOracle() {
    double[] logProb = Compute.of(normal.logProb(x));
    double[] cdf = Compute.of(normal.cdf(x));
    for (int i = 0; i < X.length; i++) {
      assertEquals(oracle(i).logDensity(X[i]), logProb[i], 1e-9);
      assertEquals(oracle(i).cumulativeProbability(X[i]), cdf[i], 1e-9);
    }
  }

  @Test
  void momentsAndEntropy() {
    assertArrayEquals(LOC, Compute.of(normal.mean()));
    assertEquals(49, Compute.of(normal.variance())[2]);
    assertEquals(0.5 * Math.log(2 * Math.PI * Math.E * 49), Compute.of(normal.entropy())[2], 1e-12);
  }

  @Test
  void gradientOfTheLogDensityIsTheScore() {
    List<Tensor> g = Gradients.of(normal.logProb(x).sumAll(), List.of(loc, scale));
    double[] byLoc = Compute.of(g.get(0));
    double[] byScale = Compute.of(g.get(1));
    for (int i = 0; i < X.length; i++) {
      double z = (X[i] - LOC[i]) / SCALE[i];
      assertEquals(z / SCALE[i], byLoc[i], 1e-9 * Math.abs(z / SCALE[i]));
      assertEquals((z * z - 1) / SCALE[i], byScale[i], 1e-9 / SCALE[i]);
    }
  }

  @Test
  void onlyReparameterisedDrawsCarryGradients() {
    Tensor draw = normal.rsample(KEY);
    List<Tensor> g = Gradients.of(draw.sumAll(), List.of(loc, scale));
    Tensor noise = draw.sub(loc).div(scale);
    assertArrayEquals(new double[] {1, 1, 1, 1}, Compute.of(g.get(0)));
    assertArrayEquals(Compute.of(noise), Compute.of(g.get(1)), 1e-9);
    assertArrayEquals(Compute.of(draw), Compute.of(normal.sample(KEY)));
    Tensor none = Gradients.of(normal.sample(KEY).sumAll(), List.of(loc)).get(0);
    assertArrayEquals(new double[4], Compute.of(none));
  }

  @Test
  void drawAloneEqualsDrawOfMany() {
    Normal standard = Normal.standard(TensorType.of(DType.FLOAT32, 5, 3));
    try (var device = new ReferenceDevice()) {
      double[] many = Compute.all(device, 7, 0, standard.sample(KEY, 9)).get(0).doubles();
      double[] sixth = Compute.all(device, 7, 6, standard.sample(KEY)).get(0).doubles();
      assertArrayEquals(Arrays.copyOfRange(many, 6 * 15, 7 * 15), sixth);
    }
  }

  @Test
  void shapesBroadcast() {
    Normal wide = new Normal(Compute.doubles(LOC, 4, 1), Compute.doubles(new double[] {1, 2}, 2));
    assertEquals(List.of(4, 2), Arrays.stream(wide.batchShape().dims()).boxed().toList());
    assertEquals(0, wide.eventShape().rank());
    assertEquals(3, wide.rsample(KEY, 9).shape().rank());
  }

  @Test
  void aScaleIsPositive() {
    TensorType type = TensorType.of(DType.FLOAT32, 1);
    assertThrows(IllegalArgumentException.class, () -> Normal.of(0, -1, type));
  }
}
