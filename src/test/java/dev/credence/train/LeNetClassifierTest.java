package dev.credence.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.bayes.Sampling;
import dev.credence.device.Device;
import dev.credence.device.Devices;
import dev.credence.kernel.Work;
import dev.credence.model.LeNet;
import dev.credence.nn.ImageFormat;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The classifiers of images, on bars that lie or stand. */
class LeNetClassifierTest {
  private static final ImageFormat FORMAT = new ImageFormat(1, 16, 16);

  /** Noisy images of a bar: label 0 lies, label 1 stands. */
  private record Bars(float[][] x, int[] labels) {
    static Bars of(int rows, long seed) {
      Random random = new Random(seed);
      float[][] x = new float[rows][256];
      int[] labels = new int[rows];
      for (int i = 0; i < rows; i++) {
        labels[i] = i % 2;
        int place = 3 + random.nextInt(10);
        for (int p = 0; p < 256; p++) {
          int along = labels[i] == 0 ? p / 16 : p % 16;
          x[i][p] = (along == place ? 0.8f : 0) + 0.2f * random.nextFloat();
        }
      }
      return new Bars(x, labels);
    }
  }

  /** Fits one of the classifiers. */
  interface Fit {
    Classifier<?> of(Bars data);
  }

  private static LeNetClassifier.Builder dropout() {
    return LeNetClassifier.builder(FORMAT).epochs(15).batchSize(16).draws(12).seed(3);
  }

  /** With a weak prior: a strong one outweighs so few images. */
  private static BayesianLeNetClassifier.Builder bayesian() {
    return BayesianLeNetClassifier.builder(FORMAT)
        .priorScale(10)
        .initialScale(0.01)
        .epochs(10)
        .batchSize(16)
        .draws(12)
        .seed(3);
  }

  static List<Fit> all() {
    return List.of(
        data -> dropout().build().fit(data.x(), data.labels()),
        data -> bayesian().learningRate(3e-3).build().fit(data.x(), data.labels()),
        data ->
            bayesian()
                .learningRate(3e-3)
                .sampling(Sampling.FLIPOUT)
                .predictiveSampling(Sampling.LOCAL)
                .build()
                .fit(data.x(), data.labels()));
  }

  @ParameterizedTest
  @MethodSource("all")
  void learnsAndDrawsAreThoseThatAreAveraged(Fit fit) {
    Bars test = Bars.of(71, 9);
    try (Classifier<?> classifier = fit.of(Bars.of(200, 4))) {
      float[][] p = classifier.predict(test.x()).probabilities();
      assertTrue(Calibration.accuracy(p, test.labels()) > 0.95);
      assertTrue(Calibration.accuracy(classifier.average(test.x()), test.labels()) > 0.95);
      double[] mean = new double[test.x().length];
      for (int t = 0; t < 12; t++) {
        float[][] one = classifier.draw(test.x(), t).probabilities();
        for (int i = 0; i < mean.length; i++) {
          mean[i] += one[i][1] / 12.0;
        }
      }
      for (int i = 0; i < mean.length; i++) {
        assertEquals(mean[i], p[i][1], 1e-6);
      }
      float[][] tail = Arrays.copyOfRange(test.x(), 40, 71);
      assertArrayEquals(
          Arrays.copyOfRange(p, 40, 71), classifier.predict(tail, 40).probabilities());
    }
  }

  /** A device that remembers how many bytes were allocated at most. */
  private record Metered(Device device, AtomicLong peak) implements Device {
    @Override
    public Buffer allocate(long bytes) {
      Buffer buffer = device.allocate(bytes);
      peak.accumulateAndGet(device.allocatedBytes(), Math::max);
      return buffer;
    }

    @Override
    public String name() {
      return device.name();
    }

    @Override
    public Limits limits() {
      return device.limits();
    }

    @Override
    public boolean isOpen() {
      return device.isOpen();
    }

    @Override
    public void write(Buffer target, long offset, MemorySegment source) {
      device.write(target, offset, source);
    }

    @Override
    public void read(Buffer source, long offset, MemorySegment target) {
      device.read(source, offset, target);
    }

    @Override
    public Kernel compile(Work work) {
      return device.compile(work);
    }

    @Override
    public Prepared prepare(List<Launch> launches, Buffer params) {
      return device.prepare(launches, params);
    }

    @Override
    public void await() {
      device.await();
    }

    @Override
    public long allocatedBytes() {
      return device.allocatedBytes();
    }

    @Override
    public void close() {
      device.close();
    }
  }

  /** Draws are summed as they are made: a thousand need no more than ten. */
  @Test
  void memoryDoesNotGrowWithTheDraws() {
    Bars data = Bars.of(20, 4);
    long[] peaks = new long[2];
    for (int i = 0; i < 2; i++) {
      AtomicLong peak = new AtomicLong();
      Device metered = new Metered(Devices.best(), peak);
      try (LeNetClassifier net =
          dropout().epochs(1).device(metered).build().fit(data.x(), data.labels())) {
        peak.set(0);
        net.predict(data.x(), 0, i == 0 ? 10 : 1000);
        peaks[i] = peak.get();
      }
    }
    assertTrue(peaks[0] > 0);
    assertTrue(peaks[1] <= 1.05 * peaks[0], Arrays.toString(peaks));
  }

  @Test
  void theDeterministicBaselineHasOneAnswer() {
    Bars data = Bars.of(60, 4);
    try (LeNetClassifier net =
        dropout().epochs(2).deterministic().build().fit(data.x(), data.labels())) {
      ClassPrediction said = net.predict(data.x());
      assertEquals(1, said.draws());
      float[][] average = net.average(data.x());
      for (int i = 0; i < average.length; i++) {
        assertArrayEquals(average[i], said.probabilities()[i], 1e-6f);
      }
      assertArrayEquals(net.draw(data.x(), 0).labels(), net.draw(data.x(), 5).labels());
    }
  }

  @Test
  void filtersCanBeRead() {
    Bars data = Bars.of(60, 4);
    try (BayesianLeNetClassifier net =
        bayesian()
            .epochs(1)
            .learningRate(1e-9)
            .initialScale(0.03)
            .build()
            .fit(data.x(), data.labels())) {
      WeightNormals first = net.posterior().getFirst();
      assertEquals("conv1.weight", first.path());
      assertEquals(20 * 25, first.mean().length);
      for (int i = 0; i < 20 * 25; i++) {
        // Hardly trained, they are what they started as.
        assertEquals(0.03, first.std()[i], 1e-6);
        assertTrue(Math.abs(first.mean()[i]) <= Math.sqrt(3.0 / 25) + 1e-6);
      }
      assertTrue(first.mean()[3] != first.mean()[4]);
    }
  }

  @Test
  void mistakesAreToldInASentence() {
    Bars data = Bars.of(10, 4);
    LeNetClassifier other = LeNetClassifier.builder(new ImageFormat(3, 16, 16)).build();
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> other.fit(data.x(), data.labels()));
    assertTrue(String.valueOf(e.getMessage()).contains("768"), e.getMessage());
    assertThrows(IllegalArgumentException.class, () -> dropout().weightDecay(-1));
    assertThrows(IllegalArgumentException.class, () -> new LeNet.Rates(0, 1, 0));
  }
}
