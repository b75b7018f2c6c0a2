package dev.credence.train;

import dev.credence.device.Device;
import dev.credence.run.State;
import dev.credence.tensor.Tensor;
import dev.credence.tensor.Tree;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/**
 * What a regressor learns from, and how its net sees it.
 *
 * @param x inputs, one row each
 * @param y targets, one a row
 * @param inputs standardises x
 * @param target standardises y
 */
record RegressionData(float[][] x, float[] y, Standardiser inputs, Standardiser target) {
  /**
   * Data that can be learned from.
   *
   * @throws IllegalArgumentException in one sentence, if not
   */
  static RegressionData of(float[][] x, float[] y, NetBuilder<?> settings) {
    Tables.requireLearnable(x, y);
    return new RegressionData(
        x, y, settings.standardiser(x), Standardiser.of("y", Tables.column(y)));
  }

  /**
   * The data of several regressors that are fitted at once.
   *
   * @throws IllegalArgumentException in one sentence, if some cannot be learned from, or if they
   *     differ in their numbers of rows or columns
   */
  static List<RegressionData> all(
      List<float[][]> x, List<float[]> y, List<? extends NetBuilder<?>> settings) {
    int nets = settings.size();
    NetBuilder.require(
        nets > 0 && x.size() == nets && y.size() == nets,
        "each regressor has data of its own, but "
            + x.size()
            + " inputs and "
            + y.size()
            + " targets were given for "
            + nets
            + " regressors");
    List<RegressionData> all = new ArrayList<>();
    for (int k = 0; k < nets; k++) {
      RegressionData own = of(x.get(k), y.get(k), settings.get(k));
      all.add(own);
      RegressionData first = all.getFirst();
      NetBuilder.require(
          own.rows() == first.rows() && own.width() == first.width(),
          "regressors that are fitted at once have equally many rows and columns, but number "
              + k
              + " has "
              + own.rows()
              + " rows of "
              + own.width()
              + " and number 0 has "
              + first.rows()
              + " of "
              + first.width());
      NetBuilder.require(
          settings.get(k).trainsAs(settings.getFirst()),
          "regressors that are fitted at once have the same layers, epochs, batch size and learning"
              + " rate, but those of number "
              + k
              + " differ from those of number 0");
    }
    return all;
  }

  /** How many rows there are, N. */
  int rows() {
    return x.length;
  }

  /** Numbers of a row. */
  int width() {
    return x[0].length;
  }

  /** What a density of the standardised target, in nats, has more than one of the target. */
  double shift() {
    return Math.log(target.unit()[0]);
  }

  /**
   * The data on a device.
   *
   * @param batch groups inputs of shape (N, width) and targets of shape (N)
   */
  <B> State<B> on(Device device, BiFunction<Tensor, Tensor, B> batch) {
    return state(
        device,
        batch.apply(zeros(rows(), width()), zeros(rows())),
        inputs.apply(x, 0, rows(), rows()),
        target.apply(Tables.column(y), 0, rows(), rows()));
  }

  /**
   * The data of K nets on a device, each row that of all nets, side by side.
   *
   * @param seed decides the order of every net's rows
   * @param batch groups inputs of shape (N, K, width) and targets of shape (N, K)
   */
  static <B> State<B> on(
      Device device, List<RegressionData> nets, long seed, BiFunction<Tensor, Tensor, B> batch) {
    int rows = nets.getFirst().rows();
    int width = nets.getFirst().width();
    return state(
        device,
        batch.apply(zeros(rows, nets.size(), width), zeros(rows, nets.size())),
        sideBySide(
            nets.stream().map(RegressionData::x).toList(),
            nets.stream().map(RegressionData::inputs).toList(),
            seed),
        sideBySide(
            nets.stream().map(net -> Tables.column(net.y)).toList(),
            nets.stream().map(RegressionData::target).toList(),
            seed));
  }

  private static Tensor zeros(int... dims) {
    return Tensor.zeros(TensorType.of(DType.FLOAT32, dims));
  }

  private static <B> State<B> state(Device device, B empty, float[] x, float[] y) {
    State<B> state = State.of(device, 0, empty);
    List<Tensor> arrays = Tree.list(state.tree());
    state.write(arrays.get(0), x);
    state.write(arrays.get(1), y);
    return state;
  }

  /**
   * Rows of all nets side by side, standardised. Every net's rows stand in an order of its own, so
   * that nets with the same data do not see the same batches.
   *
   * @return row-major, shape (N, K, columns)
   */
  private static float[] sideBySide(
      List<float[][]> tables, List<Standardiser> standardisers, long seed) {
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
}
