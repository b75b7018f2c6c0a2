package dev.credence.run;

import dev.credence.device.Device;
import dev.credence.run.EveryDevice.Setup;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * A member of every family at the sizes where blocks, lanes and tiles begin and end, the bits being
 * those of the reference device unfused.
 */
class SizesTest {
  private static final int[] SIZES = {0, 1, 7, 8, 63, 64, 65, 4095, 4096, 4097};

  /** Sizes for a device that takes its time to compile. */
  private static final List<Integer> FEW = List.of(0, 1, 65, 4097);

  /** Too many to be worth the reference device's time more than once. */
  private static final int PRIME = 1_000_003;

  private static final int TABLE = 5;
  private static final Key KEY = Key.ROOT.split("sizes");

  private static final Map<Integer, Map<String, HostArray>> WANTED = new HashMap<>();

  @TestFactory
  Stream<DynamicTest> sameOnEveryDevice() {
    return Stream.concat(java.util.Arrays.stream(SIZES).boxed(), Stream.of(PRIME))
        .flatMap(
            n ->
                EveryDevice.all().stream()
                    .filter(setup -> n != PRIME || !setup.name().equals("reference"))
                    .filter(setup -> setup.compilesAtOnce() || FEW.contains(n))
                    .map(
                        setup ->
                            DynamicTest.dynamicTest(
                                n + " elements on " + setup, () -> compare(n, setup))));
  }

  private static void compare(int n, Setup setup) {
    Device device = setup.open();
    Map<String, HostArray> wanted =
        WANTED.computeIfAbsent(n, size -> run(size, EveryDevice.REFERENCE, false));
    boolean once = n == PRIME || !setup.compilesAtOnce();
    for (boolean fuse : once ? List.of(true) : List.of(true, false)) {
      Same.as(wanted, run(n, device, fuse), device, fuse ? "fused" : "unfused");
    }
  }

  private static Map<String, Tensor> family(int n) {
    Tensor x = Tensor.input("x", TensorType.of(DType.FLOAT32, n));
    Tensor i = Tensor.input("i", TensorType.of(DType.INT32, n));
    Tensor b = Tensor.input("b", TensorType.of(DType.BOOL, n));
    Tensor table = Tensor.literal(TensorType.of(DType.FLOAT32, TABLE), 1, -2, 0.5, 3, -0.1);
    Tensor rows = Tensor.stack(0, x, x.square(), x.neg());
    Tensor columns = rows.transpose();
    Map<String, Tensor> family = new LinkedHashMap<>();
    family.put("pointwise", x.softplus().mul(x.sin()).add(1));
    family.put("whole numbers", i.mul(7).div(3).sub(i.square()));
    family.put("truth values", x.less(0.5).and(b).or(i.equal(2)));
    family.put("select", b.select(x, x.exp()));
    family.put("sum", x.sumAll());
    family.put("sum of rows", rows.sum(1));
    family.put("sum of columns", columns.sum(0));
    family.put("sum of short rows", columns.sum(1));
    family.put("sum of whole numbers", i.sumAll());
    if (n > 0) {
      family.put("max", x.max(0));
      family.put("argmin", i.argmin(0));
      family.put("argmax of rows", rows.argmax(1));
      family.put("softmax", rows.softmax(1));
    }
    family.put("softmax of short rows", columns.softmax(1));
    family.put("flip", x.flip(0));
    family.put("pad", x.pad(0, 1, 2, 1, -1));
    family.put("slice", x.slice(0, 0, (n + 2) / 3, 3));
    family.put("concat", Tensor.concat(0, x, table, x));
    family.put("transpose", columns.mul(2));
    family.put("take", table.take(i, 0));
    family.put("take along", rows.takeAlong(i.remainder(3).reshape(1, n), 0));
    family.put("scatter", Tensor.of(new dev.credence.tensor.Reduce.ScatterAdd(0, TABLE), x, i));
    family.put("long product", rows.matmul(columns));
    family.put("wide product", columns.matmul(rows.slice(1, 0, Math.min(n, 2))));
    family.put("dot", Tensor.einsum("i,i->", x, x));
    family.put("normal", Tensor.normal(KEY.split("normal"), n));
    family.put("weighted noise", Tensor.normal(KEY.split("weights"), n).mul(x).add(1));
    family.put("mask", Tensor.bernoulli(KEY.split("mask"), 0.25, n));
    family.put("uniform of short rows", Tensor.uniform(KEY.split("uniform"), n, 3).sum(1));
    return family;
  }

  private static Map<String, HostArray> run(int n, Device device, boolean fuse) {
    Map<String, Tensor> family = family(n);
    Program.Builder builder = Program.on(device).fuse(fuse);
    family.forEach(builder::output);
    Random random = new Random(n);
    try (Program program = builder.build()) {
      program.seed(5).step(3).firstRow(1);
      set(program, "x", DType.FLOAT32, random.doubles(n, -3, 3).toArray());
      set(program, "i", DType.INT32, random.ints(n, 0, TABLE).asDoubleStream().toArray());
      set(program, "b", DType.BOOL, random.ints(n, 0, 2).asDoubleStream().toArray());
      program.run();
      Map<String, HostArray> results = new LinkedHashMap<>();
      family.keySet().forEach(name -> results.put(name, program.get(name)));
      return results;
    }
  }

  private static void set(Program program, String name, DType kind, double[] numbers) {
    program.set(name, Traced.array(kind, numbers));
  }
}
