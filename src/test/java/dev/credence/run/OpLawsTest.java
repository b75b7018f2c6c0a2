package dev.credence.run;

import dev.credence.device.Device;
import dev.credence.run.EveryDevice.Setup;
import dev.credence.tensor.Example;
import dev.credence.tensor.OpExamples;
import dev.credence.type.DType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every op on every device, fused and not: values, gradients and gradients of gradients have the
 * bits that the reference device gives one op at a time. Where kernels take long to compile, values
 * and gradients of fused programs alone.
 */
class OpLawsTest {
  private static final Map<Example, Map<String, HostArray>> WANTED = new HashMap<>();

  @TestFactory
  Stream<DynamicTest> sameOnEveryDevice() {
    return EveryDevice.all().stream()
        .flatMap(
            setup ->
                OpExamples.all().stream()
                    .map(
                        example ->
                            DynamicTest.dynamicTest(
                                example + " on " + setup, () -> compare(example, setup))));
  }

  private static void compare(Example example, Setup setup) {
    Device device = setup.open();
    boolean all = setup.compilesAtOnce();
    Map<String, HostArray> wanted =
        new HashMap<>(
            WANTED.computeIfAbsent(example, e -> run(e, EveryDevice.REFERENCE, false, true)));
    if (!all) {
      wanted
          .keySet()
          .removeIf(name -> name.startsWith("second") || name.startsWith("functional of"));
    }
    for (boolean fuse : all ? List.of(false, true) : List.of(true)) {
      Same.as(wanted, run(example, device, fuse, all), device, fuse ? "fused" : "unfused");
    }
  }

  private static Map<String, HostArray> run(
      Example example, Device device, boolean fuse, boolean second) {
    try (Traced traced = new Traced(example, device, DType.FLOAT32, fuse, second)) {
      return traced.run();
    }
  }
}
