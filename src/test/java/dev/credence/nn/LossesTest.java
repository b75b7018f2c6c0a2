package dev.credence.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.credence.grad.Gradients;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.util.List;
import org.junit.jupiter.api.Test;

class LossesTest {
  private static final double[] LOGITS = {1, -2, 0.5, 100, -100, 0};

  @Test
  void squaredErrorIsElementByElement() {
    Tensor loss =
        Losses.squaredError(
            Compute.doubles(new double[] {1, 2}, 2), Compute.doubles(new double[] {3, -1}, 2));
    assertArrayEquals(new double[] {4, 9}, Compute.of(loss));
  }

  @Test
  void binaryCrossEntropyIsStable() {
    Tensor logits = Compute.doubles(new double[] {0.3, -0.3, 1000, -1000, 1000}, 5);
    Tensor target = Compute.doubles(new double[] {1, 0.25, 1, 0, 0}, 5);
    double p = 1 / (1 + Math.exp(0.3));
    double[] wanted = {
      Math.log1p(Math.exp(-0.3)), -0.25 * Math.log(p) - 0.75 * Math.log(1 - p), 0, 0, 1000
    };
    assertArrayEquals(wanted, Compute.of(Losses.binaryCrossEntropy(logits, target)), 1e-12);
  }

  @Test
  void gradientOfBinaryCrossEntropyIsProbabilityMinusTarget() {
    Tensor logits = Compute.doubles(new double[] {0.3, -0.7, 20}, 3);
    Tensor target = Compute.doubles(new double[] {1, 0, 0.5}, 3);
    Tensor loss = Losses.binaryCrossEntropy(logits, target).sumAll();
    Tensor wanted = logits.sigmoid().sub(target);
    Tensor got = Gradients.of(loss, List.of(logits)).get(0);
    assertArrayEquals(Compute.of(wanted), Compute.of(got), 1e-12);
  }

  @Test
  void categoricalCrossEntropyIsMinusTheLogProbability() {
    Tensor labels = Tensor.literal(TensorType.of(DType.INT32, 2), 2, 0);
    Tensor loss = Losses.categoricalCrossEntropy(Compute.doubles(LOGITS, 2, 3), labels);
    double sum = Math.exp(1) + Math.exp(-2) + Math.exp(0.5);
    assertArrayEquals(new double[] {Math.log(sum) - 0.5, 0}, Compute.of(loss), 1e-12);
  }

  @Test
  void gradientOfCategoricalCrossEntropyIsProbabilityMinusOneHot() {
    Tensor logits = Compute.doubles(LOGITS, 2, 3);
    Tensor labels = Tensor.literal(TensorType.of(DType.INT32, 2), 2, 1);
    Tensor loss = Losses.categoricalCrossEntropy(logits, labels).sumAll();
    Tensor oneHot = Compute.doubles(new double[] {0, 0, 1, 0, 1, 0}, 2, 3);
    double[] got = Compute.of(Gradients.of(loss, List.of(logits)).get(0));
    assertArrayEquals(Compute.of(logits.softmax(-1).sub(oneHot)), got, 1e-12);
    assertEquals(0, got[0] + got[1] + got[2], 1e-12);
  }

  @Test
  void penaltiesSumOverTheTree() {
    Linear tree =
        new Linear(
            Compute.doubles(new double[] {1, -2}, 1, 2), Compute.doubles(new double[] {-3}, 1));
    assertEquals(6, Compute.scalar(Losses.l1(tree)));
    assertEquals(14, Compute.scalar(Losses.l2(tree)));
  }
}
