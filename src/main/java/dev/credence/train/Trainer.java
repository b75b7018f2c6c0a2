package dev.credence.train;

import dev.credence.bayes.Elbo;
import dev.credence.bayes.KlWeight;
import dev.credence.bayes.MeanField;
import dev.credence.bayes.Prior;
import dev.credence.device.Device;
import dev.credence.grad.Gradients;
import dev.credence.model.Model;
import dev.credence.run.Checkpoint;
import dev.credence.run.Program;
import dev.credence.run.State;
import dev.credence.tensor.Key;
import dev.credence.tensor.Source;
import dev.credence.tensor.Tensor;
import dev.credence.tensor.Tree;
import dev.credence.type.DType;
import dev.credence.type.Shape;
import dev.credence.type.TensorType;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The training loop. The data set lies on the device; every epoch gets a new order of its rows,
 * made on the host and written once, and every step is one run of one program: gather the batch,
 * draw, bound, gradient, optimizer. Nothing is read until an epoch ends, since losses add up on the
 * device. A last batch that is short has a program of its own shape over the same states.
 *
 * <p>The weights may be read or copied by the listener, which is called between steps.
 *
 * @param <W> the tree of weights
 * @param <B> the tree of the data set and its batches
 */
public final class Trainer<W, B> implements AutoCloseable {
  private static final String POSITION = "position";
  private static final String RATE = "learning rate";
  private static final String KL_WEIGHT = "kl weight";
  private static final Key DRAWS = Key.ROOT.split("train");
  private static final TensorType NUMBER = new TensorType(DType.FLOAT32, Shape.SCALAR);

  /**
   * How to train.
   *
   * @param epochs passes over the data
   * @param batch rows of a step; more than there are means all
   * @param seed decides the order of the rows and all draws
   * @param optimizer what a step does
   * @param rate of every step
   * @param clip bound of the gradient's norm over all weights; infinity for none
   * @param klWeight how much of the divergence each batch carries
   * @param factor what the rate of each array of weights is multiplied by
   */
  public record Settings(
      int epochs,
      int batch,
      long seed,
      Optimizer optimizer,
      LearningRate rate,
      double clip,
      KlWeight klWeight,
      RateFactor factor) {
    /** Refuses counts below 1. */
    public Settings {
      if (epochs < 1 || batch < 1) {
        throw new IllegalArgumentException(
            "training needs epochs and rows in a batch, but "
                + epochs
                + " and "
                + batch
                + " were given");
      }
    }

    /** Without a bound on the gradient, each batch with an equal part of the divergence. */
    public Settings(int epochs, int batch, long seed, Optimizer optimizer, LearningRate rate) {
      this(epochs, batch, seed, optimizer, rate, Double.POSITIVE_INFINITY);
    }

    /** Each batch with an equal part of the divergence. */
    public Settings(
        int epochs, int batch, long seed, Optimizer optimizer, LearningRate rate, double clip) {
      this(epochs, batch, seed, optimizer, rate, clip, KlWeight.UNIFORM, RateFactor.ONE);
    }

    /** The same, but for how much of the divergence each batch carries. */
    public Settings with(KlWeight weight) {
      return new Settings(epochs, batch, seed, optimizer, rate, clip, weight, factor);
    }

    /** The same, but for what the rate of each array of weights is multiplied by. */
    public Settings with(RateFactor other) {
      return new Settings(epochs, batch, seed, optimizer, rate, clip, klWeight, other);
    }
  }

  /** What the loop itself keeps on the device. */
  private record Books<W>(Optimizer.Moments<W> moments, Tensor order, Tensor nll, Tensor kl) {}

  private final Model<W, B> model;
  private final Settings settings;
  private final State<B> data;
  private final State<W> weights;
  private final State<Books<W>> books;
  private final @Nullable State<?> prior;
  private final int rows;
  private final int batch;
  private final Shuffle shuffle;
  private @Nullable Program whole;
  private @Nullable Program rest;

  /** Epochs and steps behind the weights, while a fit goes on or once it is resumed. */
  private int epochs;

  private long steps;

  /** Of a step in each of these epochs, in microseconds. */
  private double[] micros;

  /** That other runs of the fit took, and since when this one goes on. */
  private double earlier;

  private long start;

