package dev.credence.device.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WorkerPoolTest {
  private static final String THREADS = "credence.threads";

  private long add;

  @BeforeEach
  void findKernel() {
    add = NativeLibraryTest.library().address("cr_probe_add");
  }

  @Test
  void runsEveryPartOnce() {
    for (int threads : new int[] {1, 2, 5}) {
      try (WorkerPool pool = new WorkerPool(threads);
          Arena arena = Arena.ofShared()) {
        for (int parts : new int[] {0, 1, 2, 3, 64, 1000}) {
          MemorySegment counts = arena.allocate(ValueLayout.JAVA_LONG, parts + 1L);
          for (int run = 0; run < 200; run++) {
            pool.run(add, counts.address(), parts);
          }
          assertCounts(counts, parts, 200);
        }
      }
    }
  }

  @Test
  void cutsARangeOfAnyLength() {
    try (WorkerPool pool = new WorkerPool(3);
        Arena arena = Arena.ofShared()) {
      for (long n : new long[] {0, 1, 63, 64, 65, 1000, 4096, 4097, 100_003}) {
        for (long grain : new long[] {1, 64, 1 << 20}) {
          MemorySegment counts = arena.allocate(ValueLayout.JAVA_LONG, n + 1);
          pool.run(add, counts.address(), n, grain);
          assertCounts(counts, n, 1);
        }
      }
    }
  }

  /** Runs that sleep between, so that every one of them finds the workers parked. */
  @Test
  void wakesWorkersThatSleep() throws InterruptedException {
    try (WorkerPool pool = new WorkerPool(4);
        Arena arena = Arena.ofShared()) {
      MemorySegment counts = arena.allocate(ValueLayout.JAVA_LONG, 101);
      for (int run = 0; run < 100; run++) {
        pool.run(add, counts.address(), 100);
        Thread.sleep(1);
      }
      assertCounts(counts, 100, 100);
    }
  }

  /** Caller and workers both outlast their spinning here, in either order. */
  @Test
  void waitsForLongParts() {
    long n = 1 << 20;
    try (WorkerPool pool = new WorkerPool(2);
        Arena arena = Arena.ofShared()) {
      MemorySegment counts = arena.allocate(ValueLayout.JAVA_LONG, n + 1);
      for (int run = 0; run < 200; run++) {
        pool.run(add, counts.address(), n, n / 2);
      }
      assertCounts(counts, n, 200);
    }
  }

  @Test
  void servesSeveralCallersAtOnce() throws InterruptedException {
    int callers = 3;
    int runs = 20_000;
    try (WorkerPool pool = new WorkerPool(3);
        Arena arena = Arena.ofShared()) {
      List<MemorySegment> all = new ArrayList<>();
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < callers; i++) {
        MemorySegment counts = arena.allocate(ValueLayout.JAVA_LONG, 33);
        all.add(counts);
        threads.add(
            Thread.ofPlatform()
                .start(
                    () -> {
                      for (int run = 0; run < runs; run++) {
                        pool.run(add, counts.address(), 32);
                      }
                    }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      for (MemorySegment counts : all) {
        assertCounts(counts, 32, runs);
      }
    }
  }

  /** The least of several tries counts, since the first ones are not compiled yet. */
  @Test
  void allocatesNothing() {
    ThreadMXBean bean = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    int runs = 100_000;
    try (WorkerPool pool = new WorkerPool(2);
        Arena arena = Arena.ofShared()) {
      MemorySegment counts = arena.allocate(ValueLayout.JAVA_LONG, 9);
      long least = Long.MAX_VALUE;
      for (int attempt = 0; attempt < 20 && least >= runs; attempt++) {
        long before = bean.getTotalThreadAllocatedBytes();
        for (int run = 0; run < runs; run++) {
          pool.run(add, counts.address(), 8);
        }
        least = Math.min(least, bean.getTotalThreadAllocatedBytes() - before);
      }
      assertTrue(least < runs, "bytes allocated in " + runs + " runs: " + least);
    }
  }

  @Test
  void runsOnItsCallerOnceClosed() {
    WorkerPool pool = new WorkerPool(3);
    pool.close();
    try (Arena arena = Arena.ofShared()) {
      MemorySegment counts = arena.allocate(ValueLayout.JAVA_LONG, 101);
      pool.run(add, counts.address(), 100);
      assertCounts(counts, 100, 1);
    }
  }

  @Test
  void takesItsThreadCountFromTheSetting() {
    String before = System.getProperty(THREADS);
    try {
      System.setProperty(THREADS, " 3 ");
      assertEquals(3, WorkerPool.defaultThreads());
      for (String garbage : List.of("0", "-1", "two", "1e9", "99999999999")) {
        System.setProperty(THREADS, garbage);
        Exception e =
            assertThrows(IllegalArgumentException.class, () -> WorkerPool.defaultThreads());
        assertEquals(
            "credence.threads (or CREDENCE_THREADS) takes a whole number from 1 to 1024, not '"
                + (garbage + "'."),
            e.getMessage());
      }
    } finally {
      if (before == null) {
        System.clearProperty(THREADS);
      } else {
        System.setProperty(THREADS, before);
      }
    }
    assertThrows(IllegalArgumentException.class, () -> new WorkerPool(0));
  }

  /** Each of the first n numbers is {@code expected}, and the one behind them is untouched. */
  private static void assertCounts(MemorySegment counts, long n, long expected) {
    for (long i = 0; i <= n; i++) {
      assertEquals(i < n ? expected : 0, counts.getAtIndex(ValueLayout.JAVA_LONG, i));
    }
  }
}
