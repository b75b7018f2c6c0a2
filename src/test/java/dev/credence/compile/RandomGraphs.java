package dev.credence.compile;

import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.Shape;
import dev.credence.type.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BiFunction;

/**
 * Graphs from a seed: pointwise ops, folds, views, products, gathers and draws over what was made
 * before, several outputs, and updates of parameters by each other. Values stay bounded.
 */
public final class RandomGraphs {
  /** Kinds of shapes that meet often enough for ops of two operands to be common. */
  private static final int[][] SHAPES = {{6, 5}, {5}, {6}, {5, 6}, {4, 6, 5}, {6, 1}, {}};

  private final Random random;
  private final List<Tensor> made = new ArrayList<>();
  private final List<Tensor> parameters;
  private final List<Tensor> inputs = new ArrayList<>();
  private int keys;

  private RandomGraphs(long seed, List<Tensor> parameters) {
    this.random = new Random(seed);
    this.parameters = parameters;
  }

  /** What the parameters are at first. */
  public static List<Tensor> initial() {
    List<Tensor> initial = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      Key key = Key.ROOT.split("initial").fold(i);
      initial.add(Tensor.normal(key, i < 4 ? new int[] {6, 5} : new int[] {5}));
    }
    return initial;
  }

  /** The inputs that graphs may use, x0 and so on, of float32, and i, of int32 below 5. */
  public static List<TensorType> inputTypes() {
    List<TensorType> types = new ArrayList<>();
    for (int[] dims : SHAPES) {
      types.add(TensorType.of(DType.FLOAT32, dims));
    }
    return types;
  }

  /** A graph over parameters like the initial ones. */
  public static Graph of(long seed, List<Tensor> parameters) {
    return new RandomGraphs(seed, parameters).graph();
  }

  private Graph graph() {
    for (TensorType type : inputTypes()) {
      inputs.add(Tensor.input("x" + inputs.size(), type));
    }
    made.addAll(inputs);
    made.addAll(parameters);
    int size = 4 + random.nextInt(24);
    for (int i = 0; i < size; i++) {
      made.add(step());
    }
    List<Graph.Output> outputs = new ArrayList<>();
    for (int i = 0; i < 1 + random.nextInt(4); i++) {
      outputs.add(new Graph.Output("y" + i, recent()));
    }
    return new Graph(outputs, updates());
  }

  /** Each parameter becomes another, something made of several, or stays. */
  private List<Graph.Update> updates() {
    List<Graph.Update> updates = new ArrayList<>();
    for (Tensor p : parameters) {
      Tensor other = like(p);
      Tensor value =
          switch (random.nextInt(6)) {
            case 0 -> other;
            case 1 -> p.mul(0.5).add(other.tanh());
            case 2 -> other.flip(0);
            case 3 -> p.sub(p.sum(0).mul(0.1));
            case 4 -> p.flip(-1).add(p);
            default -> p;
          };
      if (value != p) {
        updates.add(new Graph.Update(p, value));
      }
    }
    return updates;
  }

  private Tensor any() {
    return made.get(random.nextInt(made.size()));
  }

  private Tensor recent() {
    return made.get(Math.max(random.nextInt(made.size()), random.nextInt(made.size())));
  }

  private Tensor like(Tensor wanted) {
    List<Tensor> alike = made.stream().filter(t -> t.type().equals(wanted.type())).toList();
    return alike.get(random.nextInt(alike.size()));
  }

  private Tensor step() {
    Tensor x = recent();
    return switch (random.nextInt(16)) {
      case 0 -> x.tanh();
      case 1 -> x.sin().mul(0.5).add(0.25);
      case 2 -> x.sigmoid().sub(x.square().add(1).rsqrt());
      case 3, 4 -> binary(x, Tensor::add);
      case 5 -> binary(x, Tensor::mul).sin();
      case 6 -> binary(x, Tensor::maximum);
      case 7 -> x.greater(0.1).select(x, x.mul(-0.1));
      case 8 -> x.shape().rank() == 0 ? x.neg() : folded(x);
      case 9 -> x.shape().rank() == 0 ? x.neg() : normalised(x);
      case 10 -> x.shape().rank() < 2 ? x.abs() : x.transpose();
      case 11 -> x.shape().rank() == 0 ? x.exp().tanh() : view(x);
      case 12 -> x.shape().rank() < 2 ? x.floor() : product(x);
      case 13 -> noise(x);
      case 14 -> x.shape().rank() == 0 ? x.cos() : gathered(x);
      default -> x.reshape(x.shape().size()).slice(0, 0, 1).reshape().cos();
    };
  }

  private Tensor binary(Tensor x, BiFunction<Tensor, Tensor, Tensor> op) {
    for (int tries = 0; tries < 20; tries++) {
      Tensor y = any();
      try {
        Shape common = Shape.broadcast(x.shape(), y.shape());
        if (common.size() <= 120) {
          return random.nextBoolean() ? op.apply(x, y) : op.apply(y, x);
        }
      } catch (IllegalArgumentException e) {
        // These two do not fit; another may.
      }
    }
    return op.apply(x, x.flip(0).neg());
  }

  private int axis(Tensor x) {
    return random.nextInt(x.shape().rank());
  }

  private Tensor folded(Tensor x) {
    int axis = axis(x);
    return switch (random.nextInt(4)) {
      case 0 -> x.sumAll().mul(0.1);
      case 1 -> x.mean(axis);
      case 2 -> x.max(axis);
      default -> x.argmax(axis).cast(DType.FLOAT32).mul(0.2);
    };
  }

  private Tensor normalised(Tensor x) {
    int axis = axis(x);
    return random.nextBoolean() ? x.softmax(axis) : x.logsumexp(axis);
  }

  private Tensor view(Tensor x) {
    int axis = axis(x);
    return switch (random.nextInt(4)) {
      case 0 -> x.flip(axis);
      case 1 -> x.pad(axis, 1, 0, 1, 0.5).slice(axis, 1, x.shape().dim(axis), 1);
      case 2 -> Tensor.concat(axis, x, x.neg()).slice(axis, 1, x.shape().dim(axis), 1);
      default -> x.unsqueeze(axis).reshape(x.shape().size()).reshape(x.shape());
    };
  }

  private Tensor product(Tensor x) {
    Tensor square = x.matmul(x.transpose().tanh());
    return square.mul(0.1).matmul(x).tanh();
  }

  private Tensor noise(Tensor x) {
    Key key = Key.ROOT.split("noise").fold(keys++);
    int[] dims = x.shape().dims();
    return switch (random.nextInt(3)) {
      case 0 -> x.add(Tensor.normal(key, dims).mul(0.1));
      case 1 -> Tensor.bernoulli(key, 0.7, dims).select(x.div(0.7), x.zerosLike());
      default -> x.mul(Tensor.uniform(key, dims)).add(Tensor.uniform(key, dims));
    };
  }

  private Tensor gathered(Tensor x) {
    int axis = axis(x);
    Tensor index = x.argmax(axis).reshape(x.shape().with(axis, 1));
    return random.nextBoolean()
        ? x.takeAlong(index, axis).sub(x)
        : x.take(Tensor.iota(Shape.of(x.shape().dim(axis)), 0).remainder(2), axis);
  }
}