  /**
   * Prepares training on the device where the data lies.
   *
   * @param model the bound to raise
   * @param initial the weights to start with, expressions without inputs, computed with the
   *     settings' seed
   * @param data arrays with one row of the data set in each place of their first axis; stays the
   *     caller's
   * @throws IllegalArgumentException if the arrays of the data set differ in their number of rows
   */
  public Trainer(Model<W, B> model, W initial, State<B> data, Settings settings) {
    this(model, State.of(data.device(), settings.seed(), initial), null, data, settings);
  }

  /**
   * Prepares to learn further data: what is known of the weights becomes their prior, and training
   * starts from it (Nguyen et al. 2018, "Variational Continual Learning", equation 2). Any Bayesian
   * model will do.
   *
   * @param known normals over the weights, such as another trainer's; copied, so that it may be
   *     trained further or closed
   * @param model what is learned, given the prior
   * @param data the further data alone; stays the caller's
   */
  public static <N, B> Trainer<MeanField<N>, B> after(
      State<MeanField<N>> known,
      Function<Prior, Model<MeanField<N>, B>> model,
      State<B> data,
      Settings settings) {
    State<MeanField<N>> prior = known.duplicate();
    State<MeanField<N>> weights = known.snapshot();
    try {
      return new Trainer<>(model.apply(Prior.of(prior.tree())), weights, prior, data, settings);
    } catch (RuntimeException e) {
      weights.close();
      prior.close();
      throw e;
    }
  }

  /**
   * Prepares to go on from the weights that other data left. Nothing but the steps' number keeps
   * them there, so that what they knew is forgotten as far as the data differ; see {@link #after}.
   *
   * @param known copied, so that it may be trained further or closed
   * @param model what is learned
   * @param data what to learn from; stays the caller's
   */
  public static <W, B> Trainer<W, B> from(
      State<W> known, Model<W, B> model, State<B> data, Settings settings) {
    return new Trainer<>(model, known.snapshot(), null, data, settings);
  }

