package dev.credence.train;

import dev.credence.model.Autoencoder;
import dev.credence.model.ConvolutionalNets;
import dev.credence.model.Vae;
import dev.credence.nn.Activation;
import dev.credence.nn.ImageFormat;
import dev.credence.run.Checkpoint;
import dev.credence.run.State;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.tensor.Tree;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.nio.file.Path;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An autoencoder on plain arrays: a dense {@link Autoencoder}, denoising if rows are corrupted
 * while it learns.
 *
 * <pre>{@code
 * try (var net = AutoencoderModel.builder().code(2).hidden(256, 64).build().fit(images)) {
 *   float[][] plane = net.encode(images);
 * }
 * }</pre>
 *
 * <p>Rows are taken as they are. The same seed, data and settings give the same weights.
 */
public final class AutoencoderModel implements AutoCloseable {
  private static final Key INIT = Key.ROOT.split("init");
  private static final int BLOCK = 500;

  private final Builder settings;
  private final Learned<Autoencoder.Weights> learned = new Learned<>();
  private int width;

  private AutoencoderModel(Builder settings) {
    this.settings = settings;
  }

  /** Starts with a linear autoencoder of two numbers. */
  public static Builder builder() {
    return new Builder();
  }

  /** Settings of an autoencoder. */
  public static final class Builder extends FitBuilder<Builder> {
    private int code = 2;
    private int[] hidden = {};
    private Activation activation = Activation.RELU;
    private Autoencoder.Loss loss = Autoencoder.Loss.SQUARED;
    private Autoencoder.Corruption corruption = new Autoencoder.Corruption.None();
    private @Nullable ImageFormat images;
    private double learningRate = 1e-3;

    private Builder() {
      super(20, 128);
    }

    private Builder(Builder other) {
      super(other);
      code = other.code;
      hidden = other.hidden;
      activation = other.activation;
      loss = other.loss;
      corruption = other.corruption;
      images = other.images;
      learningRate = other.learningRate;
    }

    @Override
    Builder self() {
      return this;
    }

    /** Numbers of a code. */
    public Builder code(int numbers) {
      require(numbers > 0, "a code has numbers, but " + numbers + " was given");
      this.code = numbers;
      return this;
    }

    /** Widths of the encoder's hidden layers, mirrored by the decoder; none makes it linear. */
    public Builder hidden(int... widths) {
      this.hidden = requireWidths(widths);
      return this;
    }

    /**
     * Convolutions instead of dense layers, for rows that are images; {@link #hidden} then counts
     * the channels of each.
     */
    public Builder images(ImageFormat format) {
      this.images = format;
      return this;
    }

    /** What stands between layers. */
    public Builder activation(Activation a) {
      this.activation = a;
      return this;
    }

    /** What a reconstruction costs. */
    public Builder loss(Autoencoder.Loss l) {
      this.loss = l;
      return this;
    }

    /** What is done to rows before the encoder sees them, anew in every step. */
    public Builder corruption(Autoencoder.Corruption c) {
      this.corruption = c;
      return this;
    }

    /** Adam's learning rate at the start; it falls to zero along half a cosine. */
    public Builder learningRate(double rate) {
      this.learningRate = requireRate(rate);
      return this;
    }

    /** An autoencoder of these settings, which later changes here do not touch. */
    public AutoencoderModel build() {
      return new AutoencoderModel(new Builder(this));
    }
  }

  /**
   * Learns from rows, from scratch.
   *
   * @param x one row each, all of one width
   * @return this
   * @throws IllegalArgumentException in one sentence, if rows are ragged or not finite
   * @throws ArithmeticException if training diverges
   */
  public synchronized AutoencoderModel fit(float[][] x) {
    Tables.requireRows(x, 0);
    width = x[0].length;
    Tensor rows = Tensor.zeros(TensorType.of(DType.FLOAT32, x.length, width));
    var how = settings.training(settings.falling(settings.learningRate, x.length));
    try (State<Vae.Batch> data = State.of(settings.place(), 0, new Vae.Batch(rows))) {
      data.write(data.tree().x(), Tables.flat(x));
      try (var trainer = new Trainer<>(model(x.length), initial(width), data, how)) {
        learned.train(trainer, settings);
      }
    }
    return this;
  }

  private Autoencoder.Weights initial(int numbers) {
    ImageFormat format = settings.images;
    return format != null
        ? ConvolutionalNets.autoencoder(INIT, format, settings.code, settings.hidden)
        : Autoencoder.init(INIT, settings.activation, numbers, settings.code, settings.hidden);
  }

  /**
   * Saves what has been learned to a file of the safetensors format.
   *
   * @throws dev.credence.data.DataException in one sentence, if the file cannot be written; what
   *     was there stays
   * @throws IllegalStateException before the first fit and after closing
   */
  public synchronized void save(Path file) {
    write(Saved.of(this, weights())).write(file);
  }

  /** Adds what it takes to load it. */
  Checkpoint.Writer write(Checkpoint.Writer writer) {
    return Saved.with(writer, Saved.WIDTH, width);
  }

  /**
   * Takes over what an autoencoder of the same settings has saved. Settings are not in the file.
   *
   * @throws dev.credence.data.DataException in one sentence, if the file is missing, damaged, or
   *     not that of such an autoencoder; then this stays as it was
   */
  public synchronized void load(Path file) {
    load(Saved.read(file, getClass()));
  }

  void load(Saved saved) {
    int numbers = saved.count(Saved.WIDTH);
    learned.load(saved.weights(settings.place(), initial(numbers)));
    width = numbers;
  }

  private Autoencoder model(int rows) {
    return new Autoencoder(rows, settings.loss, settings.corruption);
  }

  State<Autoencoder.Weights> weights() {
    return learned.weights();
  }

  private float[][] map(float[][] table, int wide, Function<Tensor, Tensor> body) {
    Tables.requireRows(table, wide);
    try (RowProgram program =
        new RowProgram(
            weights(),
            settings.seed,
            Math.min(BLOCK, table.length),
            new int[] {wide},
            in -> body.apply(in[0]))) {
      return program.apply(table);
    }
  }

  /** The codes of rows. */
  public synchronized float[][] encode(float[][] x) {
    return map(x, width, in -> weights().tree().encoder().apply(in));
  }

  /** The rows of codes. */
  public synchronized float[][] decode(float[][] codes) {
    return map(codes, settings.code, in -> model(1).decode(weights().tree(), in));
  }

  /** What the net makes of rows. */
  public synchronized float[][] reconstruct(float[][] x) {
    return map(x, width, in -> model(1).reconstruct(weights().tree(), in));
  }

  /** Rows corrupted as in training, each by noise of its own. */
  public synchronized float[][] corrupt(float[][] x) {
    return map(x, width, in -> settings.corruption.apply(in, Key.ROOT.split("corrupt")));
  }

  /** The decoder's first layer, (out, in) row-major: for a linear net, what its plane is. */
  public synchronized float[] decoderWeights() {
    Tensor weight = Tree.leaves(weights().tree().decoder()).values().iterator().next();
    return weights().read(weight).floats();
  }

  /**
   * How the last fit went; nll is the summed loss of all rows.
   *
   * @throws IllegalStateException before the first fit
   */
  public FitSummary summary() {
    return learned.summary();
  }

  /** Gives all memory back. */
  @Override
  public synchronized void close() {
    learned.close();
  }
}
