package dev.credence.device.reference;

import dev.credence.kernel.Loop;
import dev.credence.kernel.Params;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * The arrays of a loop.
 *
 * @param types kinds and sizes
 * @param arrays the arrays themselves
 * @param params the parameter block
 */
record Memory(List<Loop.Argument> types, List<MemorySegment> arrays, MemorySegment params) {
  int paramInt(int word) {
    return params.getAtIndex(ValueLayout.JAVA_INT, word);
  }

  /** Two words, the low half first. */
  long paramLong(int word) {
    return Integer.toUnsignedLong(paramInt(word)) | (long) paramInt(word + 1) << Integer.SIZE;
  }

  float paramFloat(int word) {
    return params.getAtIndex(ValueLayout.JAVA_FLOAT, word);
  }

  void raiseFault() {
    params.setAtIndex(ValueLayout.JAVA_INT, Params.FAULT, 1);
  }
}
