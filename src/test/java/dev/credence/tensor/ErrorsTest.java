package dev.credence.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import example.Mistakes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What cannot be is refused where it is written, by a sentence that says all there is to know. */
class ErrorsTest {
  private static final String WANTED =
      """
      add of [float32[2, 3], float32[4]]: shapes [2, 3] and [4] do not broadcast (at HERE)
      mul of [float32[2, 3], int32[2, 3]]: operands differ: float32[2, 3] and int32[2, 3] (at HERE)
      less of [float32[2, 3], bool[2, 3]]: operands differ: float32[2, 3] and bool[2, 3] (at HERE)
      exp of [int32[2, 3]]: operand is a floating-point number, not int32; cast first (at HERE)
      neg of [bool[2, 3]]: operands are numbers, not bool; cast or select first (at HERE)
      not of [float32[2, 3]]: operands are bool, not float32 (at HERE)
      select of [float32[2, 3], float32[2, 3], float32[2, 3]]: the condition is bool[2, 3], not \
      float32[2, 3] (at HERE)
      sum of [float32[2, 3]]: shape [2, 3] has no axis 2 (at HERE)
      max of [float32[2, 3]]: an axis occurs twice (at HERE)
      sum of [bool[2, 3]]: operand is a number, not bool; cast first (at HERE)
      max of [float32[2, 0]]: nothing to choose from: axes [1] of [2, 0] are empty (at HERE)
      reshape of [float32[2, 3]]: [2, 3] has 6 elements and [4, 2] has 8 (at HERE)
      reshape of [float32[2, 3]]: shape [2, 3] does not fit [-1, 4] (at HERE)
      permute of [float32[2, 3]]: [0, 0] is not an order of the axes of [2, 3] (at HERE)
      broadcast of [float32[2, 3]]: shape [2, 3] does not broadcast to [3, 2] (at HERE)
      slice of [float32[2, 3]]: 3 elements from 2 in steps of 1 do not lie in axis 1 of [2, 3] \
      (at HERE)
      pad of [float32[2, 3]]: padding is not negative, but -1, 0, 0 was given (at HERE)
      concat of [float32[2, 3], float32[2, 4]]: operands differ beside axis 0: float32[2, 3] and \
      float32[2, 4] (at HERE)
      slide of [float32[2, 3, 4]]: 1 windows of 4 (stride 1, dilation 1) do not lie in 3 \
      elements (at HERE)
      take of [float32[2, 3], float32[2, 3]]: the index is int32, not float32[2, 3] (at HERE)
      takeAlong of [float32[2, 3], int32[3, 3]]: index [3, 3] differs from [2, 3] beside axis 1 \
      (at HERE)
      matmul of [float32[2, 3], float32[4, 5]]: shapes [2, 3] and [4, 5] are not [.., m, k] and \
      [.., k, n] (at HERE)
      einsum of [int32[2, 3], int32[3, 2]]: operands are of one floating-point type, not \
      int32[2, 3] and int32[3, 2] (at HERE)
      einsum of [float32[2, 3], float32[4, 5]]: shapes [2, 3] and [4, 5] do not fit: axis b of \
      ab,bc->ac is 3 and 4 (at HERE)
      einsum of [float32[2, 3], float32[2, 3]]: an equation reads ab,bc->ac, not ab,bc (at HERE)
      convolution of float32[1, 3, 8, 8] with float32[4, 2, 3, 3]: images are [N, C, H, W] and \
      filters [O, C / groups, KH, KW] (at HERE)
      convolve of [float32[1, 1, 3, 8, 8], float32[1, 4, 3, 9, 9]]: a filter of 9 (dilation 1) \
      does not fit into 8 padded elements (at HERE)
      pooling of float32[2, 3]: images are [N, C, H, W] (at HERE)
      cholesky of [float32[2, 3]]: operand is a batch of square matrices, not float32[2, 3] (at \
      HERE)
      triangularSolve of [float32[3, 3], float32[2, 3]]: matrices [3, 3] and right-hand sides \
      [2, 3] do not fit (at HERE)
      literal of []: 3 values do not fill float32[2] (at HERE)
      bernoulli of []: a probability lies between 0 and 1, but 1.5 was given (at HERE)
      mul of [float32[65536, 1], float32[32768]]: shape [65536, 32768] has 2^31 elements or \
      more; split it into smaller arrays (at HERE)
      a gradient is that of a floating-point scalar, not of float32[2, 3]; sum or average it \
      first (at THERE)
      integers and truth values have no gradient, but one with respect to int32[2, 3] was asked \
      for (made at THERE)
      add of [float32[2, 3], float32[4]]: shapes [2, 3] and [4] do not broadcast (at HERE in \
      encoder.layers.0)
      """;

  @Test
  void mistakesAreNamedWithTheirLine() {
    List<String> messages = new ArrayList<>();
    for (Runnable mistake : Mistakes.all()) {
      IllegalArgumentException e = assertThrows(IllegalArgumentException.class, mistake::run);
      messages.add(named(e));
    }
    assertEquals(WANTED, String.join("\n", messages) + "\n");
  }

  /** The message; HERE is the line that threw, THERE the line that made an operand of it. */
  private static String named(Throwable e) {
    return String.valueOf(e.getMessage())
        .replace("at " + line(e), "at HERE")
        .replaceAll("at Mistakes.java:\\d+", "at THERE");
  }

  /** The first line of the stack that is the user's. */
  private static String line(Throwable e) {
    return Arrays.stream(e.getStackTrace())
        .filter(frame -> frame.getClassName().startsWith("example."))
        .findFirst()
        .map(frame -> frame.getFileName() + ":" + frame.getLineNumber())
        .orElseThrow();
  }
}
