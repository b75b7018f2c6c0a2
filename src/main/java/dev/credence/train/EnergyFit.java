package dev.credence.train;

import dev.credence.device.Device;
import dev.credence.dist.Chain;
import dev.credence.model.PlanarFlow;
import dev.credence.model.Potential;
import dev.credence.run.Program;
import dev.credence.run.State;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import org.jspecify.annotations.Nullable;

/**
 * A planar flow fitted to an energy of the plane by the free energy, see {@link PlanarFlow}. What
 * the free energy lacks to -log Z is KL(q || p), so the fit can be measured in nats.
 */
public final class EnergyFit implements AutoCloseable {
  private static final int EPOCH = 100;
  private static final Key INIT = Key.ROOT.split("init");
  private static final Key FRESH = Key.ROOT.split("fresh");

  /**
   * How to fit.
   *
   * @param layers planar maps, K
   * @param steps of the optimizer, a multiple of 100
   * @param annealing steps until the energy has its full weight
   * @param draws a step
   * @param learningRate Adam's at the start; it falls to zero along half a cosine
   * @param seed decides everything that is drawn
   * @param listener hears of every hundredth step as of an epoch
   * @param checkpoint where the fit keeps its state while it goes on; null for nowhere
   */
  public record Settings(
      int layers,
      int steps,
      int annealing,
      int draws,
      double learningRate,
      long seed,
      TrainingListener listener,
      @Nullable Checkpointing checkpoint) {}

  private final Potential target;
  private final Settings settings;
  private final State<Chain> weights;

  private EnergyFit(Potential target, Settings settings, State<Chain> weights) {
    this.target = target;
    this.settings = settings;
    this.weights = weights;
  }

  /** Fits a flow. */
  public static EnergyFit of(Potential target, Settings settings, Device device) {
    int places = EPOCH * settings.draws;
    Tensor zeros = Tensor.zeros(TensorType.of(DType.FLOAT32, places));
    int epochs = Math.max(1, settings.steps / EPOCH);
    var how =
        new Trainer.Settings(
            epochs,
            settings.draws,
            settings.seed,
            new Adam(),
            LearningRate.cosine(settings.learningRate, 0, (long) epochs * EPOCH),
            10);
    try (State<PlanarFlow.Batch> data = State.of(device, 0, new PlanarFlow.Batch(zeros));
        var trainer =
            new Trainer<>(
                new PlanarFlow(target, settings.annealing, places),
                PlanarFlow.init(INIT, settings.layers),
                data,
                how)) {
      trainer.fit(settings.listener, settings.checkpoint);
      return new EnergyFit(target, settings, trainer.weights().snapshot());
    }
  }

  /** The free energy E_q[log q + U] in nats, from fresh draws. */
  public double freeEnergy(int draws) {
    Tensor estimate = PlanarFlow.terms(weights.tree(), target, FRESH, draws).freeEnergy();
    try (Program program = Program.on(weights.device(), weights).output("f", estimate).build()) {
      program.seed(settings.seed + 1).run();
      return program.scalar("f");
    }
  }

  /** The gap to -log Z in nats: KL(q || p), but for the noise of the draws. */
  public double gap(int draws) {
    return freeEnergy(draws) + target.logZ();
  }

  /**
   * Points drawn from the flow, after some of its layers.
   *
   * @param layers how many maps the noise has gone through; the first is the base's affine one
   */
  public float[][] sample(int n, int layers) {
    Chain first = new Chain(weights.tree().parts().subList(0, layers));
    Tensor z = first.forward(Tensor.normal(FRESH, n, 2));
    try (Program program = Program.on(weights.device(), weights).output("z", z).build()) {
      program.seed(settings.seed).run();
      float[] flat = program.get("z").floats();
      float[][] points = new float[n][];
      for (int i = 0; i < n; i++) {
        points[i] = new float[] {flat[2 * i], flat[2 * i + 1]};
      }
      return points;
    }
  }

  /** exp(-U) on a grid of the square [-reach, reach]^2, the top row first, side x side. */
  public static float[] target(Potential target, Device device, double reach, int side) {
    double[] grid = new double[2 * side * side];
    for (int i = 0; i < side * side; i++) {
      grid[2 * i] = -reach + (i % side + 0.5) * 2 * reach / side;
      grid[2 * i + 1] = reach - (i / side + 0.5) * 2 * reach / side;
    }
    Tensor z = Tensor.literal(TensorType.of(DType.FLOAT32, side * side, 2), grid);
    Tensor density = target.energy(z).neg().exp();
    try (Program program = Program.on(device).output("p", density).build()) {
      program.run();
      return program.get("p").floats();
    }
  }

  /** How many maps a flow of these settings is a chain of. */
  public int layers() {
    return weights.tree().parts().size();
  }

  /** Gives all memory back. */
  @Override
  public void close() {
    weights.close();
  }
}
