package dev.credence.train;

import dev.credence.dist.Chain;
import dev.credence.model.ConditionalVae;
import dev.credence.model.ConvolutionalNets;
import dev.credence.model.DynamicBinarisation;
import dev.credence.model.Likelihood;
import dev.credence.model.Model;
import dev.credence.model.Vae;
import dev.credence.nn.Activation;
import dev.credence.nn.ImageFormat;
import dev.credence.run.Program;
import dev.credence.run.State;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.nio.file.Path;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A variational autoencoder on plain arrays: a dense {@link Vae}, conditional if rows come with
 * conditions.
 *
 * <pre>{@code
 * try (var vae = VaeModel.builder().latent(20).hidden(400).epochs(10).build().fit(images)) {
 *   float[][] codes = vae.encode(images);
 *   float[][] digits = vae.sample(64);
 *   double[] logP = vae.logLikelihood(test, 5000);
 * }
 * }</pre>
 *
 * <p>Rows are taken as they are: pixels in [0, 1] under a Bernoulli likelihood, standardised
 * numbers under a Gaussian one. The same seed, data and settings give the same weights, bit for
 * bit. All methods but {@link #fit} may be called by several threads, one at a time.
 */
public final class VaeModel implements AutoCloseable {
  private static final Key INIT = Key.ROOT.split("init");
  private static final Key EVALUATE = Key.ROOT.split("evaluate");
  private static final Key SAMPLE = Key.ROOT.split("sample");
  private static final int BLOCK = 500;

  /** Rows times draws that are in the works at once when likelihoods are estimated. */
  private static final int DRAWN = 1000;

  /** Makes a flow of codes. */
  @FunctionalInterface
  public interface Flow {
    /**
     * A flow's first weights.
     *
     * @param latent numbers of a code
     */
    Chain make(Key key, int latent);
  }

  private final Builder settings;
  private final Learned<Vae.Weights> learned = new Learned<>();
  private int width;
  private int conditionWidth;

  private VaeModel(Builder settings) {
    this.settings = settings;
  }

  /** Starts with settings that suit grey images of digits. */
  public static Builder builder() {
    return new Builder();
  }

  /** Settings of a variational autoencoder. */
  public static final class Builder extends FitBuilder<Builder> {
    private int latent = 20;
    private int[] hidden = {400};
    private Activation activation = Activation.RELU;
    private Likelihood likelihood = new Likelihood.Bernoulli();
    private Vae.Bound bound = Vae.Bound.ELBO;
    private @Nullable ImageFormat images;
    private Flow posterior = (key, latent) -> Chain.of();
    private Flow prior = (key, latent) -> Chain.of();
    private boolean binarise;
    private LearningRate rate = LearningRate.constant(1e-3);
    private Optimizer optimizer = new Adam();

    private Builder() {
      super(10, 128);
    }

    private Builder(Builder other) {
      super(other);
      latent = other.latent;
      hidden = other.hidden;
      activation = other.activation;
      likelihood = other.likelihood;
      bound = other.bound;
      images = other.images;
      posterior = other.posterior;
      prior = other.prior;
      binarise = other.binarise;
      rate = other.rate;
      optimizer = other.optimizer;
    }

    @Override
    Builder self() {
      return this;
    }

    /** Numbers of a code, L. */
    public Builder latent(int numbers) {
      require(numbers > 0, "a code has numbers, but " + numbers + " was given");
      this.latent = numbers;
      return this;
    }

    /** Widths of the encoder's hidden layers; the decoder mirrors them. */
    public Builder hidden(int... widths) {
      this.hidden = requireWidths(widths);
      return this;
    }

    /**
     * Convolutions instead of dense layers, for rows that are images and come without conditions;
     * {@link #hidden} then counts the channels of each.
     */
    public Builder images(ImageFormat format) {
      this.images = format;
      return this;
    }

    /** A flow behind the encoder's normal (Rezende and Mohamed 2015). */
    public Builder posterior(Flow flow) {
      this.posterior = flow;
      return this;
    }

    /** A flow that makes up the prior of the codes, from standard normal noise. */
    public Builder prior(Flow flow) {
      this.prior = flow;
      return this;
    }

    /** What stands between layers. */
    public Builder activation(Activation a) {
      this.activation = a;
      return this;
    }

    /** What rows are, given a code. */
    public Builder likelihood(Likelihood p) {
      this.likelihood = p;
      return this;
    }

    /** What training raises. */
    public Builder bound(Vae.Bound b) {
      this.bound = b;
      return this;
    }

    /** Whether training draws black and white pixels from grey ones anew in every step. */
    public Builder binarise(boolean anew) {
      this.binarise = anew;
      return this;
    }

    /** The learning rate of every step. */
    public Builder learningRate(LearningRate r) {
      this.rate = r;
      return this;
    }

    /** What a step does; Adam unless said otherwise. */
    public Builder optimizer(Optimizer o) {
      this.optimizer = o;
      return this;
    }

    /** A model of these settings, which later changes here do not touch. */
    public VaeModel build() {
      return new VaeModel(new Builder(this));
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
  public VaeModel fit(float[][] x) {
    return fit(x, new float[x.length][0]);
  }

  /**
   * Learns from rows and their conditions, from scratch.
   *
   * @param condition one row a row of x: any numbers, or labels as ones among zeros
   */
  public synchronized VaeModel fit(float[][] x, float[][] condition) {
    Tables.requireRows(x, 0);
    if (condition.length != x.length) {
      throw new IllegalArgumentException(
          condition.length + " conditions were given for " + x.length + " rows");
    }
    width = x[0].length;
    conditionWidth = condition[0].length;
    Vae vae = new Vae(x.length, settings.likelihood, settings.bound);
    Tensor rows = Tensor.zeros(TensorType.of(DType.FLOAT32, x.length, width));
    if (conditionWidth == 0) {
      Model<Vae.Weights, Vae.Batch> model =
          settings.binarise ? new DynamicBinarisation<>(vae) : vae;
      try (var batch = State.of(settings.place(), 0, new Vae.Batch(rows))) {
        batch.write(batch.tree().x(), Tables.flat(x));
        train(model, batch);
      }
    } else {
      Tensor sides = Tensor.zeros(TensorType.of(DType.FLOAT32, x.length, conditionWidth));
      try (var batch = State.of(settings.place(), 0, new ConditionalVae.Batch(rows, sides))) {
        batch.write(batch.tree().x(), Tables.flat(x));
        batch.write(batch.tree().condition(), Tables.flat(condition));
        train(new ConditionalVae(vae), batch);
      }
    }
    return this;
  }

  private <B> void train(Model<Vae.Weights, B> model, State<B> batch) {
    var how =
        new Trainer.Settings(
            settings.epochs, settings.batchSize, settings.seed, settings.optimizer, settings.rate);
    try (var trainer = new Trainer<>(model, initial(width, conditionWidth), batch, how)) {
      learned.train(trainer, settings);
    }
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
            Saved.with(Saved.of(this, weights()), Saved.WIDTH, width),
            Saved.CONDITION,
            conditionWidth)
        .write(file);
  }

  /**
   * Takes over what a model of the same settings has saved. Settings are not in the file.
   *
   * @throws dev.credence.data.DataException in one sentence, if the file is missing, damaged, or
   *     not that of such a model; then this stays as it was
   */
  public synchronized void load(Path file) {
    Saved saved = Saved.read(file, getClass());
    int numbers = saved.count(Saved.WIDTH);
    int sides = saved.count(Saved.CONDITION);
    learned.load(saved.weights(settings.place(), initial(numbers, sides)));
    width = numbers;
    conditionWidth = sides;
  }

  private Vae.Weights initial(int numbers, int sides) {
    ImageFormat format = settings.images;
    Vae.Weights nets =
        format != null
            ? ConvolutionalNets.vae(INIT, format, settings.latent, settings.hidden)
            : Vae.init(
                INIT,
                settings.activation,
                settings.likelihood,
                numbers,
                sides,
                settings.latent,
                settings.hidden);
    return new Vae.Weights(
        nets.encoder(),
        nets.decoder(),
        settings.posterior.make(INIT.split("posterior"), settings.latent),
        settings.prior.make(INIT.split("prior"), settings.latent));
  }

  private State<Vae.Weights> weights() {
    return learned.weights();
  }

  private Vae vae() {
    return new Vae(1, settings.likelihood, settings.bound);
  }

  private RowProgram rows(int block, int[] widths, Function<Tensor[], Tensor> body) {
    return new RowProgram(weights(), settings.seed, block, widths, body);
  }

  private @Nullable Tensor condition(Tensor[] tables) {
    return conditionWidth == 0 ? null : tables[1];
  }

  private float[][] map(float[][] table, float[][] condition, Function<Tensor[], Tensor> body) {
    int block = Math.min(BLOCK, table.length);
    try (RowProgram program = rows(block, new int[] {table[0].length, conditionWidth}, body)) {
      return program.apply(table, condition);
    }
  }

  private static float[][] none(int rows) {
    return new float[rows][0];
  }

  /** Means of the codes of rows. */
  public float[][] encode(float[][] x) {
    return encode(x, none(x.length));
  }

  /** Means of the codes of rows under conditions. */
  public synchronized float[][] encode(float[][] x, float[][] condition) {
    Tables.requireRows(x, width);
    return map(x, condition, in -> Vae.encode(weights().tree(), in[0], condition(in)).loc());
  }

  /** Standard deviations of the codes of rows. */
  public synchronized float[][] encodeScale(float[][] x) {
    Tables.requireRows(x, width);
    return map(x, none(x.length), in -> Vae.encode(weights().tree(), in[0], condition(in)).scale());
  }

  /** Means of rows given codes. */
  public float[][] decode(float[][] z) {
    return decode(z, none(z.length));
  }

  /** Means of rows given codes and conditions. */
  public synchronized float[][] decode(float[][] z, float[][] condition) {
    Tables.requireRows(z, settings.latent);
    return map(
        z,
        condition,
        in -> settings.likelihood.mean(Vae.decode(weights().tree(), in[0], condition(in))));
  }

  /** Rows drawn given codes, the likelihood's noise included. */
  public synchronized float[][] decodeDraw(float[][] z) {
    Tables.requireRows(z, settings.latent);
    // One block, so that no two rows share noise.
    try (RowProgram program =
        rows(
            z.length,
            new int[] {settings.latent, conditionWidth},
            in ->
                settings.likelihood.sample(
                    Vae.decode(weights().tree(), in[0], condition(in)), SAMPLE.split("x")))) {
      return program.apply(z, none(z.length));
    }
  }

  /** What the model makes of rows: decoded means of their codes. */
  public float[][] reconstruct(float[][] x) {
    return reconstruct(x, none(x.length));
  }

  /** What the model makes of rows under conditions. */
  public synchronized float[][] reconstruct(float[][] x, float[][] condition) {
    Tables.requireRows(x, width);
    return map(x, condition, in -> vae().reconstruct(weights().tree(), in[0], condition(in)));
  }

  /** Codes drawn from the prior; the first ones stay the same for any number. */
  public synchronized float[][] drawCodes(int n) {
    int block = Math.min(BLOCK, n);
    try (RowProgram program =
        rows(
            block,
            new int[0],
            in -> Vae.prior(weights().tree(), SAMPLE.split("z"), block, settings.latent))) {
      return program.apply(none(n));
    }
  }

  /** Means of rows given codes drawn from the prior. */
  public float[][] sample(int n) {
    return decode(drawCodes(n));
  }

  /** Means of rows given codes drawn from the prior, and these conditions. */
  public float[][] sample(float[][] condition) {
    return decode(drawCodes(condition.length), condition);
  }

  /** Means of rows along the straight line between the codes of two rows, both ends included. */
  public float[][] interpolate(float[] from, float[] to, int n) {
    float[][] ends = encode(new float[][] {from, to});
    float[][] codes = new float[n][settings.latent];
    for (int i = 0; i < n; i++) {
      float part = n == 1 ? 0 : (float) i / (n - 1);
      for (int j = 0; j < settings.latent; j++) {
        codes[i][j] = ends[0][j] + part * (ends[1][j] - ends[0][j]);
      }
    }
    return decode(codes);
  }

  /** The evidence lower bound of each row in nats, estimated from one draw. */
  public float[] elbo(float[][] x) {
    return elbo(x, none(x.length));
  }

  /** The evidence lower bound of each row under its condition. */
  public synchronized float[] elbo(float[][] x, float[][] condition) {
    Tables.requireRows(x, width);
    float[][] bounds =
        map(
            x,
            condition,
            in ->
                vae()
                    .draw(weights().tree(), in[0], condition(in), EVALUATE, 1)
                    .logWeights()
                    .mean(0));
    float[] column = new float[bounds.length];
    for (int i = 0; i < column.length; i++) {
      column[i] = bounds[i][0];
    }
    return column;
  }

  /**
   * log p(x) of each row in nats, estimated from below by the importance-weighted bound of k draws
   * (Burda, Grosse and Salakhutdinov 2016, equation 8). The sum over draws is kept in double.
   *
   * @param k draws a row
   */
  public double[] logLikelihood(float[][] x, int k) {
    return logLikelihood(x, none(x.length), k);
  }

  /** log p(x | c) of each row under its condition. */
  public synchronized double[] logLikelihood(float[][] x, float[][] condition, int k) {
    Tables.requireRows(x, width);
    int draws = divisor(k, DRAWN / 10);
    int block = Math.min(x.length, Math.max(1, DRAWN / draws));
    LogSums sums = new LogSums(x.length);
    try (RowProgram program =
        rows(
            block,
            new int[] {width, conditionWidth},
            in ->
                vae()
                    .draw(weights().tree(), in[0], condition(in), EVALUATE, draws)
                    .logWeights()
                    .logsumexp(0))) {
      for (int first = 0; first < k; first += draws) {
        program.program().firstSample(first);
        sums.add(program.column(x, condition));
      }
    }
    return sums.plus(-Math.log(k));
  }

  /** The largest divisor of k up to a limit. */
  static int divisor(int k, int most) {
    if (k < 1) {
      throw new IllegalArgumentException("a likelihood is estimated from draws, not from " + k);
    }
    int d = Math.min(k, most);
    while (k % d != 0) {
      d--;
    }
    return d;
  }

  /**
   * log p(x) of black and white rows in nats by quadrature over a code of two numbers: the midpoint
   * rule on [-reach, reach]^2.
   *
   * @param step of the grid, at most a third of the smallest posterior standard deviation
   */
  public synchronized double[] logLikelihoodByQuadrature(float[][] x, double reach, double step) {
    Tables.requireRows(x, width);
    if (settings.latent != 2 || !(settings.likelihood instanceof Likelihood.Bernoulli)) {
      throw new IllegalStateException(
          "quadrature is for codes of two numbers and black and white rows");
    }
    int side = (int) Math.ceil(2 * reach / step);
    double cell = 2 * reach / side;
    int n = x.length;
    LogSums sums = new LogSums(n);
    int block = 4096;
    Tensor z = Tensor.input("z", TensorType.of(DType.FLOAT32, block, 2));
    Tensor target = Tensor.input("x", TensorType.of(DType.FLOAT32, n, width));
    Tensor logits = Vae.decode(weights().tree(), z, null);
    // log p(x | z) = sum x l - softplus(l), for all rows and points as one product.
    Tensor logP = target.matmul(logits.transpose()).sub(logits.softplus().sum(1));
    Tensor prior = z.square().sum(1).mul(-0.5).sub(Math.log(2 * Math.PI));
    try (var program =
        Program.on(weights().device(), weights())
            .output("logP", logP.add(prior).logsumexp(1))
            .build()) {
      program.set("x", Tables.flat(x));
      float[] points = new float[2 * block];
      long total = (long) side * side;
      for (long from = 0; from < total; from += block) {
        for (int i = 0; i < block; i++) {
          // Points beyond the last lie so far out that they count for nothing.
          boolean there = from + i < total;
          points[2 * i] = there ? (float) (-reach + ((from + i) / side + 0.5) * cell) : 1e3f;
          points[2 * i + 1] = there ? (float) (-reach + ((from + i) % side + 0.5) * cell) : 0;
        }
        program.set("z", points).run();
        sums.add(program.get("logP").floats());
      }
    }
    return sums.plus(2 * Math.log(cell));
  }

  /**
   * How the last fit went; its nll and kl are sums over all rows, in nats.
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
