package dev.credence.device.reference;

import dev.credence.type.DType;

/**
 * One value at each point of a block. Only the array of its type has room; truth values are the
 * integers 0 and 1.
 */
final class Column {
  final DType type;
  final float[] floats;
  final double[] doubles;
  final int[] ints;

  Column(DType type) {
    this.type = type;
    floats = new float[type == DType.FLOAT32 ? Points.MOST : 0];
    doubles = new double[type == DType.FLOAT64 ? Points.MOST : 0];
    ints = new int[type == DType.INT32 || type == DType.BOOL ? Points.MOST : 0];
  }
}
