package dev.credence.device.cpu;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The threads that run kernels: the caller of {@link #run} and workers that wait for it.
 *
 * <p>A run is cut into parts, which caller and workers claim one by one. A kernel must leave the
 * same result however its range is cut, since a run that finds the pool busy, or has one part only,
 * is one call over the whole range on its caller's thread. A run allocates nothing on the Java
 * heap.
 *
 * <p>A waiting thread spins for 50 microseconds, in which a run reaches it within a fraction of a
 * microsecond, and then sleeps, from which it wakes some ten microseconds later.
 */
public final class WorkerPool implements AutoCloseable {
  private static final long SPIN_NANOS = 50_000;
  private static final int MOST_THREADS = 1024;

  /** Parts to a thread: enough that one held up by the system does not hold up the run. */
  private static final int PARTS_PER_THREAD = 4;

  // The words that threads contend for, each on cache lines of its own.
  private static final int TICKET = 16;
  private static final int UNFINISHED = 32;
  private static final int BUSY = 48;
  private final AtomicLongArray words = new AtomicLongArray(64);

  // The job. Whoever claims a part has read these first, and its claim succeeds only if they still
  // stand: they change when no part is left, and the ticket changes with every claim and every run.
  private long address;
  private long descriptor;
  private long extent;
  private long step;
  private long parts;

  /** How many runs there were, so that two runs never show the same ticket. */
  private long epoch;

  private final Worker[] workers;
  private volatile @Nullable Thread waiter;
  private volatile boolean closed;

  /** A pool of this many threads, the caller of {@link #run} being one of them. */
  public WorkerPool(int threads) {
    if (threads < 1 || threads > MOST_THREADS) {
      throw new IllegalArgumentException(
          "A worker pool has from 1 to " + MOST_THREADS + " threads, not " + threads + ".");
    }
    workers = new Worker[threads - 1];
    for (int i = 0; i < workers.length; i++) {
      workers[i] = new Worker(i + 1);
    }
    for (Worker worker : workers) {
      worker.thread.start();
    }
  }

  /** What {@code credence.threads} or {@code CREDENCE_THREADS} says, else one per processor. */
  public static int defaultThreads() {
    String name = "credence.threads";
    String value = Setting.of(name);
    if (value == null) {
      return Math.min(Runtime.getRuntime().availableProcessors(), MOST_THREADS);
    }
    try {
      int threads = Integer.parseInt(value);
      if (threads >= 1 && threads <= MOST_THREADS) {
        return threads;
      }
    } catch (NumberFormatException e) {
      // It is refused below, like a number out of range.
    }
    throw Setting.refused(name, "a whole number from 1 to " + MOST_THREADS, value);
  }

  /** How many threads a run has, its caller included. */
  public int threads() {
    return workers.length + 1;
  }

  /**
   * Calls the kernel for each of {@code parts} parts, {@code [p, p + 1)}; returns when all are
   * done.
   */
  public void run(long address, long descriptor, long parts) {
    run(address, descriptor, parts, 1, parts);
  }

  /**
   * Calls the kernel over {@code [0, n)}, cut into a few contiguous ranges that begin at multiples
   * of {@code grain}; returns when all are done.
   */
  public void run(long address, long descriptor, long n, long grain) {
    long grains = Math.ceilDiv(n, grain);
    long grainsPerPart = Math.max(1, Math.ceilDiv(grains, (long) PARTS_PER_THREAD * threads()));
    long step = grainsPerPart * grain;
    run(address, descriptor, n, step, Math.ceilDiv(n, step));
  }

  private void run(long address, long descriptor, long n, long step, long parts) {
    if (parts > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("A run has at most 2^31 - 1 parts, not " + parts + ".");
    }
    if (parts > 1 && workers.length > 0 && words.compareAndSet(BUSY, 0, 1)) {
      share(address, descriptor, n, step, parts);
      words.setRelease(BUSY, 0);
    } else if (n > 0) {
      NativeLibrary.call(address, descriptor, 0, n);
    }
  }

  private void share(long address, long descriptor, long n, long step, long parts) {
    this.address = address;
    this.descriptor = descriptor;
    this.extent = n;
    this.step = step;
    this.parts = parts;
    words.setPlain(UNFINISHED, parts);
    words.set(TICKET, ++epoch << 32 | parts);

    // The ticket was written before `parked` is read, and a worker does it the other way round, so
    // one of the two sees the other.
    for (int i = 0; i < workers.length && i < parts - 1; i++) {
      if (workers[i].parked) {
        LockSupport.unpark(workers[i].thread);
      }
    }
    finish(work());
    awaitUnfinished();
  }

  private void awaitUnfinished() {
    long start = System.nanoTime();
    while (words.getAcquire(UNFINISHED) != 0) {
      if (System.nanoTime() - start < SPIN_NANOS) {
        Thread.onSpinWait();
        continue;
      }
      waiter = Thread.currentThread();
      while (words.get(UNFINISHED) != 0) {
        LockSupport.park(this);
      }
      waiter = null;
    }
  }

  /** Claims parts and runs them until none is left; returns how many it ran, all of one run. */
  private int work() {
    int ran = 0;
    while (true) {
      long ticket = words.getAcquire(TICKET);
      int left = (int) ticket;
      if (left == 0) {
        return ran;
      }
      long address = this.address;
      long descriptor = this.descriptor;
      long lo = (parts - left) * step;
      long hi = Math.min(lo + step, extent);
      if (words.compareAndSet(TICKET, ticket, ticket - 1)) {
        NativeLibrary.call(address, descriptor, lo, hi);
        ran++;
      }
    }
  }

  private void finish(int ran) {
    if (ran > 0 && words.addAndGet(UNFINISHED, -ran) == 0) {
      Thread sleeper = waiter;
      if (sleeper != null) {
        LockSupport.unpark(sleeper);
      }
    }
  }

  private boolean idle() {
    return (int) words.get(TICKET) == 0;
  }

  /** Stops the workers. A run made later is done by its caller. */
  @Override
  public void close() {
    closed = true;
    for (Worker worker : workers) {
      LockSupport.unpark(worker.thread);
    }
    for (Worker worker : workers) {
      try {
        worker.thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private final class Worker implements Runnable {
    final Thread thread;
    volatile boolean parked;

    Worker(int number) {
      thread = new Thread(this, "credence-worker-" + number);
      thread.setDaemon(true);
    }

    @Override
    public void run() {
      long start = System.nanoTime();
      while (!closed) {
        if (!idle()) {
          finish(work());
          start = System.nanoTime();
        } else if (System.nanoTime() - start < SPIN_NANOS) {
          Thread.onSpinWait();
        } else {
          parked = true;
          if (idle() && !closed) {
            LockSupport.park(WorkerPool.this);
          }
          parked = false;
          start = System.nanoTime();
        }
      }
    }
  }
}
