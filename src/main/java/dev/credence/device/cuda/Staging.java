package dev.credence.device.cuda;

import java.lang.foreign.MemorySegment;
import jcuda.driver.CUstream;

/**
 * Pinned memory of the host through which all copies go. A write is copied here and enqueued, so
 * that it returns without waiting for the device and still comes after all that was enqueued
 * before; only when all slots have been used does a write wait. Small copies, such as a step's
 * parameters, have many slots of their own and make no garbage.
 */
final class Staging {
  private static final int SMALL_COUNT = 256;
  private static final long SMALL_BYTES = 16 << 10;
  private static final int LARGE_COUNT = 8;
  private static final long LARGE_BYTES = 2 << 20;

  private final CUstream stream;
  private final Driver.Pinned pinned;
  private final Slots small;
  private final Slots large;

  /** Staging for the copies of one stream. */
  Staging(CUstream stream) {
    this.stream = stream;
    pinned = Driver.allocateHost(SMALL_COUNT * SMALL_BYTES + LARGE_COUNT * LARGE_BYTES);
    small = new Slots(pinned.address(), SMALL_COUNT, SMALL_BYTES);
    large = new Slots(pinned.address() + SMALL_COUNT * SMALL_BYTES, LARGE_COUNT, LARGE_BYTES);
  }

  private static final class Slots {
    final long bytes;
    final MemorySegment memory;
    final Driver.Address[] addresses;
    int next;

    Slots(long start, int count, long bytes) {
      this.bytes = bytes;
      memory = MemorySegment.ofAddress(start).reinterpret(count * bytes);
      addresses = new Driver.Address[count];
      for (int i = 0; i < count; i++) {
        addresses[i] = new Driver.Address(start + i * bytes);
      }
    }
  }

  private Slots slotsFor(long bytes) {
    return bytes <= small.bytes ? small : large;
  }

  /** Copies host memory into a buffer. */
  void write(CudaBuffer target, long offset, MemorySegment source) {
    Slots slots = slotsFor(source.byteSize());
    for (long done = 0; done < source.byteSize(); done += slots.bytes) {
      if (slots.next == slots.addresses.length) {
        await();
      }
      long bytes = Math.min(slots.bytes, source.byteSize() - done);
      int slot = slots.next++;
      MemorySegment.copy(source, done, slots.memory, slot * slots.bytes, bytes);
      Driver.toDevice(target.at(offset + done), slots.addresses[slot], bytes, stream);
    }
  }

  /** Copies a part of a buffer to the host and waits for it. */
  void read(CudaBuffer source, long offset, MemorySegment target) {
    // A slot may still be written from: that comes earlier in the same stream.
    Slots slots = slotsFor(target.byteSize());
    long round = slots.bytes * slots.addresses.length;
    for (long begin = 0; begin < target.byteSize(); begin += round) {
      long end = Math.min(begin + round, target.byteSize());
      for (long done = begin; done < end; done += slots.bytes) {
        int slot = (int) ((done - begin) / slots.bytes);
        long bytes = Math.min(slots.bytes, end - done);
        Driver.toHost(slots.addresses[slot], source.at(offset + done), bytes, stream);
      }
      await();
      MemorySegment.copy(slots.memory, 0, target, begin, end - begin);
    }
  }

  /** Waits until every slot is free. */
  private void await() {
    Driver.await(stream);
    small.next = 0;
    large.next = 0;
  }

  void close() {
    Driver.freeHost(pinned);
  }
}
