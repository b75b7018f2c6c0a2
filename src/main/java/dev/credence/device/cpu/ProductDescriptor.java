package dev.credence.device.cpu;

import dev.credence.kernel.MatrixProduct.Array;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * A sum of products as C reads it: the addresses of its two factors, its result and some scratch
 * memory, then what is to be done, then what C has planned: how many parts there are and how many
 * bytes of scratch memory each needs come first.
 */
final class ProductDescriptor {
  private static final int ARRAYS = 3;

  /** The word after the addresses. */
  static final int FIRST = ARRAYS + 1;

  private final String entry;
  private final List<Array> arrays;
  private final int plan;
  private final MemorySegment words;
  private boolean alone;

  /**
   * A descriptor without addresses and plan.
   *
   * @param entry the function in C; the one that plans has the same name and _plan after it
   * @param a the first factor
   * @param b the second factor
   * @param c the result
   * @param plan the word where the plan begins
   * @param planWords how many words it has
   */
  ProductDescriptor(Arena arena, String entry, Array a, Array b, Array c, int plan, int planWords) {
    this.entry = entry;
    this.arrays = List.of(a, b, c);
    this.plan = plan;
    this.words = arena.allocate(8L * (plan + planWords), 64);
  }

  void set(int word, long value) {
    words.setAtIndex(ValueLayout.JAVA_LONG, word, value);
  }

  /** Has C plan for some threads. */
  ProductDescriptor planned(NativeLibrary library, int threads) {
    alone = threads == 1;
    NativeLibrary.call(library.address(entry + "_plan"), words.address(), threads, 0);
    return this;
  }

  long scratchBytes() {
    return parts() * words.getAtIndex(ValueLayout.JAVA_LONG, plan + 1);
  }

  private long parts() {
    return words.getAtIndex(ValueLayout.JAVA_LONG, plan);
  }

  /**
   * The call that computes it.
   *
   * @param arguments addresses of the kernel's arguments
   * @param scratch address of {@link #scratchBytes} bytes
   */
  CpuPrepared.Call call(NativeLibrary library, long[] arguments, long scratch) {
    for (int i = 0; i < ARRAYS; i++) {
      Array array = arrays.get(i);
      set(i, arguments[array.argument()] + Float.BYTES * array.first());
    }
    set(ARRAYS, scratch);
    return new CpuPrepared.Call(
        library.address(entry), words.address(), alone ? -parts() : parts());
  }
}
