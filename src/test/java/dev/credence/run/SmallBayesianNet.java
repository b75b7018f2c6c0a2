package dev.credence.run;

import dev.credence.compile.Graph;
import dev.credence.grad.Gradients;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.tensor.Tree;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.util.ArrayList;
import java.util.List;

/**
 * A training step of a Bayesian network of two layers, written without the layers of the library:
 * weights are drawn from normals with learned means and deviations, the loss is the squared error
 * plus the divergence from a standard normal, and the update is momentum.
 */
public final class SmallBayesianNet {
  /** Rows of the data set, which lies on the device. */
  public static final int ROWS = 19;

  private static final int FEATURES = 3;
  private static final int HIDDEN = 10;
  private static final Key KEY = Key.ROOT.split("net");

  private SmallBayesianNet() {}

  /** Normals, one a weight: mean, and deviation before softplus. */
  public record Weights(Tensor mean, Tensor rho) {
    Tensor deviation() {
      return rho.softplus();
    }

    Tensor draw(Key key) {
      return mean.add(deviation().mul(Tensor.normal(key, mean.shape().dims())));
    }

    Tensor divergence() {
      Tensor variance = deviation().square();
      return variance.add(mean.square()).sub(1).sub(variance.log()).mul(0.5).sumAll();
    }
  }

  /** All that is learned. */
  public record Net(Weights hidden, Weights out) {}

  /** All that stays on the device between steps. */
  public record Memory(Net net, Net velocity, Tensor x, Tensor y) {}

  /** What it starts as. */
  public static Memory initial() {
    Net net =
        new Net(
            weights(KEY.split("hidden"), HIDDEN, FEATURES), weights(KEY.split("out"), 1, HIDDEN));
    Net still = Tree.map(net, (path, t) -> t.zerosLike());
    Tensor x = Tensor.normal(KEY.split("x"), ROWS, FEATURES);
    return new Memory(net, still, x, x.sum(1).sin());
  }

  private static Weights weights(Key key, int rows, int columns) {
    Tensor mean = Tensor.normal(key, rows, columns).mul(0.3);
    return new Weights(mean, Tensor.fill(-3, mean.type()));
  }

  /** A step on the rows that the input named rows chooses. */
  public static Graph step(Memory memory, int batch) {
    Tensor rows = Tensor.input("rows", TensorType.of(DType.INT32, batch));
    Net net = memory.net();
    Tensor x = memory.x().take(rows, 0);
    Tensor hidden = x.matmul(net.hidden().draw(KEY.split("a")).transpose()).relu();
    Tensor kept = Tensor.bernoulli(KEY.split("dropout"), 0.9, batch, HIDDEN);
    Tensor out =
        kept.select(hidden, hidden.zerosLike()).matmul(net.out().draw(KEY.split("b")).transpose());
    Tensor error = out.reshape(batch).sub(memory.y().take(rows, 0)).square().meanAll();
    Tensor divergence = net.hidden().divergence().add(net.out().divergence()).mul(1.0 / ROWS);
    Tensor loss = error.mul(5).add(divergence.mul(0.1));
    List<Tensor> parameters = Tree.list(net);
    List<Tensor> velocities = Tree.list(memory.velocity());
    List<Tensor> gradients = Gradients.of(loss, parameters);
    List<Graph.Update> updates = new ArrayList<>();
    for (int i = 0; i < parameters.size(); i++) {
      Tensor velocity = velocities.get(i).mul(0.9).add(gradients.get(i));
      Tensor step = velocity.mul(Tensor.number("rate"));
      updates.add(new Graph.Update(velocities.get(i), velocity));
      updates.add(new Graph.Update(parameters.get(i), parameters.get(i).sub(step)));
    }
    return new Graph(
        List.of(new Graph.Output("error", error), new Graph.Output("divergence", divergence)),
        updates);
  }

  /** The program of a step. */
  public static Program.Builder program(State<Memory> state, int batch) {
    Graph graph = step(state.tree(), batch);
    Program.Builder builder = Program.on(state.device(), state);
    graph.outputs().forEach(o -> builder.output(o.name(), o.value()));
    graph.updates().forEach(u -> builder.update(u.parameter(), u.value()));
    return builder;
  }
}
