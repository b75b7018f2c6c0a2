package dev.credence.benchmarks;

import dev.credence.device.Device;
import dev.credence.grad.Gradients;
import dev.credence.run.Program;
import dev.credence.run.State;
import dev.credence.tensor.Draw;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.tensor.Tree;
import dev.credence.type.Shape;
import java.util.List;

/**
 * The step of W5 with the likelihood averaged over T draws of the weights: gradients are added up
 * draw by draw, so that memory does not grow with T.
 */
final class W5ManyDraws implements Workload {
  private record Kept(
      List<BayesianLayer> layers,
      List<List<BayesianLayer>> moments,
      List<BayesianLayer> gradient,
      Tensor nll,
      Digits batch) {}

  private final int draws;
  private final State<Kept> state;
  private final Program draw;
  private final Program update;
  private int step;

  W5ManyDraws(Device device, int draws) {
    this.draws = draws;
    int[] widths = W5BayesByBackprop.WIDTHS;
    List<BayesianLayer> layers = BayesianLayer.stack(W5BayesByBackprop.INITIAL_RHO, widths);
    List<BayesianLayer> zeros = Tree.map(layers, (path, weight) -> weight.zerosLike());
    Digits digits = Digits.batch(W5BayesByBackprop.BATCH, widths[0]);
    state =
        State.of(
            device, 1, new Kept(layers, List.of(zeros, zeros), zeros, Tensor.scalar(0), digits));
    draw = draw(device);
    update = update(device);
  }

  private Program draw(Device device) {
    Kept kept = state.tree();
    Tensor h = kept.batch().x();
    for (int i = 0; i < kept.layers().size(); i++) {
      BayesianLayer layer = kept.layers().get(i);
      Key key = Key.ROOT.split("noise").fold(i);
      Tensor w = sample(layer.weight(), key.split("weight"));
      h =
          (i == 0 ? h : h.relu())
              .matmul(w.transpose())
              .add(sample(layer.bias(), key.split("bias")));
    }
    Tensor nll = kept.batch().nll(h).mul(1.0 / draws);
    List<BayesianLayer> gradient = Gradients.of(nll, kept.layers());
    Program.Builder builder = Program.on(device, state);
    builder.update(kept.nll(), kept.nll().add(nll));
    List<Tensor> sums = Tree.list(kept.gradient());
    List<Tensor> parts = Tree.list(gradient);
    for (int i = 0; i < sums.size(); i++) {
      builder.update(sums.get(i), sums.get(i).add(parts.get(i)));
    }
    return builder.build();
  }

  /** The draw that the program's first sample says. */
  private static Tensor sample(Gaussian q, Key key) {
    Shape one = Shape.of(1).concat(q.mu().shape());
    Tensor noise = Tensor.of(new Draw.Normal(new Draw.Layout(key, one, true, false)));
    return q.mu().add(q.sigma().mul(noise.reshape(q.mu().shape())));
  }

  private Program update(Device device) {
    Kept kept = state.tree();
    Tensor kl = W5BayesByBackprop.kl(kept.layers()).mul(1 / W5BayesByBackprop.ROWS);
    List<Tensor> weights = Tree.list(kept.layers());
    List<Tensor> sums = Tree.list(kept.gradient());
    List<Tensor> prior = Gradients.of(kl, weights);
    List<List<Tensor>> moments = kept.moments().stream().map(Tree::list).toList();
    Program.Builder builder = Program.on(device, state).output("loss", kept.nll().add(kl));
    builder.update(kept.nll(), kept.nll().zerosLike());
    for (int i = 0; i < weights.size(); i++) {
      List<Tensor> own = List.of(moments.get(0).get(i), moments.get(1).get(i));
      Tensor gradient = sums.get(i).add(prior.get(i));
      Optimizer.ADAM.update(builder, weights.get(i), gradient, own);
      builder.update(sums.get(i), sums.get(i).zerosLike());
    }
    return builder.build();
  }

  @Override
  public void run() {
    draw.step(++step);
    for (int t = 0; t < draws; t++) {
      draw.firstSample(t).run();
    }
    Optimizer.ADAM.numbers(update, step);
    update.run();
  }

  @Override
  public String verify() {
    return Check.goesDown(
        () -> {
          run();
          return update.scalar("loss");
        });
  }

  @Override
  public List<Program> programs() {
    return List.of(draw, update);
  }

  @Override
  public void close() {
    programs().forEach(Program::close);
    state.close();
  }
}
