package dev.credence.benchmarks;

import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasTrans;

import java.util.SplittableRandom;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas;
import org.jspecify.annotations.Nullable;

/** Matrix products by OpenBLAS, in a process of their own. */
final class OpenBlas implements Task {
  private final Product shape;
  private final FloatPointer a;
  private final FloatPointer b;
  private final FloatPointer c;

  private OpenBlas(Product shape) {
    this.shape = shape;
    SplittableRandom random = new SplittableRandom(1);
    a = filled(random, (long) shape.m() * shape.k());
    b = filled(random, (long) shape.k() * shape.n());
    c = filled(random, (long) shape.m() * shape.n());
  }

  private static FloatPointer filled(SplittableRandom random, long size) {
    FloatPointer array = new FloatPointer(size);
    for (long i = 0; i < size; i++) {
      array.put(i, (float) random.nextGaussian());
    }
    return array;
  }

  public static void main(String[] args) throws Exception {
    openblas.blas_set_num_threads(Integer.parseInt(args[0]));
    Server.serve(OpenBlas::open);
  }

  private static @Nullable Task open(String id) {
    return id.startsWith("product:")
        ? new OpenBlas(Product.parse(id.substring("product:".length())))
        : null;
  }

  @Override
  public void run() {
    openblas.cblas_sgemm(
        CblasRowMajor,
        shape.transposedA() ? CblasTrans : CblasNoTrans,
        shape.transposedB() ? CblasTrans : CblasNoTrans,
        shape.m(),
        shape.n(),
        shape.k(),
        1,
        a,
        shape.transposedA() ? shape.m() : shape.k(),
        b,
        shape.transposedB() ? shape.k() : shape.n(),
        0,
        c,
        shape.n());
  }

  @Override
  public String verify() {
    run();
    return shape.check(read(a), read(b), read(c));
  }

  private static float[] read(FloatPointer array) {
    float[] values = new float[(int) array.capacity()];
    array.position(0).get(values);
    return values;
  }

  @Override
  public void close() {
    a.close();
    b.close();
    c.close();
  }
}
