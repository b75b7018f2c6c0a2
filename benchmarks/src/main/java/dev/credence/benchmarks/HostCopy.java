package dev.credence.benchmarks;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/** A ceiling: the C library's memcpy between two large arrays, each thread a part of its own. */
final class HostCopy implements Task {
  private static final MethodHandle MEMCPY =
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().find("memcpy").orElseThrow(),
              FunctionDescriptor.of(
                  ValueLayout.ADDRESS,
                  ValueLayout.ADDRESS,
                  ValueLayout.ADDRESS,
                  ValueLayout.JAVA_LONG));

  private final Arena arena = Arena.ofShared();
  private final MemorySegment from = arena.allocate((long) DeviceCopy.BYTES / 2, 64).fill((byte) 1);
  private final MemorySegment to = arena.allocate((long) DeviceCopy.BYTES / 2, 64).fill((byte) 0);
  private final int threads;
  private final ExecutorService workers;

  HostCopy(int threads) {
    this.threads = threads;
    workers = Executors.newFixedThreadPool(threads);
  }

  @Override
  public void run() {
    List<Future<?>> parts =
        IntStream.range(0, threads)
            .<Future<?>>mapToObj(i -> workers.submit(() -> copy(i)))
            .toList();
    try {
      for (Future<?> part : parts) {
        part.get();
      }
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private void copy(int part) {
    long bytes = to.byteSize() / threads;
    try {
      MemorySegment result =
          (MemorySegment)
              MEMCPY.invokeExact(
                  to.asSlice(part * bytes, bytes), from.asSlice(part * bytes, bytes), bytes);
      assert result.address() != 0;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public String verify() {
    run();
    Check.that(to.get(ValueLayout.JAVA_BYTE, to.byteSize() / 2) == 1, "nothing was copied");
    return "copied";
  }

  @Override
  public void close() {
    workers.shutdown();
    arena.close();
  }
}
