package dev.credence.benchmarks.peers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.credence.benchmarks.Task;

/**
 * A task for DJL. Results belong to the manager of an operation's first operand, which here lives
 * as long as the task, so a scope around each run gives them back.
 */
abstract class DjlTask implements Task {
  final NDManager manager;

  DjlTask(NDManager manager) {
    this.manager = manager;
  }

  /** Does the work; what it returns lives as long as the scope around the call. */
  abstract NDList compute();

  @Override
  public void run() {
    try (NDScope scope = scope()) {
      compute();
    }
  }

  static NDScope scope() {
    NDScope scope = new NDScope();
    scope.suppressNotUsedWarning();
    return scope;
  }

  @Override
  public void close() {
    manager.close();
  }

  // The few operations that the workloads share.

  NDArray normal(long... dims) {
    return manager.randomNormal(new Shape(dims), DataType.FLOAT32);
  }

  NDArray uniform(long... dims) {
    return manager.randomUniform(0, 1, new Shape(dims), DataType.FLOAT32);
  }

  NDArray zeros(long... dims) {
    return manager.zeros(new Shape(dims), DataType.FLOAT32);
  }

  NDArray classes(long rows) {
    return manager.randomInteger(0, 10, new Shape(rows, 1), DataType.INT64);
  }

  static NDArray softplus(NDArray x) {
    return x.getNDArrayInternal().softPlus();
  }

  static NDArray relu(NDArray x) {
    return x.getNDArrayInternal().relu();
  }

  static NDArray dropout(NDArray x, double p) {
    return x.getNDArrayInternal().dropout(x, (float) p, true).get(0);
  }

  static NDArray linear(NDArray x, NDArray weight, NDArray bias) {
    return x.getNDArrayInternal().linear(x, weight, bias).get(0);
  }

  static NDArray convolution(NDArray x, NDArray weight, NDArray bias) {
    Shape one = new Shape(1, 1);
    return x.getNDArrayInternal().convolution(x, weight, bias, one, new Shape(0, 0), one, 1).get(0);
  }

  static NDArray pool(NDArray x) {
    Shape two = new Shape(2, 2);
    return x.getNDArrayInternal().maxPool(two, two, new Shape(0, 0), false);
  }
}
