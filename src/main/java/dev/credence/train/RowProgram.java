package dev.credence.train;

import dev.credence.run.Program;
import dev.credence.run.State;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * A function of rows over some weights, compiled once for blocks of rows and applied to tables of
 * any length. What it draws follows a row's number in the table, not in the block.
 */
final class RowProgram implements AutoCloseable {
  private final Program program;
  private final int[] widths;
  private final int block;
  private final int out;

  /**
   * Compiles.
   *
   * @param block rows of a run
   * @param widths of the tables that are read side by side
   * @param body from float32 tensors of shape (block, width) to one of shape (block, ..)
   */
  RowProgram(
      State<?> weights, long seed, int block, int[] widths, Function<Tensor[], Tensor> body) {
    this.block = block;
    this.widths = widths.clone();
    Tensor[] inputs = new Tensor[widths.length];
    for (int i = 0; i < widths.length; i++) {
      inputs[i] = Tensor.input("table " + i, TensorType.of(DType.FLOAT32, block, widths[i]));
    }
    Tensor result = body.apply(inputs);
    this.out = result.shape().size() / block;
    this.program =
        Program.on(weights.device(), weights).output("result", result).build().seed(seed);
  }

  /** The program, to set its numbers. */
  Program program() {
    return program;
  }

  /** The results, one row a row. */
  float[][] apply(float[][]... tables) {
    int rows = tables[0].length;
    float[][] results = new float[rows][];
    List<String> known = program.inputs();
    float[] flat = new float[block * out];
    for (int from = 0; from < rows; from += block) {
      int to = Math.min(rows, from + block);
      for (int t = 0; t < widths.length; t++) {
        if (known.contains("table " + t)) {
          program.set("table " + t, flat(tables[t], from, to, widths[t]));
        }
      }
      program.firstRow(from);
      program.run();
      program.get("result", flat);
      for (int i = from; i < to; i++) {
        results[i] = Arrays.copyOfRange(flat, (i - from) * out, (i - from + 1) * out);
      }
    }
    return results;
  }

  /** The results of a function that gives one number a row. */
  float[] column(float[][]... tables) {
    float[][] results = apply(tables);
    float[] column = new float[results.length];
    for (int i = 0; i < column.length; i++) {
      column[i] = results[i][0];
    }
    return column;
  }

  /** Rows one after the other, and zeros up to a block. */
  private float[] flat(float[][] table, int from, int to, int width) {
    float[] flat = new float[block * width];
    for (int i = from; i < to; i++) {
      System.arraycopy(table[i], 0, flat, (i - from) * width, width);
    }
    return flat;
  }

  @Override
  public void close() {
    program.close();
  }
}
