package dev.credence.train;

import dev.credence.bayes.KlWeight;
import dev.credence.device.Device;
import dev.credence.model.Examples;
import dev.credence.model.Model;
import dev.credence.run.State;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.nio.file.Path;
import java.util.function.Function;

/**
 * What classifiers have in common: fitting, predicting while another thread fits, and closing.
 *
 * <p>The same seed, data and settings give the same weights and predictions, bit for bit.
 *
 * <p>Thread-safe. {@link #predict} may be called while a fit goes on in another thread: it sees the
 * weights as they were when the last epoch ended.
 *
 * @param <W> the tree of weights
 */
public abstract sealed class Classifier<W> implements AutoCloseable
    permits ConcreteDropoutClassifier,
        LeNetClassifier,
        McDropoutClassifier,
        MeanFieldClassifier,
        MlpClassifier {
  private final EstimatorBuilder<?> common;
  private final Served<W, ClassPredictive<W>> served = new Served<>("classifier");

  Classifier(EstimatorBuilder<?> common) {
    this.common = common;
  }

  /** What is learned from some rows. */
  abstract Model<W, Examples> model(int rows, int classes);

  /** The weights to start with; width is that of a row. */
  abstract W initial(int width, int classes);

  /** Prepares to learn from rows. */
  interface Start<W> {
    Trainer<W, Examples> trainer(State<Examples> data, Trainer.Settings how);
  }

  /** How to learn some rows where the last fit has left the weights. */
  Start<W> further(State<W> known, int rows, int classes) {
    return (data, how) -> Trainer.from(known, model(rows, classes), data, how);
  }

  /** How logits are drawn. */
  abstract Outputs<W> outputs();

  /** How much of a divergence each batch carries. */
  KlWeight klWeight() {
    return KlWeight.UNIFORM;
  }

  /** Learns; every label is from 0 to classes - 1, where classes is one more than the largest. */
  void learn(float[][] x, int[] labels) {
    Tables.requireRows(x, 0);
    int classes = classes(x.length, labels);
    if (classes == 1) {
      throw new IllegalArgumentException("every label is 0, so nothing can be learned from them");
    }
    Standardiser inputs = common.inputs(x);
    Start<W> start =
        (data, how) ->
            new Trainer<>(model(x.length, classes), initial(x[0].length, classes), data, how);
    served.fit(() -> train(x, labels, classes, inputs, start));
  }

  /** Learns further rows of the same columns and classes. */
  void learnMore(float[][] x, int[] labels) {
    served.fit(
        () -> {
          int known = served.ask(ClassPredictive::classes);
          Standardiser inputs = served.ask(ClassPredictive::inputs);
          Tables.requireRows(x, inputs.centre().length);
          int classes = classes(x.length, labels);
          if (classes > known) {
            throw new IllegalArgumentException(
                "the classifier was fitted with "
                    + known
                    + " classes, but a label is "
                    + (classes - 1));
          }
          try (State<W> weights = weights(State::snapshot)) {
            train(x, labels, known, inputs, further(weights, x.length, known));
          }
        });
  }

  /** Asks, or changes, the weights of the last epoch. */
  <R> R weights(Function<State<W>, R> question) {
    return served.ask(now -> now.weights(question));
  }

  private static int classes(int rows, int[] labels) {
    if (labels.length != rows) {
      throw new IllegalArgumentException(
          "x has " + rows + " rows, but there are " + labels.length + " labels");
    }
    int most = 0;
    for (int i = 0; i < rows; i++) {
      if (labels[i] < 0) {
        throw new IllegalArgumentException(
            "labels count from 0, but that of row " + i + " is " + labels[i]);
      }
      most = Math.max(most, labels[i]);
    }
    return most + 1;
  }

  private void train(float[][] x, int[] labels, int classes, Standardiser inputs, Start<W> start) {
    int rows = x.length;
    Examples empty =
        new Examples(
            Tensor.zeros(TensorType.of(DType.FLOAT32, rows, x[0].length)),
            Tensor.zeros(TensorType.of(DType.INT32, rows)));
    Device device = common.place();
    try (State<Examples> data = State.of(device, 0, empty)) {
      data.write(data.tree().x(), inputs.apply(x, 0, rows, rows));
      data.write(data.tree().y(), labels);
      Trainer.Settings how = common.training(common.rate(rows)).with(klWeight());
      try (var trainer = start.trainer(data, how)) {
        served.train(
            trainer,
            predictive(trainer.weights().snapshot(), inputs, classes),
            common.listener,
            common.checkpoint,
            summary -> summary);
      }
    }
  }

  private ClassPredictive<W> predictive(State<W> weights, Standardiser inputs, int classes) {
    return new ClassPredictive<>(weights, inputs, classes, outputs(), common.block(), common.seed);
  }

  /**
   * Saves what has been learned to a file of the safetensors format: the weights as they were when
   * the last epoch ended, what happens to inputs, and how many classes there are.
   *
   * @throws dev.credence.data.DataException in one sentence, if the file cannot be written; what
   *     was there stays
   * @throws IllegalStateException before the first epoch of the first fit has ended, and after
   *     closing
   */
  public void save(Path file) {
    served.ask(
        now ->
            now.weights(
                weights -> {
                  Saved.with(
                          Saved.with(Saved.of(this, weights), Saved.INPUTS, now.inputs()),
                          Saved.CLASSES,
                          now.classes())
                      .write(file);
                  return now;
                }));
  }

  /**
   * Predicts from now on with what a classifier of the same settings has saved. Settings are not in
   * the file: how many draws there are, where they are made and by which seed is this classifier's.
   *
   * @throws dev.credence.data.DataException in one sentence, if the file is missing, damaged, or
   *     not that of such a classifier; then this stays as it was
   * @throws IllegalStateException after closing
   */
  public void load(Path file) {
    served.fit(
        () -> {
          Saved saved = Saved.read(file, getClass());
          Standardiser inputs = saved.standardiser(Saved.INPUTS);
          int classes = saved.count(Saved.CLASSES);
          State<W> weights =
              saved.weights(common.place(), initial(inputs.centre().length, classes));
          served.serve(predictive(weights, inputs, classes));
        });
  }

  /**
   * What is said of some rows.
   *
   * @param x inputs, one row each, as wide as those of the fit
   * @throws IllegalArgumentException in one sentence, if rows are ragged or of another width, or a
   *     number is not finite
   * @throws IllegalStateException before the first epoch of the first fit has ended, and after
   *     closing
   */
  public ClassPrediction predict(float[][] x) {
    return predict(x, 0);
  }

  /**
   * What is said of some rows of a longer table, the same that predicting the whole table at once
   * would give.
   *
   * @param firstRow which row of the table the first one is: noise of a row of its own follows its
   *     number
   */
  public ClassPrediction predict(float[][] x, int firstRow) {
    return predict(x, firstRow, common.draws);
  }

  /**
   * What is said of some rows of a longer table over another number of draws than the builder's.
   *
   * @param firstRow which row of the table the first one is
   * @param draws T
   * @throws IllegalArgumentException if there are no draws, too
   */
  public ClassPrediction predict(float[][] x, int firstRow, int draws) {
    EstimatorBuilder.require(draws > 0, "a prediction needs draws, but " + draws + " was given");
    return served.ask(now -> now.predict(x, firstRow, 0, draws));
  }

  /**
   * What a single draw says of some rows: the t-th of those that {@link #predict} averages, or one
   * beyond them.
   *
   * @param t which draw, from 0
   */
  public ClassPrediction draw(float[][] x, int t) {
    return served.ask(now -> now.predict(x, 0, t, 1));
  }

  /** The probability of each class by one pass with the weights' mean, p[row][class]. */
  public float[][] average(float[][] x) {
    return served.ask(now -> now.average(x));
  }

  /**
   * How the last fit went.
   *
   * @throws IllegalStateException before the first fit has ended
   */
  public FitSummary summary() {
    return served.summary();
  }

  /** Ends a fit that goes on in another thread after its epoch, and gives all memory back. */
  @Override
  public void close() {
    served.close();
  }
}
