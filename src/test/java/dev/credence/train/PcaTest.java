package dev.credence.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Eigen-decompositions on the host, and what is made of them. */
class PcaTest {
  @Test
  void eigenvectorsAreThoseOfTheMatrix() {
    int d = 40;
    Random random = new Random(1);
    double[] a = new double[d * d];
    for (int i = 0; i < d; i++) {
      for (int j = 0; j <= i; j++) {
        a[i * d + j] = random.nextGaussian();
        a[j * d + i] = a[i * d + j];
      }
    }
    Lapack.Eigen eigen = Lapack.symmetric(a, d);
    for (int k = 0; k < d; k++) {
      double[] v = eigen.vectors()[k];
      for (int i = 0; i < d; i++) {
        double sum = 0;
        for (int j = 0; j < d; j++) {
          sum += a[i * d + j] * v[j];
        }
        assertEquals(eigen.values()[k] * v[i], sum, 1e-10);
      }
      assertTrue(k == 0 || eigen.values()[k - 1] >= eigen.values()[k]);
    }
  }

  @Test
  void knownComponents() {
    float[][] x = {{2, 0}, {-2, 0}, {0, 1}, {0, -1}};
    Pca pca = Pca.fit(x);
    assertArrayEquals(new double[] {2, 0.5}, pca.eigenvalues(), 1e-12);
    assertEquals(0.5, pca.discarded(1), 1e-12);
    assertArrayEquals(new float[] {0, 0, 1, 1}, pca.residuals(x, 1), 1e-6f);
    assertEquals(0, pca.angle(new double[][] {{5, 0}}), 1e-12);
    assertEquals(Math.PI / 4, pca.angle(new double[][] {{1, 1}}), 1e-12);
  }

  @Test
  void probabilisticPcaIsTheNormalOfItsLoadings() {
    Random random = new Random(2);
    float[][] x = new float[50][3];
    for (float[] row : x) {
      double t = random.nextGaussian();
      for (int j = 0; j < 3; j++) {
        row[j] = (float) (t * (j + 1) + 0.5 * random.nextGaussian());
      }
    }
    ProbabilisticPca model = Pca.fit(x).probabilistic(1);
    double[][] w = model.loadings();
    // log N(x; mean, W W' + s I) by the matrix itself, inverted by cofactors.
    double[][] c = new double[3][3];
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        c[i][j] = w[i][0] * w[j][0] + (i == j ? model.noise() : 0);
      }
    }
    double det =
        c[0][0] * (c[1][1] * c[2][2] - c[1][2] * c[2][1])
            - c[0][1] * (c[1][0] * c[2][2] - c[1][2] * c[2][0])
            + c[0][2] * (c[1][0] * c[2][1] - c[1][1] * c[2][0]);
    double[] mean = Pca.fit(x).mean();
    double quadratic = 0;
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        int i1 = (i + 1) % 3;
        int i2 = (i + 2) % 3;
        int j1 = (j + 1) % 3;
        int j2 = (j + 2) % 3;
        double inverse = (c[j1][i1] * c[j2][i2] - c[j1][i2] * c[j2][i1]) / det;
        quadratic += (x[7][i] - mean[i]) * inverse * (x[7][j] - mean[j]);
      }
    }
    double expected = -0.5 * (3 * Math.log(2 * Math.PI) + Math.log(det) + quadratic);
    assertEquals(expected, model.logLikelihood(x)[7], 1e-5);
  }

  @Test
  void linearRestorationIsThatOfOneNumber() {
    float[][] x = {{1}, {-1}, {1}, {-1}};
    assertEquals(0.2, LinearRestoration.afterNoise(x, 0.5), 1e-9);
    // Of y = m x with m 1 in 7 of 10 cases, the best factor is 1, and 0.3 E x^2 is lost.
    assertEquals(0.3, LinearRestoration.afterMask(x, 0.3), 1e-9);
  }

  @Test
  void environmentDoesNotDecideAboutTheProcessor() throws IOException, InterruptedException {
    ProcessBuilder other =
        new ProcessBuilder(
            ProcessHandle.current().info().command().orElse("java"),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            Alone.class.getName());
    other.environment().put("OPENBLAS_CORETYPE", "Prescott");
    other.redirectErrorStream(true);
    Process process = other.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    assertEquals(0, process.exitValue(), said);
    assertEquals(Alone.bits(), said.strip());
  }

  /** A process that tells the bits of a decomposition, which differ from processor to processor. */
  static final class Alone {
    private static final int WIDTH = 150;

    private Alone() {}

    static String bits() {
      Random random = new Random(1);
      double[] a = new double[WIDTH * WIDTH];
      for (int i = 0; i < WIDTH; i++) {
        for (int j = 0; j <= i; j++) {
          a[i * WIDTH + j] = random.nextGaussian();
          a[j * WIDTH + i] = a[i * WIDTH + j];
        }
      }
      Lapack.Eigen eigen = Lapack.symmetric(a, WIDTH);
      return Arrays.hashCode(eigen.values()) + " " + Arrays.deepHashCode(eigen.vectors());
    }

    public static void main(String[] args) {
      System.out.println(bits());
    }
  }

  @Test
  void rankingCountsPairs() {
    float[] scores = {0.1f, 0.4f, 0.35f, 0.8f};
    boolean[] positive = {false, false, true, true};
    assertEquals(0.75, Ranking.auroc(scores, positive), 1e-12);
    assertEquals(0.5, Ranking.auroc(new float[4], positive), 1e-12);
    assertEquals(0.375, Metrics.quantile(scores, 0.5), 1e-6);
  }

  @Test
  void ranksLeadToANormalAndBack() {
    float[] column = new float[300];
    Random random = new Random(3);
    for (int i = 0; i < column.length; i++) {
      column[i] = i % 3 == 0 ? 0 : random.nextInt(50);
    }
    float[] normal = RankNormal.normal(column, 1);
    RankNormal ranks = RankNormal.of(column);
    double square = 0;
    for (int i = 0; i < column.length; i++) {
      assertEquals(column[i], ranks.back(normal[i]));
      square += normal[i] * normal[i] / column.length;
    }
    assertEquals(1, square, 0.02);
  }
}
