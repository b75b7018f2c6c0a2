package dev.credence.benchmarks.peers;

import ai.djl.ndarray.NDArray;
import java.util.List;

/** The LeNet of W4 and W9. */
final class LeNetWeights {
  private final NDArray w1;
  private final NDArray b1;
  private final NDArray w2;
  private final NDArray b2;
  private final NDArray w3;
  private final NDArray b3;
  private final NDArray w4;
  private final NDArray b4;

  LeNetWeights(DjlTask task) {
    w1 = task.normal(20, 1, 5, 5).muli(0.2);
    b1 = task.zeros(20);
    w2 = task.normal(50, 20, 5, 5).muli(1 / Math.sqrt(500));
    b2 = task.zeros(50);
    w3 = task.normal(500, 800).muli(1 / Math.sqrt(800));
    b3 = task.zeros(500);
    w4 = task.normal(10, 500).muli(1 / Math.sqrt(500));
    b4 = task.zeros(10);
  }

  List<NDArray> all() {
    return List.of(w1, b1, w2, b2, w3, b3, w4, b4);
  }

  NDArray features(NDArray x) {
    return DjlTask.convolution(x, w1, b1);
  }

  NDArray logits(NDArray features) {
    NDArray a = DjlTask.pool(DjlTask.dropout(features, 0.5));
    NDArray b = DjlTask.pool(DjlTask.dropout(DjlTask.convolution(a, w2, b2), 0.5));
    NDArray h = DjlTask.relu(DjlTask.linear(b.reshape(-1, 800), w3, b3));
    return DjlTask.linear(DjlTask.dropout(h, 0.5), w4, b4);
  }
}
