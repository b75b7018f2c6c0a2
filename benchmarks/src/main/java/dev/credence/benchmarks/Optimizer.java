package dev.credence.benchmarks;

import dev.credence.run.Program;
import dev.credence.tensor.Tensor;
import java.util.List;

/** What a step makes of a parameter, its gradient and its moments. */
enum Optimizer {
  /** Adam with learning rate 1e-3 (Kingma and Ba 2015). */
  ADAM(2) {
    @Override
    void update(Program.Builder program, Tensor weight, Tensor gradient, List<Tensor> moments) {
      Tensor first = moments.get(0).mul(0.9).add(gradient.mul(0.1));
      Tensor second = moments.get(1).mul(0.999).add(gradient.square().mul(0.001));
      Tensor rate = Tensor.number("rate");
      Tensor unbias = Tensor.number("unbias");
      program
          .update(moments.get(0), first)
          .update(moments.get(1), second)
          .update(weight, weight.sub(first.mul(rate).div(second.sqrt().mul(unbias).add(1e-8))));
    }

    @Override
    void numbers(Program program, int step) {
      program.number("rate", 1e-3 / (1 - Math.pow(0.9, step)));
      program.number("unbias", 1 / Math.sqrt(1 - Math.pow(0.999, step)));
    }
  },

  /** Gradient descent with learning rate 0.01 and momentum 0.9. */
  MOMENTUM(1) {
    @Override
    void update(Program.Builder program, Tensor weight, Tensor gradient, List<Tensor> moments) {
      Tensor velocity = moments.get(0).mul(0.9).add(gradient);
      program.update(moments.get(0), velocity).update(weight, weight.sub(velocity.mul(0.01)));
    }

    @Override
    void numbers(Program program, int step) {}
  };

  private final int moments;

  Optimizer(int moments) {
    this.moments = moments;
  }

  /** How many moments it keeps for each parameter. */
  int moments() {
    return moments;
  }

  /** Adds the updates of a parameter and its moments to a program. */
  abstract void update(
      Program.Builder program, Tensor weight, Tensor gradient, List<Tensor> moments);

  /** Sets what depends on the step, which counts from 1. */
  abstract void numbers(Program program, int step);

  /** Bytes moved at least for each parameter: all is read and written once. */
  double bytesPerParameter() {
    return 8.0 * (1 + moments);
  }
}
