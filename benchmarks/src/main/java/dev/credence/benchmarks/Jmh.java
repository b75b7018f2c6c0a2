package dev.credence.benchmarks;

import dev.credence.device.Devices;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The workloads under JMH, one class each. Another device: {@code -p device=opencl}. */
public class Jmh {
  /** A workload, verified before it is timed. */
  @State(Scope.Benchmark)
  @BenchmarkMode(Mode.SampleTime)
  @OutputTimeUnit(TimeUnit.MICROSECONDS)
  @Warmup(iterations = 3, time = 2)
  @Measurement(iterations = 5, time = 2)
  @Fork(1)
  public abstract static class Base {
    /** Where it runs. */
    @Param("cpu")
    public String device = "";

    /** How many threads the cpu device has. */
    @Param({"1", "2"})
    public int threads;

    private final String id;
    private @Nullable Task task;

    Base(String id) {
      this.id = id;
    }

    /** Opens the workload. */
    @Setup(Level.Trial)
    public void open() {
      System.setProperty("credence.threads", Integer.toString(threads));
      Task opened = Objects.requireNonNull(Suite.open(id, Devices.get(device)));
      System.out.println(opened.verify());
      task = opened;
    }

    /** Does the work once. */
    @Benchmark
    public void run() {
      Objects.requireNonNull(task).run();
    }

    /** Closes the workload. */
    @TearDown(Level.Trial)
    public void close() {
      Objects.requireNonNull(task).close();
    }
  }

  /** Sampling weights. */
  public static class W1 extends Base {
    /** For JMH. */
    public W1() {
      super("W1");
    }
  }

  /** Divergence and gradient. */
  public static class W2 extends Base {
    /** For JMH. */
    public W2() {
      super("W2");
    }
  }

  /** Dropout, forward and backward. */
  public static class W3 extends Base {
    /** For JMH. */
    public W3() {
      super("W3");
    }
  }

  /** Prediction with MC dropout. */
  public static class W4 extends Base {
    /** For JMH. */
    public W4() {
      super("W4");
    }
  }

  /** A step of Bayes by Backprop. */
  public static class W5 extends Base {
    /** For JMH. */
    public W5() {
      super("W5");
    }
  }

  /** The same with local reparametrisation. */
  public static class W5Local extends Base {
    /** For JMH. */
    public W5Local() {
      super("W5l");
    }
  }

  /** A step of a variational autoencoder. */
  public static class W6 extends Base {
    /** For JMH. */
    public W6() {
      super("W6");
    }
  }

  /** A step of a normalizing flow. */
  public static class W7 extends Base {
    /** For JMH. */
    public W7() {
      super("W7");
    }
  }

  /** Prediction with a Bayesian network. */
  public static class W8 extends Base {
    /** For JMH. */
    public W8() {
      super("W8");
    }
  }

  /** A step of a convolutional network. */
  public static class W9 extends Base {
    /** For JMH. */
    public W9() {
      super("W9");
    }
  }

  /** An epoch of four tiny steps. */
  public static class W10 extends Base {
    /** For JMH. */
    public W10() {
      super("W10");
    }
  }
}
