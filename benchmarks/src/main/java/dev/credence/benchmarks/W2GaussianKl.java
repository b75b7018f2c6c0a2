package dev.credence.benchmarks;

import dev.credence.device.Device;
import dev.credence.grad.Gradients;
import dev.credence.run.Program;
import dev.credence.run.State;
import java.util.List;

/** W2: KL(N(mu, softplus(rho)^2) || N(0, 1)) summed to a scalar, and its gradient. */
final class W2GaussianKl implements Workload {
  static final int N = 1 << 24;

  private final State<Gaussian> state;
  private final Program program;

  W2GaussianKl(Device device, int n) {
    state = State.of(device, 1, Gaussian.initial(n));
    Gaussian q = state.tree();
    Gaussian gradient = Gradients.of(q.kl(), q);
    program =
        Program.on(device, state)
            .output("kl", q.kl())
            .output("dmu", gradient.mu())
            .output("drho", gradient.rho())
            .build();
  }

  static Envelope envelope(int n) {
    return Envelope.bytes(16.0 * n);
  }

  @Override
  public void run() {
    program.run();
  }

  @Override
  public String verify() {
    run();
    float[] mu = state.read(state.tree().mu()).floats();
    float[] rho = state.read(state.tree().rho()).floats();
    double expected = Check.gaussianKl(mu, rho);
    Check.near("the KL", program.scalar("kl"), expected, 1e-5);
    float[] dmu = program.get("dmu").floats();
    float[] drho = program.get("drho").floats();
    for (int i = 0; i < mu.length; i += 1009) {
      double sigma = Math.log1p(Math.exp(rho[i]));
      double slope = (sigma - 1 / sigma) / (1 + Math.exp(-rho[i]));
      Check.near("a gradient", dmu[i], mu[i], 1e-5);
      Check.near("a gradient", drho[i], slope, 1e-4);
    }
    return Check.text("KL %.8g of %.8g nats", program.scalar("kl"), expected);
  }

  @Override
  public List<Program> programs() {
    return List.of(program);
  }

  @Override
  public void close() {
    program.close();
    state.close();
  }
}
