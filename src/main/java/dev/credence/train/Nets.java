package dev.credence.train;

import dev.credence.run.State;
import dev.credence.tensor.Tensor;
import dev.credence.tensor.Tree;
import dev.credence.type.TensorType;
import java.util.Arrays;
import java.util.List;

/**
 * Several nets of one shape that are trained at once. Their weights have a first axis of nets; of
 * their data each row is that of all nets, side by side, so that the training loop takes a batch of
 * every net's rows in one go; and the loss is the sum of theirs.
 */
final class Nets {
  private Nets() {}

  /**
   * Makes what predicts with the weights of one net, which it takes over.
   *
   * @param <W> the tree of one net's weights
   * @param <P> what predicts
   */
  @FunctionalInterface
  interface Predicting<W, P> {
    P of(int net, State<W> weights);
  }

  /**
   * Trains, and gives each regressor its net.
   *
   * @param data of each net
   * @param settings whose listener hears of the mean over the nets, and where the fit is kept
   * @param regressors that serve the nets
   */
  static <W, P extends Served.Predictor<W>> void fit(
      Trainer<W, ?> trainer,
      List<RegressionData> data,
      FitBuilder<?> settings,
      List<Served<W, P>> regressors,
      Predicting<W, P> predicting) {
    int nets = data.size();
    int rows = data.getFirst().rows();
    double shift = data.stream().mapToDouble(RegressionData::shift).average().orElseThrow();
    FitSummary each =
        trainer
            .fit(
                p -> settings.listener.onEpoch(p.shared(nets).shifted(shift, rows)),
                settings.checkpoint)
            .shared(nets);
    for (int k = 0; k < nets; k++) {
      int net = k;
      Served<W, P> served = regressors.get(k);
      served.fit(
          () ->
              served.serve(
                  predicting.of(net, one(trainer.weights(), net)),
                  each.shifted(data.get(net).shift(), rows)));
    }
  }

  /** The weights of one net of several, in a state of its own. */
  private static <W> State<W> one(State<W> nets, int net) {
    W shapes =
        Tree.map(
            nets.tree(),
            (path, leaf) -> Tensor.zeros(new TensorType(leaf.dtype(), leaf.shape().without(0))));
    State<W> one = State.of(nets.device(), 0, shapes);
    try {
      List<Tensor> from = Tree.list(nets.tree());
      List<Tensor> to = Tree.list(one.tree());
      for (int i = 0; i < from.size(); i++) {
        int size = to.get(i).shape().size();
        float[] all = nets.read(from.get(i)).floats();
        one.write(to.get(i), Arrays.copyOfRange(all, net * size, (net + 1) * size));
      }
      return one;
    } catch (RuntimeException e) {
      one.close();
      throw e;
    }
  }
}
