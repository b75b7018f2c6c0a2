package dev.credence.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.credence.nn.Compute;
import dev.credence.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class SchedulesTest {
  @Test
  void ratesAreTheirFormulae() {
    assertEquals(0.1, LearningRate.constant(0.1).at(1000));
    assertEquals(0.025, LearningRate.stepDecay(0.1, 10, 0.5).at(29), 1e-15);
    assertEquals(0.1 * Math.pow(0.9, 7), LearningRate.exponential(0.1, 0.9).at(7), 1e-15);
    assertEquals(0.1 * Math.pow(1.5, -0.75), LearningRate.inverse(0.1, 0.05, 0.75).at(10), 1e-15);
    LearningRate cosine = LearningRate.cosine(1, 0.2, 100);
    assertEquals(1, cosine.at(0));
    assertEquals(0.6, cosine.at(50), 1e-12);
    assertEquals(0.2, cosine.at(100));
    assertEquals(0.2, cosine.at(1000));
    LearningRate warm = LearningRate.constant(1).warmUp(4);
    assertEquals(0.25, warm.at(0));
    assertEquals(1, warm.at(3));
    assertEquals(1, warm.at(4));
    assertThrows(IllegalArgumentException.class, () -> LearningRate.constant(0));
  }

  @Test
  void longGradientsAreShortened() {
    List<Tensor> g =
        List.of(Compute.doubles(new double[] {3, 0}, 2), Compute.doubles(new double[] {-4}, 1));
    assertEquals(5, Compute.scalar(Clip.norm(g)));
    List<Tensor> clipped = Clip.byGlobalNorm(g, 1);
    assertArrayEquals(new double[] {0.6, 0}, Compute.of(clipped.get(0)), 1e-12);
    assertArrayEquals(new double[] {-0.8}, Compute.of(clipped.get(1)), 1e-12);
    assertArrayEquals(new double[] {3, 0}, Compute.of(Clip.byGlobalNorm(g, 7).get(0)));
    List<Tensor> none = List.of(Compute.doubles(new double[2], 2));
    assertArrayEquals(new double[2], Compute.of(Clip.byGlobalNorm(none, 1).get(0)));
  }
}
