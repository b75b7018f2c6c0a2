package dev.credence.train;

import dev.credence.bayes.Elbo;
import dev.credence.device.Device;
import dev.credence.device.Devices;
import dev.credence.model.Model;
import dev.credence.nn.Activation;
import dev.credence.nn.Losses;
import dev.credence.nn.Mlp;
import dev.credence.run.State;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import org.jspecify.annotations.Nullable;

/**
 * A plain classifier on plain arrays, to judge what generative models make: a dense net with a
 * softmax, or logistic regression where there are no hidden layers.
 */
public final class SoftmaxClassifier implements AutoCloseable {
  private static final Key INIT = Key.ROOT.split("init");
  private static final int BLOCK = 500;

  /**
   * How to learn.
   *
   * @param hidden widths of the hidden layers; none for logistic regression
   * @param epochs passes over the data
   * @param batch rows of a step
   * @param learningRate Adam's at the start; it falls to zero along half a cosine
   * @param seed decides everything that is drawn
   * @param device where to compute; null for the most preferred device present
   */
  public record Settings(
      int[] hidden,
      int epochs,
      int batch,
      double learningRate,
      long seed,
      @Nullable Device device) {}

  /** Rows and their classes. */
  private record Batch(Tensor x, Tensor labels) {}

  private final State<Mlp> weights;
  private final int width;

  private SoftmaxClassifier(State<Mlp> weights, int width) {
    this.weights = weights;
    this.width = width;
  }

  /**
   * Learns classes of rows.
   *
   * @param x one row each, all of one width
   * @param labels from 0 to classes - 1
   * @throws IllegalArgumentException in one sentence, if rows are ragged or not finite, or lengths
   *     differ
   */
  public static SoftmaxClassifier fit(float[][] x, int[] labels, int classes, Settings settings) {
    Tables.requireRows(x, 0);
    if (labels.length != x.length) {
      throw new IllegalArgumentException(
          labels.length + " labels were given for " + x.length + " rows");
    }
    int width = x[0].length;
    int n = settings.hidden.length;
    int[] widths = new int[n + 2];
    widths[0] = width;
    widths[n + 1] = classes;
    System.arraycopy(settings.hidden, 0, widths, 1, n);
    long steps = (long) settings.epochs * Math.ceilDiv(x.length, settings.batch);
    var how =
        new Trainer.Settings(
            settings.epochs,
            settings.batch,
            settings.seed,
            new Adam(),
            LearningRate.cosine(settings.learningRate, 0, steps));
    Model<Mlp, Batch> model =
        (net, batch, key) ->
            Elbo.deterministic(
                Losses.categoricalCrossEntropy(net.apply(batch.x()), batch.labels()).meanAll(),
                x.length);
    Device device = settings.device == null ? Devices.best() : settings.device;
    Batch empty =
        new Batch(
            Tensor.zeros(TensorType.of(DType.FLOAT32, x.length, width)),
            Tensor.zeros(TensorType.of(DType.INT32, x.length)));
    try (State<Batch> data = State.of(device, 0, empty)) {
      data.write(data.tree().x(), VaeModel.flat(x));
      data.write(data.tree().labels(), labels);
      try (var trainer = new Trainer<>(model, Mlp.init(INIT, Activation.RELU, widths), data, how)) {
        trainer.fit(progress -> true);
        return new SoftmaxClassifier(trainer.weights().snapshot(), width);
      }
    }
  }

  /** The probability of each class, one row a row. */
  public synchronized float[][] probabilities(float[][] x) {
    Tables.requireRows(x, width);
    try (RowProgram program =
        new RowProgram(
            weights,
            0,
            Math.min(BLOCK, x.length),
            new int[] {width},
            in -> weights.tree().apply(in[0]).softmax(-1))) {
      return program.apply(x);
    }
  }

  /** The most probable class of each row. */
  public int[] predict(float[][] x) {
    float[][] p = probabilities(x);
    int[] labels = new int[p.length];
    for (int i = 0; i < p.length; i++) {
      for (int c = 1; c < p[i].length; c++) {
        labels[i] = p[i][c] > p[i][labels[i]] ? c : labels[i];
      }
    }
    return labels;
  }

  /** Gives all memory back. */
  @Override
  public void close() {
    weights.close();
  }
}
