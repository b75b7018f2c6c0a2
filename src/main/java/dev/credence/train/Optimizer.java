package dev.credence.train;

import dev.credence.tensor.Tensor;
import dev.credence.tensor.Tree;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How a step changes parameters, as a pure function: parameters, gradients and moments in,
 * parameters and moments out. Each optimizer keeps a fixed number of moments, trees shaped like the
 * parameters that start at zero, and treats every number by itself.
 *
 * <p>In the formulae p is a parameter, g its gradient, a the learning rate, t the step counted from
 * 1; constants are those of torch.
 */
public sealed interface Optimizer permits Sgd, Momentum, Adagrad, Adadelta, RmsProp, Adam, AdamW {
  /**
   * What an optimizer remembers.
   *
   * @param slots trees shaped like the parameters
   */
  record Moments<T>(List<T> slots) {}

  /**
   * What a step leads to.
   *
   * @param parameters the new ones
   * @param moments the new ones
   */
  record Step<T>(T parameters, Moments<T> moments) {}

  /**
   * What a step does to one array.
   *
   * @param parameter the new one
   * @param moments the new ones
   */
  record Leaf(Tensor parameter, List<Tensor> moments) {}

  /** How many arrays are remembered for each parameter. */
  int slots();

  /**
   * The step of one array.
   *
   * @param p the parameter
   * @param g its gradient, of p's type
   * @param moments as many as {@link #slots}, of p's type
   * @param rate the learning rate, a scalar of p's element type
   * @param count the step counted from 1, a scalar of p's element type
   */
  Leaf leaf(Tensor p, Tensor g, List<Tensor> moments, Tensor rate, Tensor count);

  /**
   * Moments to start with, all zero.
   *
   * @return expressions; a state computes them
   */
  default <T> Moments<T> init(T parameters) {
    List<T> slots = new ArrayList<>();
    for (int i = 0; i < slots(); i++) {
      slots.add(Tree.map(parameters, (path, leaf) -> leaf.zerosLike()));
    }
    return new Moments<>(List.copyOf(slots));
  }

  /**
   * One step.
   *
   * @param parameters a tree of floating-point tensors
   * @param gradients a tree shaped like the parameters
   * @param moments as {@link #init} or the step before made them
   * @param learningRate a scalar, usually a run-time number
   * @param count the step counted from 1, an int32 scalar, usually a run-time number
   */
  default <T> Step<T> step(
      T parameters, T gradients, Moments<T> moments, Tensor learningRate, Tensor count) {
    return step(parameters, gradients, moments, learningRate, RateFactor.ONE, count);
  }

  /**
   * One step, some arrays faster or slower than others.
   *
   * @param parameters a tree of floating-point tensors
   * @param gradients a tree shaped like the parameters
   * @param moments as {@link #init} or the step before made them
   * @param learningRate a scalar, usually a run-time number
   * @param factor what the learning rate of each array is multiplied by
   * @param count the step counted from 1, an int32 scalar, usually a run-time number
   */
  default <T> Step<T> step(
      T parameters,
      T gradients,
      Moments<T> moments,
      Tensor learningRate,
      RateFactor factor,
      Tensor count) {
    List<String> paths = List.copyOf(Tree.leaves(parameters).keySet());
    List<Tensor> p = Tree.list(parameters);
    List<Tensor> g = Tree.list(gradients);
    List<List<Tensor>> remembered = moments.slots().stream().map(Tree::list).toList();
    List<Leaf> leaves = new ArrayList<>();
    for (int i = 0; i < p.size(); i++) {
      int at = i;
      leaves.add(
          leaf(
              p.get(i),
              g.get(i),
              remembered.stream().map(slot -> slot.get(at)).toList(),
              scaled(learningRate.cast(p.get(i).dtype()), factor.of(paths.get(i))),
              count.cast(p.get(i).dtype())));
    }
    List<T> slots =
        IntStream.range(0, slots())
            .mapToObj(
                s -> Tree.with(parameters, leaves.stream().map(l -> l.moments().get(s)).toList()))
            .toList();
    return new Step<>(
        Tree.with(parameters, leaves.stream().map(Leaf::parameter).toList()), new Moments<>(slots));
  }

  private static Tensor scaled(Tensor rate, double factor) {
    return factor == 1 ? rate : rate.mul(factor);
  }
}
