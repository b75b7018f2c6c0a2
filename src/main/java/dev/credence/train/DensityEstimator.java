package dev.credence.train;

import dev.credence.dist.Bijector;
import dev.credence.dist.Chain;
import dev.credence.grad.Gradients;
import dev.credence.model.NeuralSplineFlow;
import dev.credence.model.NormalizingFlow;
import dev.credence.run.Program;
import dev.credence.run.State;
import dev.credence.tensor.Draw;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.tensor.Tree;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The density of rows of numbers, by a normalizing flow: how likely a row is, and new rows like
 * those seen.
 *
 * <pre>{@code
 * try (var density = DensityEstimator.builder().epochs(50).build().fit(x)) {
 *   float[] nats = density.logDensity(test);
 *   float[][] more = density.sample(1000);
 * }
 * }</pre>
 *
 * <p>Rows are standardised inside; densities are those of the rows as they came. With a context the
 * density is conditional on it.
 */
public final class DensityEstimator implements AutoCloseable {
  private static final Key INIT = Key.ROOT.split("init");
  private static final int BLOCK = 1024;

  /** Makes the flow to learn. */
  @FunctionalInterface
  public interface FlowMaker {
    /**
     * A flow's first weights.
     *
     * @param width numbers of a row
     * @param context numbers of the context; 0 for none
     */
    Chain make(Key key, int width, int context);
  }

  private final Builder settings;
  private final Learned<Chain> learned = new Learned<>();
  private @Nullable Standardiser standardiser;
  private int contextWidth;

  private DensityEstimator(Builder settings) {
    this.settings = settings;
  }

  /** Starts with a neural spline flow of some steps. */
  public static Builder builder() {
    return new Builder();
  }

  /** Settings of a density estimator. */
  public static final class Builder extends FitBuilder<Builder> {
    private FlowMaker flow =
        (key, width, context) -> NeuralSplineFlow.init(key, width, context, 4, 8, 4, 64, 64);
    private double learningRate = 1e-3;
    private double clip = 5;

    private Builder() {
      super(50, 256);
    }

    private Builder(Builder other) {
      super(other);
      flow = other.flow;
      learningRate = other.learningRate;
      clip = other.clip;
    }

    @Override
    Builder self() {
      return this;
    }

    /** The flow to learn. */
    public Builder flow(FlowMaker maker) {
      this.flow = maker;
      return this;
    }

    /** Adam's learning rate at the start; it falls to zero along half a cosine. */
    public Builder learningRate(double rate) {
      this.learningRate = requireRate(rate);
      return this;
    }

    /** Bound of the gradient's norm. */
    public Builder clip(double norm) {
      require(norm > 0, "a bound of a norm is positive, but " + norm + " was given");
      this.clip = norm;
      return this;
    }

    /** An estimator of these settings. */
    public DensityEstimator build() {
      return new DensityEstimator(new Builder(this));
    }
  }

  /**
   * Learns the density of rows, from scratch.
   *
   * @return this
   * @throws IllegalArgumentException in one sentence, if rows are ragged, not finite, of one number
   *     or constant in a column
   * @throws ArithmeticException if training diverges
   */
  public DensityEstimator fit(float[][] x) {
    return fit(x, new float[x.length][0]);
  }

  /** Learns the density of rows given a context, one row a row of x. */
  public synchronized DensityEstimator fit(float[][] x, float[][] context) {
    Tables.requireRows(x, 0);
    if (context.length != x.length) {
      throw new IllegalArgumentException(
          context.length + " contexts were given for " + x.length + " rows");
    }
    if (x[0].length < 2) {
      throw new IllegalArgumentException(
          "a flow couples the numbers of a row, so rows have two at least");
    }
    Standardiser own = Standardiser.of("x", x);
    standardiser = own;
    int width = x[0].length;
    contextWidth = context[0].length;
    Tensor rows = Tensor.zeros(TensorType.of(DType.FLOAT32, x.length, width));
    Tensor sides =
        contextWidth == 0
            ? null
            : Tensor.zeros(TensorType.of(DType.FLOAT32, x.length, contextWidth));
    try (State<NormalizingFlow.Batch> batch =
        State.of(settings.place(), 0, new NormalizingFlow.Batch(rows, sides))) {
      batch.write(batch.tree().x(), own.apply(x, 0, x.length, x.length));
      if (batch.tree().context() != null) {
        batch.write(batch.tree().context(), Tables.flat(context));
      }
      var how =
          new Trainer.Settings(
              settings.epochs,
              settings.batchSize,
              settings.seed,
              new Adam(),
              settings.falling(settings.learningRate, x.length),
              settings.clip);
      try (var trainer =
          new Trainer<>(
              new NormalizingFlow<>(x.length),
              settings.flow.make(INIT, width, contextWidth),
              batch,
              how)) {
        initialise(trainer.weights(), batch);
        learned.train(trainer, settings);
      }
    }
    return this;
  }

