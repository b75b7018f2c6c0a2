package dev.credence.train;

import dev.credence.run.State;
import dev.credence.tensor.Tensor;
import dev.credence.tensor.Tree;
import dev.credence.type.TensorType;
import java.util.Arrays;
import java.util.List;

/**
 * Several nets of one shape that are trained at once: their weights have a first axis of nets, and
 * of their data each row is that of all nets, side by side, so that the training loop takes a batch
 * of every net's rows in one go.
 */
final class Nets {
  private Nets() {}

  /**
   * Rows of all nets side by side, standardised. Every net's rows stand in an order of its own, so
   * that nets with the same data do not see the same batches.
   *
   * @param tables K tables of equally many rows and columns
   * @param standardisers one a table
   * @return row-major, shape (N, K, columns)
   */
  static float[] interleave(List<float[][]> tables, List<Standardiser> standardisers, long seed) {
    int nets = tables.size();
    int rows = tables.getFirst().length;
    int columns = tables.getFirst()[0].length;
    float[] all = new float[Math.multiplyExact(Math.multiplyExact(rows, nets), columns)];
    Shuffle shuffle = new Shuffle(seed, rows);
    for (int k = 0; k < nets; k++) {
      int[] order = shuffle.epoch(Integer.MAX_VALUE - k);
      for (int i = 0; i < rows; i++) {
        float[] row = tables.get(k)[order[i]];
        for (int j = 0; j < columns; j++) {
          all[(i * nets + k) * columns + j] = standardisers.get(k).apply(row[j], j);
        }
      }
    }
    return all;
  }

  /** The weights of one net of several, in a state of its own. */
  static <T> State<T> one(State<T> nets, int net) {
    T shapes =
        Tree.map(
            nets.tree(),
            (path, leaf) -> Tensor.zeros(new TensorType(leaf.dtype(), leaf.shape().without(0))));
    State<T> one = State.of(nets.device(), 0, shapes);
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
