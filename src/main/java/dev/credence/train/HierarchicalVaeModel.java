package dev.credence.train;

import dev.credence.device.Device;
import dev.credence.device.Devices;
import dev.credence.model.DynamicBinarisation;
import dev.credence.model.HierarchicalVae;
import dev.credence.model.Likelihood;
import dev.credence.model.Model;
import dev.credence.model.Vae;
import dev.credence.nn.Activation;
import dev.credence.run.State;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A variational autoencoder of several stochastic layers on plain arrays of black and white pixels:
 * a {@link HierarchicalVae} with tanh between its dense layers, as in Burda et al. 2016.
 */
public final class HierarchicalVaeModel implements AutoCloseable {
  private static final Key INIT = Key.ROOT.split("init");
  private static final Key EVALUATE = Key.ROOT.split("evaluate");
  private static final Likelihood PIXELS = new Likelihood.Bernoulli();

  /** Rows times draws that are in the works at once when likelihoods are estimated. */
  private static final int DRAWN = 1000;

  /**
   * How to learn.
   *
   * @param layers from the data up
   * @param draws of the latents for each row, k
   * @param importance whether their weights are averaged inside the logarithm
   * @param binarise whether pixels are drawn from grey ones anew in every step
   * @param epochs passes over the data
   * @param batch rows of a step
   * @param optimizer what a step does
   * @param rate the learning rate of every step
   * @param seed decides everything that is drawn
   * @param device where to compute; null for the most preferred device present
   * @param listener hears how training goes on
   * @param checkpoint where the fit keeps its state while it goes on; null for nowhere
   */
  public record Settings(
      List<HierarchicalVae.Layer> layers,
      int draws,
      boolean importance,
      boolean binarise,
      int epochs,
      int batch,
      Optimizer optimizer,
      LearningRate rate,
      long seed,
      @Nullable Device device,
      TrainingListener listener,
      @Nullable Checkpointing checkpoint) {}

  private final State<HierarchicalVae.Weights> weights;
  private final HierarchicalVae model;
  private final @Nullable FitSummary summary;
  private final long seed;
  private final int width;

  private HierarchicalVaeModel(
      State<HierarchicalVae.Weights> weights,
      HierarchicalVae model,
      @Nullable FitSummary summary,
      long seed,
      int width) {
    this.weights = weights;
    this.model = model;
    this.summary = summary;
    this.seed = seed;
    this.width = width;
  }

  /**
   * Learns from rows.
   *
   * @param x one row each, pixels from 0 to 1
   * @throws IllegalArgumentException in one sentence, if rows are ragged or not finite
   * @throws ArithmeticException if training diverges
   */
  public static HierarchicalVaeModel fit(float[][] x, Settings settings) {
    Tables.requireRows(x, 0);
    int width = x[0].length;
    var how =
        new Trainer.Settings(
            settings.epochs, settings.batch, settings.seed, settings.optimizer, settings.rate);
    HierarchicalVae vae = model(x.length, settings);
    Model<HierarchicalVae.Weights, Vae.Batch> seen =
        settings.binarise ? new DynamicBinarisation<>(vae) : vae;
    HierarchicalVae.Weights initial = initial(width, settings);
    Device device = place(settings);
    Tensor rows = Tensor.zeros(TensorType.of(DType.FLOAT32, x.length, width));
    try (State<Vae.Batch> data = State.of(device, 0, new Vae.Batch(rows))) {
      data.write(data.tree().x(), Tables.flat(x));
      try (var trainer = new Trainer<>(seen, initial, data, how)) {
        FitSummary summary = trainer.fit(settings.listener, settings.checkpoint);
        return new HierarchicalVaeModel(
            trainer.weights().snapshot(), vae, summary, settings.seed, width);
      }
    }
  }

  private static HierarchicalVae model(int rows, Settings settings) {
    return new HierarchicalVae(rows, PIXELS, settings.draws, settings.importance);
  }

  private static HierarchicalVae.Weights initial(int width, Settings settings) {
    return HierarchicalVae.init(INIT, Activation.TANH, PIXELS, width, settings.layers);
  }

  private static Device place(Settings settings) {
    return settings.device == null ? Devices.best() : settings.device;
  }

  /**
   * Saves what has been learned to a file of the safetensors format.
   *
   * @throws dev.credence.data.DataException in one sentence, if the file cannot be written; what
   *     was there stays
   */
  public synchronized void save(Path file) {
    Saved.with(Saved.of(this, weights), Saved.WIDTH, width).write(file);
  }

  /**
   * A model that a model of the same settings has saved. Settings are not in the file.
   *
   * @throws dev.credence.data.DataException in one sentence, if the file is missing, damaged, or
   *     not that of such a model
   */
  public static HierarchicalVaeModel load(Path file, Settings settings) {
    Saved saved = Saved.read(file, HierarchicalVaeModel.class);
    int width = saved.count(Saved.WIDTH);
    return new HierarchicalVaeModel(
        saved.weights(place(settings), initial(width, settings)),
        model(1, settings),
        null,
        settings.seed,
        width);
  }

  /** log p(x) of each row in nats, estimated from below by k draws, as {@link VaeModel} does. */
  public synchronized double[] logLikelihood(float[][] x, int k) {
    Tables.requireRows(x, width);
    int draws = VaeModel.divisor(k, DRAWN / 10);
    int block = Math.min(x.length, Math.max(1, DRAWN / draws));
    LogSums sums = new LogSums(x.length);
    try (RowProgram program =
        new RowProgram(
            weights,
            seed,
            block,
            new int[] {width},
            in -> model.logWeights(weights.tree(), in[0], EVALUATE, draws).logsumexp(0))) {
      for (int first = 0; first < k; first += draws) {
        program.program().firstSample(first);
        sums.add(program.column(x));
      }
    }
    return sums.plus(-Math.log(k));
  }

  /** Means of rows given latents drawn from the top. */
  public synchronized float[][] sample(int n) {
    try (RowProgram program =
        new RowProgram(
            weights,
            seed,
            n,
            new int[0],
            in -> model.sample(weights.tree(), Key.ROOT.split("sample"), n))) {
      return program.apply(new float[n][0]);
    }
  }

  /**
   * How the fit went; its nll is minus the bound, summed over all rows, in nats.
   *
   * @throws IllegalStateException if this was loaded
   */
  public FitSummary summary() {
    if (summary == null) {
      throw new IllegalStateException("this model was loaded, not fitted");
    }
    return summary;
  }

  /** Gives all memory back. */
  @Override
  public void close() {
    weights.close();
  }
}