  /**
   * Saves what has been learned to a file of the safetensors format.
   *
   * @throws dev.credence.data.DataException in one sentence, if the file cannot be written; what
   *     was there stays
   * @throws IllegalStateException before the first fit and after closing
   */
  public synchronized void save(Path file) {
    Saved.with(
            Saved.with(Saved.of(this, weights()), Saved.INPUTS, units()),
            Saved.CONDITION,
            contextWidth)
        .write(file);
  }

  /**
   * Takes over what an estimator of the same settings has saved. Settings are not in the file.
   *
   * @throws dev.credence.data.DataException in one sentence, if the file is missing, damaged, or
   *     not that of such an estimator; then this stays as it was
   */
  public synchronized void load(Path file) {
    Saved saved = Saved.read(file, getClass());
    Standardiser own = saved.standardiser(Saved.INPUTS);
    int sides = saved.count(Saved.CONDITION);
    learned.load(
        saved.weights(settings.place(), settings.flow.make(INIT, own.centre().length, sides)));
    standardiser = own;
    contextWidth = sides;
  }

  /** Sets, once, the weights that want to see data first. */
  private static void initialise(State<Chain> weights, State<NormalizingFlow.Batch> batch) {
    int rows = Math.min(BLOCK, batch.tree().x().shape().dim(0));
    NormalizingFlow.Batch first = Tree.map(batch.tree(), (path, table) -> table.slice(0, 0, rows));
    Tensor context = first.context();
    Chain flow = weights.tree();
    Chain seen = (context == null ? flow : flow.given(context)).initialised(first.x());
    // The context is no weight: what it was bound to is let go again.
    List<Tensor> from = Tree.list(flow);
    List<Tensor> to = Tree.list(without(seen, flow));
    try (Program program = Program.on(weights.device(), weights, batch).updates(from, to).build()) {
      program.run();
    }
  }

  /** The leaves of a conditioned flow at the paths of the plain one. */
  private static Chain without(Chain conditioned, Chain plain) {
    var leaves = Tree.leaves(conditioned);
    return Tree.map(plain, (path, leaf) -> Objects.requireNonNull(leaves.get(path), path));
  }

  private State<Chain> weights() {
    return learned.weights();
  }

  private Standardiser units() {
    return Objects.requireNonNull(standardiser);
  }

  /** log p(x) of rows, in nats of their own units. */
  public float[] logDensity(float[][] x) {
    return logDensity(x, new float[x.length][0]);
  }

  /** log p(x | context) of rows. */
  public synchronized float[] logDensity(float[][] x, float[][] context) {
    int width = units().centre().length;
    Tables.requireRows(x, width);
    double shift = 0;
    for (double unit : units().unit()) {
      shift += Math.log(unit);
    }
    try (RowProgram program =
        new RowProgram(
            weights(),
            settings.seed,
            Math.min(BLOCK, x.length),
            new int[] {width, contextWidth},
            in -> {
              var batch = new NormalizingFlow.Batch(in[0], contextWidth == 0 ? null : in[1]);
              return NormalizingFlow.density(weights().tree(), batch).logProb(in[0]);
            })) {
      float[] nats = program.column(units().rows(x), context);
      for (int i = 0; i < nats.length; i++) {
        nats[i] -= (float) shift;
      }
      return nats;
    }
  }

  /** New rows; the first ones stay the same for any number. */
  public float[][] sample(int n) {
    return sample(new float[n][0]);
  }

  /** New rows, one a context. */
  public float[][] sample(float[][] context) {
    return through(noise(context.length), context, -1);
  }

  /** Standard normal rows, those that {@link #sample} sends through the flow. */
  public synchronized float[][] noise(int n) {
    int width = units().centre().length;
    int block = Math.min(BLOCK, n);
    var layout = dev.credence.tensor.Draw.Layout.rows(Key.ROOT.split("sample"), block, width);
    try (RowProgram program =
        new RowProgram(
            weights(),
            settings.seed,
            block,
            new int[0],
            in -> Tensor.of(new Draw.Normal(layout)))) {
      return program.apply(new float[n][0]);
    }
  }

