package dev.credence.dist;

import dev.credence.nn.MaskedMlp;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A masked autoregressive flow's layer (Papamakarios, Pavlakou and Murray 2017, "Masked
 * Autoregressive Flow for Density Estimation", equations 3 to 5): x_i = z_i exp(a_i) + m_i, where
 * a_i and m_i depend on x_1 .. x_(i-1) by one masked net. From data to noise it is one pass of the
 * net; from noise to data one pass for each number of a row. Scales are bounded, a = 2 tanh(raw /
 * 2).
 *
 * @param net from D numbers to D raw scales, then D shifts
 * @param context shape (.., width), or null for none
 */
public record MaskedAutoregressive(MaskedMlp net, @Nullable Tensor context) implements Bijector {
  private static final double BOUND = 2;

  /**
   * A layer that starts as the identity.
   *
   * @param width numbers of a row, D
   * @param context numbers of the context; 0 for none
   * @param hidden widths of the net's hidden layers
   */
  public static MaskedAutoregressive init(Key key, int width, int context, int... hidden) {
    return new MaskedAutoregressive(MaskedMlp.init(key, width, context, hidden, 2), null);
  }

  private record Move(Tensor logScale, Tensor shift) {}

  private Move move(Tensor x) {
    Tensor raw = net.apply(x, context);
    int n = x.shape().dim(-1);
    Tensor logScale = raw.slice(-1, 0, n).mul(1 / BOUND).tanh().mul(BOUND);
    return new Move(logScale, raw.slice(-1, n, 2 * n));
  }

  @Override
  public Mapped forwardAndLogDet(Tensor z) {
    int width = z.shape().dim(-1);
    // After pass i the first i numbers are right, whatever the others are.
    Tensor x = z.zerosLike();
    Move move = move(x);
    for (int i = 0; i < width; i++) {
      x = z.mul(move.logScale.exp()).add(move.shift);
      move = move(x);
    }
    return new Mapped(x, move.logScale.sum(-1));
  }

  @Override
  public Mapped inverseAndLogDet(Tensor x) {
    Move move = move(x);
    Tensor z = x.sub(move.shift).mul(move.logScale.neg().exp());
    return new Mapped(z, move.logScale.sum(-1).neg());
  }

  @Override
  public MaskedAutoregressive given(Tensor condition) {
    return new MaskedAutoregressive(net, condition);
  }
}