  /** Takes over weights and prior. */
  private Trainer(
      Model<W, B> model,
      State<W> weights,
      @Nullable State<?> prior,
      State<B> data,
      Settings settings) {
    this.model = model;
    this.settings = settings;
    this.data = data;
    this.weights = weights;
    this.prior = prior;
    this.micros = new double[settings.epochs()];
    try {
      this.rows = rows(data.tree());
      this.batch = Math.min(settings.batch(), rows);
      this.shuffle = new Shuffle(settings.seed(), rows);
      Device device = data.device();
      Books<W> first =
          new Books<>(
              settings.optimizer().init(weights.tree()),
              Tensor.zeros(TensorType.of(DType.INT32, rows)),
              Tensor.zeros(NUMBER),
              Tensor.zeros(NUMBER));
      this.books = State.of(device, settings.seed(), first);
    } catch (RuntimeException e) {
      weights.close();
      if (prior != null) {
        prior.close();
      }
      throw e;
    }
    try {
      this.whole = program(batch);
      this.rest = rows % batch == 0 ? null : program(rows % batch);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private static int rows(Object data) {
    List<Integer> rows =
        Tree.list(data).stream().map(array -> array.shape().dim(0)).distinct().toList();
    if (rows.size() != 1 || rows.get(0) == 0) {
      throw new IllegalArgumentException(
          "the arrays of a data set have equally many rows, at least one, but these have " + rows);
    }
    return rows.get(0);
  }

  private Program program(int size) {
    return step(size).build().seed(settings.seed());
  }

  private Program.Builder step(int size) {
    W w = weights.tree();
    Books<W> b = books.tree();
    Tensor position = Tensor.integer(POSITION).add(Tensor.iota(Shape.of(size), 0));
    Tensor index = b.order().take(position, 0);
    B taken = Tree.map(data.tree(), (path, array) -> array.take(index, 0));

    Elbo elbo = model.elbo(w, taken, DRAWS);
    boolean equal = settings.klWeight() == KlWeight.UNIFORM;
    Tensor loss = equal ? elbo.loss() : elbo.loss(Tensor.number(KL_WEIGHT));
    W gradients = Gradients.of(loss, w);
    if (settings.clip() < Double.POSITIVE_INFINITY) {
      gradients = Clip.byGlobalNorm(gradients, settings.clip());
    }
    Tensor count = Tensor.integer(Source.Number.STEP).add(1);
    Optimizer.Step<W> next =
        settings
            .optimizer()
            .step(w, gradients, b.moments(), Tensor.number(RATE), settings.factor(), count);

    double share = (double) size / rows;
    State<?>[] states =
        prior == null
            ? new State<?>[] {data, weights, books}
            : new State<?>[] {data, weights, books, prior};
    return Program.on(data.device(), states)
        .updates(w, following(w, model.moved(w, taken, DRAWS), next.parameters()))
        .updates(b.moments(), next.moments())
        .update(b.nll(), b.nll().add(elbo.nll().cast(DType.FLOAT32).mul(share)))
        .update(b.kl(), b.kl().add(elbo.kl().cast(DType.FLOAT32).mul(share)));
  }

  /** What the model moves by itself, and what the optimizer makes of all other weights. */
  private static <W> W following(W weights, W moved, W optimized) {
    List<Tensor> before = Tree.list(weights);
    List<Tensor> own = Tree.list(moved);
    List<Tensor> others = Tree.list(optimized);
    return Tree.with(
        weights,
        IntStream.range(0, before.size())
            .mapToObj(i -> own.get(i) == before.get(i) ? others.get(i) : own.get(i))
            .toList());
  }

  /**
   * Trains. A second call starts the count of steps and epochs again from the weights and moments
   * that the first one left; after {@link #resume} it goes on where the checkpoint was written.
   *
   * @param listener hears of every epoch's end, and may stop training there
   * @throws ArithmeticException if the loss of an epoch is not finite
   */
  public FitSummary fit(TrainingListener listener) {
    start = System.nanoTime();
    TrainingListener.Progress progress;
    try {
      do {
        long begin = System.nanoTime();
        long before = steps;
        // A fit that is resumed at its end only tells of it.
        if (epochs < settings.epochs()) {
          steps = epoch(epochs, steps);
        }
        double nll = books.read(books.tree().nll()).floats()[0];
        double kl = books.read(books.tree().kl()).floats()[0];
        if (steps > before) {
          micros[epochs++] = (System.nanoTime() - begin) * 1e-3 / (steps - before);
        }
        double loss = (nll + kl) / rows;
        if (!Double.isFinite(loss)) {
          throw new ArithmeticException(
              "training diverged: the loss of epoch "
                  + epochs
                  + " is "
                  + loss
                  + "; a lower learning rate may help");
        }
        progress = new TrainingListener.Progress(epochs, settings.epochs(), steps, loss, nll, kl);
      } while (listener.onEpoch(progress) && epochs < settings.epochs());
      double[] sorted = Arrays.copyOf(micros, epochs);
      Arrays.sort(sorted);
      return new FitSummary(
          epochs, steps, seconds(), sorted[epochs / 2], progress.nll(), progress.kl());
    } finally {
      epochs = 0;
      steps = 0;
      earlier = 0;
    }
  }

  /**
   * Trains as {@link #fit(TrainingListener)} does, and keeps the state in a file while it goes on.
   *
   * @param kept where, and how often; null for nowhere
   * @throws IllegalArgumentException in one sentence, if the file that is there is of another
   *     training
   * @throws dev.credence.data.DataException in one sentence, if the file cannot be read or written
   */
  public FitSummary fit(TrainingListener listener, @Nullable Checkpointing kept) {
    return kept == null ? fit(listener) : kept.fit(this, listener);
  }

  private double seconds() {
    return earlier + (System.nanoTime() - start) * 1e-9;
  }

  /**
   * Writes down where training stands: weights, moments, a prior that other data left, and how many
   * epochs and steps of the fit lie behind. It is meant for the listener of {@link #fit}, which is
   * called where an epoch has ended; outside of a fit none lies behind.
   *
   * @throws dev.credence.data.DataException in one sentence, if the file cannot be written; what
   *     was there stays
   */
  public void save(Path file) {
    checkpoint().write(file);
  }

  /** Begins what {@link #save} writes. */
  Checkpoint.Writer checkpoint() {
    return Checkpoint.of(states())
        .with("seed", Long.toString(settings.seed()))
        .with("rows", Integer.toString(rows))
        .with("batch", Integer.toString(batch))
        .with("epochs", Integer.toString(epochs))
        .with("steps", Long.toString(steps))
        .with("seconds", epochs > 0 ? seconds() : 0)
        .with("micros", Arrays.copyOf(micros, epochs));
  }

  /**
   * What decides the bits that a fit leads to from here, by its names: trainings of which all of it
   * is the same go the same way.
   */
  Map<String, String> identity() {
    CRC32C rates = new CRC32C();
    ByteBuffer numbers = ByteBuffer.allocate(2 * Double.BYTES);
    int batches = Math.ceilDiv(rows, batch);
    for (int epoch = 0; epoch < settings.epochs(); epoch++) {
      for (int i = 0; i < batches; i++) {
        numbers.clear();
        numbers.putDouble(settings.rate().at((long) epoch * batches + i));
        numbers.putDouble(settings.klWeight().of(epoch, i, batches));
        rates.update(numbers.flip());
      }
    }
    Map<String, String> identity = new LinkedHashMap<>();
    identity.put("seed", Long.toString(settings.seed()));
    identity.put("number of rows", Integer.toString(rows));
    identity.put("batch size", Integer.toString(batch));
    identity.put("number of epochs", Integer.toString(settings.epochs()));
    identity.put("model", Long.toHexString(step(batch).checksum()));
    identity.put("data", Long.toHexString(data.checksum()));
    identity.put("weights to start with", Long.toHexString(weights.checksum()));
    identity.put("learning rates", Long.toHexString(rates.getValue()));
    return identity;
  }

  private Map<String, State<?>> states() {
    return prior == null
        ? Map.of("weights", weights, "training", books)
        : Map.of("weights", weights, "training", books, "prior", prior);
  }

  /**
   * Goes back to where a checkpoint was written: the next {@link #fit} starts after its last epoch,
   * and leads to the same bits as a training that never stopped.
   *
   * @param file written by a trainer of the same model, optimizer, data and settings
   * @throws dev.credence.data.DataException in one sentence, if the file is missing, damaged, or of
   *     other arrays
   * @throws IllegalArgumentException in one sentence, if it was written with another seed, number
   *     of rows or batch size, or has all epochs behind it
   */
  public void resume(Path file) {
    Checkpoint checkpoint = Checkpoint.read(file);
    requireSame(checkpoint, "seed", settings.seed());
    requireSame(checkpoint, "rows", rows);
    requireSame(checkpoint, "batch", batch);
    int behind = Math.toIntExact(checkpoint.integer("epochs"));
    if (behind >= settings.epochs()) {
      throw new IllegalArgumentException(
          file
              + " has "
              + behind
              + " epochs behind it, so nothing of a training of "
              + settings.epochs()
              + " is left");
    }
    resume(checkpoint);
  }

  /**
   * Goes back to where a checkpoint was written, which may be the end of the fit.
   *
   * @return the epochs behind
   */
  int resume(Checkpoint checkpoint) {
    int behind = Math.toIntExact(checkpoint.integer("epochs"));
    long done = checkpoint.integer("steps");
    double seconds = checkpoint.number("seconds");
    double[] each = checkpoint.numbers("micros");
    checkpoint.load(states());
    epochs = behind;
    steps = done;
    earlier = seconds;
    start = System.nanoTime();
    micros = Arrays.copyOf(each, settings.epochs());
    return behind;
  }

  private static void requireSame(Checkpoint checkpoint, String name, long here) {
    long there = checkpoint.integer(name);
    if (there != here) {
      throw new IllegalArgumentException(
          checkpoint.path()
              + " was written with "
              + name
              + " "
              + there
              + ", but here it is "
              + here);
    }
  }

  private long epoch(int epoch, long firstStep) {
    long step = firstStep;
    books.write(books.tree().order(), shuffle.epoch(epoch));
    books.write(books.tree().nll(), new float[1]);
    books.write(books.tree().kl(), new float[1]);
    int batches = Math.ceilDiv(rows, batch);
    for (int i = 0; i < batches; i++) {
      int at = i * batch;
      double klWeight = batches * settings.klWeight().of(epoch, i, batches);
      run(at + batch <= rows ? whole : rest, step++, at, klWeight);
    }
    return step;
  }

  private void run(@Nullable Program program, long step, int position, double klWeight) {
    if (program == null) {
      throw new IllegalStateException("this trainer is closed");
    }
    program
        .step((int) step)
        .number(POSITION, position)
        .number(RATE, settings.rate().at(step))
        .number(KL_WEIGHT, klWeight)
        .run();
  }

  /** The weights; they stay the trainer's and change while it trains. */
  public State<W> weights() {
    return weights;
  }

  /** Gives back all memory but the data set's. */
  @Override
  public void close() {
    if (whole != null) {
      whole.close();
      whole = null;
    }
    if (rest != null) {
      rest.close();
      rest = null;
    }
    books.close();
    weights.close();
    if (prior != null) {
      prior.close();
    }
  }
}
