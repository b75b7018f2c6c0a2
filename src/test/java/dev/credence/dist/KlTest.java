package dev.credence.dist;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.grad.Gradients;
import dev.credence.nn.Compute;
import dev.credence.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class KlTest {
  private static final double[] MU = {0, 1.5, -2, 0.3};
  private static final double[] RHO = {0.5, -3, 2, -8};
  private static final double M0 = 0.25;
  private static final double S0 = 0.7;

  private final Tensor mu = Compute.doubles(MU, 4);
  private final Tensor rho = Compute.doubles(RHO, 4);
  private final Normal q = new Normal(mu, rho.softplus());
  private final Normal p = Normal.of(M0, S0, mu.type());

  private static double softplus(double x) {
    return Math.log1p(Math.exp(x));
  }

  @Test
  void ofNormalsIsTheClosedForm() {
    double[] got = Compute.of(Kl.of(q, p));
    for (int i = 0; i < MU.length; i++) {
      double r = Math.pow(softplus(RHO[i]) / S0, 2);
      double z = (MU[i] - M0) / S0;
      assertEquals(0.5 * (r + z * z - 1 - Math.log(r)), got[i], 1e-10);
      assertTrue(got[i] > 0);
    }
  }

  @Test
  void gradientsAreTheClosedForm() {
    List<Tensor> g = Gradients.of(Kl.of(q, p).sumAll(), List.of(mu, rho));
    double[] byMu = Compute.of(g.get(0));
    double[] byRho = Compute.of(g.get(1));
    for (int i = 0; i < MU.length; i++) {
      double s = softplus(RHO[i]);
      assertEquals((MU[i] - M0) / (S0 * S0), byMu[i], 1e-10);
      double wanted = (s / (S0 * S0) - 1 / s) / (1 + Math.exp(-RHO[i]));
      assertEquals(wanted, byRho[i], 1e-9 * Math.abs(wanted));
    }
  }

  @Test
  void vanishesBetweenEquals() {
    assertArrayEquals(new double[4], Compute.of(Kl.of(q, q)), 0);
    assertArrayEquals(new double[4], Compute.of(Kl.of(p, p)), 0);
  }
}