  /** How many maps the flow is a chain of. */
  public int layers() {
    return weights().tree().parts().size();
  }

  /**
   * Noise on its way to data.
   *
   * @param noise rows as {@link #noise} gives them
   * @param layers how many maps they have gone through; -1 for all
   */
  public synchronized float[][] through(float[][] noise, float[][] context, int layers) {
    int width = units().centre().length;
    Tables.requireRows(noise, width);
    List<Bijector> parts = weights().tree().parts();
    Chain first = new Chain(parts.subList(0, layers < 0 ? parts.size() : layers));
    try (RowProgram program =
        new RowProgram(
            weights(),
            settings.seed,
            Math.min(BLOCK, noise.length),
            new int[] {width, contextWidth},
            in -> (contextWidth == 0 ? first : first.given(in[1])).forward(in[0]))) {
      float[][] rows = program.apply(noise, context);
      for (float[] row : rows) {
        for (int j = 0; j < width; j++) {
          row[j] = (float) (row[j] * units().unit()[j] + units().centre()[j]);
        }
      }
      return rows;
    }
  }

  /**
   * What the flow is worth as a bijection.
   *
   * @param roundTrip largest difference between a standardised row and what comes back of it
   * @param logDet largest difference between the claimed log-determinant and that of the Jacobian
   */
  public record Check(double roundTrip, double logDet) {}

  /**
   * Sends rows to noise and back, and compares log-determinants with the Jacobian that
   * differentiation gives.
   *
   * @param x rows of at most 8 numbers, without context
   */
  public synchronized Check check(float[][] x) {
    int width = units().centre().length;
    Tables.requireRows(x, width);
    if (width > 8 || contextWidth > 0) {
      throw new IllegalStateException("flows of up to 8 numbers without context can be checked");
    }
    int n = x.length;
    Chain flow = weights().tree();
    Tensor in = Tensor.input("x", TensorType.of(DType.FLOAT32, n, width));
    Bijector.Mapped z = flow.inverseAndLogDet(in);
    Tensor[] jacobian = new Tensor[width];
    for (int i = 0; i < width; i++) {
      // Rows do not mix, so the gradient of a sum over rows holds each row's own.
      Tensor output = z.value().slice(1, i, i + 1).sumAll();
      jacobian[i] = Gradients.of(output, List.of(in)).get(0);
    }
    try (Program program =
        Program.on(weights().device(), weights())
            .output("back", flow.forward(z.value()).sub(in).abs().max(0, 1))
            .output("jacobian", Tensor.stack(1, jacobian))
            .output("logDet", z.logDet())
            .build()) {
      program.set("x", Tables.flat(units().rows(x))).run();
      double[] matrices = program.get("jacobian").doubles();
      double[] claimed = program.get("logDet").doubles();
      double worst = 0;
      for (int row = 0; row < n; row++) {
        double[] own = Arrays.copyOfRange(matrices, row * width * width, (row + 1) * width * width);
        worst = Math.max(worst, Math.abs(claimed[row] - logDet(own, width)));
      }
      return new Check(program.scalar("back"), worst);
    }
  }

  /** log |det| of a small matrix, which is overwritten: elimination with row exchanges. */
  private static double logDet(double[] a, int d) {
    double log = 0;
    for (int k = 0; k < d; k++) {
      int pivot = k;
      for (int i = k + 1; i < d; i++) {
        pivot = Math.abs(a[i * d + k]) > Math.abs(a[pivot * d + k]) ? i : pivot;
      }
      for (int j = 0; j < d; j++) {
        double other = a[k * d + j];
        a[k * d + j] = a[pivot * d + j];
        a[pivot * d + j] = other;
      }
      log += Math.log(Math.abs(a[k * d + k]));
      for (int i = k + 1; i < d; i++) {
        double factor = a[i * d + k] / a[k * d + k];
        for (int j = k; j < d; j++) {
          a[i * d + j] -= factor * a[k * d + j];
        }
      }
    }
    return log;
  }

  /** How the last fit went; its nll is that of the standardised rows. */
  public FitSummary summary() {
    return learned.summary();
  }

  /** Gives all memory back. */
  @Override
  public synchronized void close() {
    learned.close();
  }
}
