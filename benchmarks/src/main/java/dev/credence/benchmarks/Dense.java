package dev.credence.benchmarks;

import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** A layer of neurons: weight [out, in] and bias [out]. */
record Dense(Tensor weight, Tensor bias) {
  /** A layer that keeps the variance of its inputs. */
  static Dense initial(Key key, int in, int out) {
    Tensor bias = Tensor.zeros(Tensor.normal(key, out).type());
    return new Dense(Tensor.normal(key.split("weight"), out, in).mul(1 / Math.sqrt(in)), bias);
  }

  /** A layer between any two neighbours of these widths. */
  static List<Dense> stack(Key key, int... widths) {
    List<Dense> layers = new ArrayList<>();
    for (int i = 0; i + 1 < widths.length; i++) {
      layers.add(initial(key.fold(i), widths[i], widths[i + 1]));
    }
    return layers;
  }

  /** Its outputs for a batch of inputs. */
  Tensor apply(Tensor x) {
    return x.matmul(weight.transpose()).add(bias);
  }

  /** The outputs of a stack with rectified neurons between the layers. */
  static Tensor mlp(List<Dense> layers, Tensor x) {
    Tensor h = x;
    for (int i = 0; i < layers.size(); i++) {
      h = layers.get(i).apply(i == 0 ? h : h.relu());
    }
    return h;
  }

  /** Parameters of a stack with these widths. */
  static long parameters(int... widths) {
    long sum = 0;
    for (int i = 0; i + 1 < widths.length; i++) {
      sum += (widths[i] + 1L) * widths[i + 1];
    }
    return sum;
  }

  /** Arithmetic of a stack for one row. */
  static double forwardFlops(int... widths) {
    double sum = 0;
    for (int i = 0; i + 1 < widths.length; i++) {
      sum += 2.0 * widths[i] * widths[i + 1];
    }
    return sum;
  }

  /** The same, forward and backward, where the data themselves want no gradient. */
  static double trainingFlops(int... widths) {
    return 3 * forwardFlops(widths) - 2.0 * widths[0] * widths[1];
  }
}
