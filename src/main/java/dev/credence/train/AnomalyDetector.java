package dev.credence.train;

import dev.credence.nn.Activation;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Finds rows unlike those it has seen: an autoencoder learns to restore usual rows from a short
 * code, and what it restores badly is unusual (Sakurada and Yairi 2014, "Anomaly Detection Using
 * Autoencoders with Nonlinear Dimensionality Reduction").
 *
 * <pre>{@code
 * try (var detector = AnomalyDetector.builder().code(2).hidden(32).build().fit(usual)) {
 *   float[] score = detector.score(rows);
 *   boolean[] unusual = detector.unusual(rows);
 * }
 * }</pre>
 *
 * <p>Columns are standardised inside. A score is the mean over columns of the squared error.
 */
public final class AnomalyDetector implements AutoCloseable {
  private final Builder settings;
  private @Nullable AutoencoderModel net;
  private @Nullable Standardiser standardiser;
  private double threshold;

  private AnomalyDetector(Builder settings) {
    this.settings = settings;
  }

  /** Starts with a linear autoencoder of two numbers. */
  public static Builder builder() {
    return new Builder();
  }

  /** Settings of a detector. */
  public static final class Builder extends FitBuilder<Builder> {
    private int code = 2;
    private int[] hidden = {};
    private Activation activation = Activation.TANH;
    private double learningRate = 3e-3;
    private double quantile = 0.95;

    private Builder() {
      super(100, 64);
    }

    private Builder(Builder other) {
      super(other);
      code = other.code;
      hidden = other.hidden;
      activation = other.activation;
      learningRate = other.learningRate;
      quantile = other.quantile;
    }

    @Override
    Builder self() {
      return this;
    }

    /** Numbers of a code, k; 0 makes the score the distance from the mean. */
    public Builder code(int numbers) {
      require(numbers >= 0, "a code has no " + numbers + " numbers");
      this.code = numbers;
      return this;
    }

    /** Widths of the encoder's hidden layers, mirrored by the decoder; none makes it linear. */
    public Builder hidden(int... widths) {
      this.hidden = requireWidths(widths);
      return this;
    }

    /** What stands between layers. */
    public Builder activation(Activation a) {
      this.activation = a;
      return this;
    }

    /** Adam's learning rate at the start; it falls to zero along half a cosine. */
    public Builder learningRate(double rate) {
      this.learningRate = requireRate(rate);
      return this;
    }

    /** The part of the rows seen whose scores count as usual. */
    public Builder quantile(double part) {
      require(part > 0 && part < 1, "a part lies between 0 and 1, not at " + part);
      this.quantile = part;
      return this;
    }

    /** A detector of these settings. */
    public AnomalyDetector build() {
      return new AnomalyDetector(new Builder(this));
    }
  }

  /**
   * Learns what is usual, from scratch.
   *
   * @param x usual rows, all of one width
   * @return this
   * @throws IllegalArgumentException in one sentence, if rows are ragged or not finite, or a column
   *     is constant
   * @throws ArithmeticException if training diverges
   */
  public synchronized AnomalyDetector fit(float[][] x) {
    Tables.requireRows(x, 0);
    close();
    Standardiser own = Standardiser.of("x", x);
    standardiser = own;
    if (settings.code > 0) {
      net = net().fit(own.rows(x));
    }
    threshold = Metrics.quantile(score(x), settings.quantile);
    return this;
  }

  private AutoencoderModel net() {
    return AutoencoderModel.builder()
        .code(settings.code)
        .hidden(settings.hidden)
        .activation(settings.activation)
        .epochs(settings.epochs)
        .batchSize(settings.batchSize)
        .learningRate(settings.learningRate)
        .seed(settings.seed)
        .device(settings.device)
        .listener(settings.listener)
        .checkpoint(settings.checkpoint)
        .build();
  }

  private Standardiser units() {
    Standardiser own = standardiser;
    if (own == null) {
      throw new IllegalStateException("nothing has been fitted yet");
    }
    return own;
  }

  /**
   * Saves what has been learned to a file of the safetensors format.
   *
   * @throws dev.credence.data.DataException in one sentence, if the file cannot be written; what
   *     was there stays
   * @throws IllegalStateException before the first fit and after closing
   */
  public synchronized void save(Path file) {
    Standardiser own = units();
    Saved.with(
            net == null ? Saved.of(this) : net.write(Saved.of(this, net.weights())),
            Saved.INPUTS,
            own)
        .with(Saved.THRESHOLD, threshold)
        .write(file);
  }

  /**
   * Takes over what a detector of the same settings has saved. Settings are not in the file.
   *
   * @throws dev.credence.data.DataException in one sentence, if the file is missing, damaged, or
   *     not that of such a detector; then this stays as it was
   */
  public synchronized void load(Path file) {
    Saved saved = Saved.read(file, getClass());
    Standardiser own = saved.standardiser(Saved.INPUTS);
    double limit = saved.number(Saved.THRESHOLD);
    AutoencoderModel learned = null;
    if (settings.code > 0) {
      learned = net();
      learned.load(saved);
    }
    close();
    net = learned;
    standardiser = own;
    threshold = limit;
  }

  /** How unusual rows are: the mean over columns of the squared, standardised error. */
  public synchronized float[] score(float[][] x) {
    Standardiser own = units();
    Tables.requireRows(x, own.centre().length);
    float[][] rows = own.rows(x);
    float[][] restored =
        net == null ? new float[x.length][own.centre().length] : net.reconstruct(rows);
    float[] scores = new float[x.length];
    for (int i = 0; i < scores.length; i++) {
      double sum = 0;
      for (int j = 0; j < rows[i].length; j++) {
        double error = (double) rows[i][j] - restored[i][j];
        sum += error * error;
      }
      scores[i] = (float) (sum / rows[i].length);
    }
    return scores;
  }

  /** The score that the chosen part of the rows seen stays below. */
  public double threshold() {
    return threshold;
  }

  /** Whether rows score above the threshold. */
  public boolean[] unusual(float[][] x) {
    float[] scores = score(x);
    boolean[] unusual = new boolean[scores.length];
    for (int i = 0; i < unusual.length; i++) {
      unusual[i] = scores[i] > threshold;
    }
    return unusual;
  }

  /** Gives all memory back. */
  @Override
  public synchronized void close() {
    standardiser = null;
    if (net != null) {
      net.close();
      net = null;
    }
  }
}
