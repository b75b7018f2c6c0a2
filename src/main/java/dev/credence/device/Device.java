package dev.credence.device;

import dev.credence.kernel.Work;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The seam between what is computed and where. A device lists bytes, compile and prepare, never
 * ops: an op that can be lowered to a loop runs on every device on its first day. Devices are
 * thread-safe.
 */
public interface Device extends AutoCloseable {
  /** What the user calls it, such as cpu or opencl:0. */
  String name();

  /** What it can do. */
  Limits limits();

  /**
   * Memory of this many bytes, aligned to 64, its content undefined.
   *
   * @throws OutOfDeviceMemoryException if it cannot be had
   */
  Buffer allocate(long bytes);

  /**
   * Copies host memory into a buffer, done when this returns.
   *
   * @param source native or heap memory of the host
   */
  void write(Buffer target, long offset, MemorySegment source);

  /** Copies a buffer into host memory, after all work enqueued before, done when this returns. */
  void read(Buffer source, long offset, MemorySegment target);

  /**
   * Makes a kernel of a loop or routine; the same text is compiled once.
   *
   * @throws UnsupportedOperationException in one sentence if the device lacks what it needs
   */
  Kernel compile(Work work);

  /**
   * Fixes a list of launches with their memory, so that running it needs nothing more. A device may
   * run launches in any order that keeps every read after the writes before it.
   *
   * @param launches in order
   * @param params the parameter block that all of them read
   */
  Prepared prepare(List<Launch> launches, Buffer params);

  /** Waits until all enqueued work is done. */
  void await();

  /** Whether it can still be used: it has neither been closed nor lost. */
  boolean isOpen();

  /** Bytes now allocated. */
  long allocatedBytes();

  /** Ends the device's work and gives back all it holds. Using it afterwards is an error. */
  @Override
  void close();

  /** A piece of the device's memory; give it back by closing it, twice does no harm. */
  interface Buffer extends AutoCloseable {
    /** Its size. */
    long bytes();

    /** The device it lies on. */
    Device device();

    @Override
    void close();
  }

  /** A compiled kernel. */
  interface Kernel {
    /** What it computes. */
    Work work();

    /** How it is run, for listings: interpreted, matrix product, a hand-fused kernel's name. */
    String how();
  }

  /** A part of a buffer. */
  record Slice(Buffer buffer, long offset, long bytes) {
    public Slice {
      if (offset < 0 || bytes < 0 || offset + bytes > buffer.bytes()) {
        throw new IndexOutOfBoundsException(
            "bytes " + offset + " to " + (offset + bytes) + " of a buffer of " + buffer.bytes());
      }
    }
  }

  /** A kernel with its arguments. */
  record Launch(Kernel kernel, List<Slice> arguments) {}

  /** A prepared list of launches. */
  interface Prepared extends AutoCloseable {
    /**
     * Enqueues (or performs) all launches. Allocates nothing. Not to be called by two threads at
     * once.
     */
    void run();

    @Override
    void close();
  }

  /**
   * What a device can do.
   *
   * @param description hardware and driver, one line
   * @param memoryBytes memory that programs can use
   * @param maxBufferBytes largest single buffer
   * @param float64 whether it computes in double precision
   * @param exactFloat32 whether fma, division and square root round correctly, so that results
   *     equal the reference device's bit for bit
   * @param threads hardware threads or compute units it uses
   */
  record Limits(
      String description,
      long memoryBytes,
      long maxBufferBytes,
      boolean float64,
      boolean exactFloat32,
      int threads) {}
}
