package dev.credence.device.cuda;

import dev.credence.kernel.MatrixProduct;
import dev.credence.kernel.MatrixProduct.Axis;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A matrix product as BLAS has it: column by column, c = op(a) op(b), one axis of each array
 * without gaps, and a number of such products at equal distances. The outermost axis, if there are
 * two outer ones, becomes several calls.
 *
 * @param first the loop's argument that is BLAS' a, second its b, result its c
 * @param calls where in the arrays each call begins
 */
record BlasProduct(
    int first,
    int second,
    int result,
    boolean transposeA,
    boolean transposeB,
    int m,
    int n,
    int k,
    int lda,
    long strideA,
    int ldb,
    long strideB,
    int ldc,
    long strideC,
    int count,
    List<Offsets> calls) {
  /** Elements before the first one of a call. */
  record Offsets(long a, long b, long c) {}

  /** Calls from which on the loop itself is the better way. */
  private static final int MANY = 64;

  /** The product as BLAS can compute it, if it can. */
  static Optional<BlasProduct> of(MatrixProduct p) {
    // Row by row is column by column of the transposed product.
    Optional<BlasProduct> turned = of(turned(p));
    return turned.isPresent() ? turned : ofColumns(p);
  }

  /** The transposed product: the factors change places, and so do their axes. */
  private static Columns turned(MatrixProduct p) {
    return new Columns(
        p.b(),
        p.a(),
        p.c(),
        flip(p.n()),
        flip(p.m()),
        flip(p.k()),
        flip(p.batch0()),
        flip(p.batch1()));
  }

  private static Axis flip(Axis axis) {
    return new Axis(axis.extent(), axis.b(), axis.a(), axis.c());
  }

  private static Optional<BlasProduct> ofColumns(MatrixProduct p) {
    return of(new Columns(p.a(), p.b(), p.c(), p.m(), p.n(), p.k(), p.batch0(), p.batch1()));
  }

  /** A product whose result is to have no gaps along its rows. */
  private record Columns(
      MatrixProduct.Array a,
      MatrixProduct.Array b,
      MatrixProduct.Array c,
      Axis m,
      Axis n,
      Axis k,
      Axis batch0,
      Axis batch1) {}

  private static Optional<BlasProduct> of(Columns p) {
    Axis m = p.m;
    Axis n = p.n;
    Axis k = p.k;
    int a = leading(m.extent(), m.a(), k.extent(), k.a());
    int ta = leading(k.extent(), k.a(), m.extent(), m.a());
    int b = leading(k.extent(), k.b(), n.extent(), n.b());
    int tb = leading(n.extent(), n.b(), k.extent(), k.b());
    int c = leading(m.extent(), m.c(), n.extent(), n.c());
    Axis outer = p.batch0.extent() <= p.batch1.extent() ? p.batch0 : p.batch1;
    Axis inner = outer == p.batch0 ? p.batch1 : p.batch0;
    boolean known = Math.max(a, ta) > 0 && Math.max(b, tb) > 0 && c > 0;
    boolean apart = inner.extent() == 1 || inner.c() > 0;
    if (!known || !apart || outer.extent() > MANY) {
      return Optional.empty();
    }
    List<Offsets> calls = new ArrayList<>();
    for (int i = 0; i < outer.extent(); i++) {
      calls.add(
          new Offsets(
              p.a.first() + i * outer.a(),
              p.b.first() + i * outer.b(),
              p.c.first() + i * outer.c()));
    }
    return Optional.of(
        new BlasProduct(
            p.a.argument(),
            p.b.argument(),
            p.c.argument(),
            a == 0,
            b == 0,
            (int) m.extent(),
            (int) n.extent(),
            (int) k.extent(),
            a == 0 ? ta : a,
            inner.a(),
            b == 0 ? tb : b,
            inner.b(),
            c,
            inner.c(),
            (int) inner.extent(),
            List.copyOf(calls)));
  }

  /**
   * The leading dimension of a matrix whose columns run along the fast axis; 0 if it has gaps
   * within them, or columns that share elements.
   */
  private static int leading(long fast, long fastStride, long slow, long slowStride) {
    if (fast != 1 && fastStride != 1) {
      return 0;
    }
    long leading = slow == 1 ? fast : slowStride;
    return leading >= fast && leading <= Integer.MAX_VALUE ? (int) leading : 0;
  }
}
