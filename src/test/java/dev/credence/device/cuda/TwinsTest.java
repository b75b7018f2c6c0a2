package dev.credence.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.device.Device;
import dev.credence.device.reference.ReferenceDevice;
import dev.credence.grad.Gradients;
import dev.credence.kernel.Loop;
import dev.credence.kernel.SplitFolds;
import dev.credence.kernel.WarpSource;
import dev.credence.kernel.WideSource;
import dev.credence.nn.Dropout;
import dev.credence.run.Program;
import dev.credence.run.State;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The kernels of Bayesian deep learning are found by their structure: each becomes one walk over
 * its arrays, by 16 bytes a load and a store, which NVIDIA's compiler shows in its intermediate
 * code.
 */
class TwinsTest {
  private static final int SIZE = 1 << 16;

  @TempDir private Path folder;

  private record Two(Tensor a, Tensor b) {}

  private record Three(Tensor a, Tensor b, Tensor c) {}

  /** The loops of a program. */
  private static <T> List<Loop> loops(
      T tree, BiFunction<Program.Builder, T, Program.Builder> fill) {
    List<Loop> loops = new ArrayList<>();
    try (ReferenceDevice reference = new ReferenceDevice()) {
      Device device =
          (Device)
              Proxy.newProxyInstance(
                  TwinsTest.class.getClassLoader(),
                  new Class<?>[] {Device.class},
                  (proxy, method, arguments) -> {
                    if (method.getName().equals("compile") && arguments[0] instanceof Loop loop) {
                      loops.add(loop);
                    }
                    try {
                      return method.invoke(reference, arguments);
                    } catch (InvocationTargetException e) {
                      throw e.getCause();
                    }
                  });
      try (State<T> state = State.of(device, 1, tree);
          Program program = fill.apply(Program.on(device, state), state.tree()).build()) {
        assertTrue(program.launches() > 0);
      }
    }
    // A state is made by programs too; the last loops are the program's own.
    return loops;
  }

  private static Loop last(List<Loop> loops, int ofAll) {
    return loops.get(loops.size() - ofAll);
  }

  /** The loop in fours, which it must be. */
  private static String wide(Loop loop) {
    return WideSource.of(loop, "k").orElseThrow(() -> new AssertionError(loop)).text();
  }

  /**
   * How often the compiler's intermediate code has an instruction. Its machine code keeps nothing
   * in memory, and has room for the groups that the device launches.
   */
  private void moves(String what, String source, int loads, int stores) throws Exception {
    String ptx = Nvcc.ptx(folder, source);
    assertEquals(loads, count(ptx, "ld\\.global(\\.nc)?\\.v4\\.(f32|u32|b32)"), what + " loads");
    assertEquals(stores, count(ptx, "st\\.global\\.v4\\.(f32|u32|b32)"), what + " stores");
    Nvcc.usage(folder, source).forEach((name, used) -> used.check(what + " " + name, 256));
  }

  private static int count(String text, String pattern) {
    return (int) Pattern.compile(pattern).matcher(text).results().count();
  }

  private static Tensor fill(double value, int... dims) {
    return Tensor.fill(value, TensorType.of(DType.FLOAT32, dims));
  }

  private static Tensor sigma(Tensor rho) {
    return rho.softplus();
  }

  private static Two weights() {
    return new Two(fill(0, SIZE), fill(-2, SIZE));
  }

  /** w = mu + softplus(rho) eps: 12 bytes an element, four blocks of noise for 16 elements. */
  @Test
  void sampledWeights() throws Exception {
    List<Loop> loops =
        loops(
            weights(),
            (p, t) -> p.output("w", t.a().add(sigma(t.b()).mul(Tensor.normal(Key.ROOT, SIZE)))));
    moves("sampled weights", wide(last(loops, 1)), 2 * 4, 4);
  }

  /** The divergence with both gradients in one walk: 16 bytes an element. */
  @Test
  void divergenceWithBothGradients() throws Exception {
    List<Loop> loops =
        loops(
            weights(),
            (p, t) -> {
              Tensor s = sigma(t.b());
              Tensor kl = s.mul(s).add(t.a().mul(t.a())).sub(1).mul(0.5).sub(s.log()).sumAll();
              List<Tensor> g = Gradients.of(kl, List.of(t.a(), t.b()));
              return p.output("kl", kl).output("mu", g.get(0)).output("rho", g.get(1));
            });
    Loop whole = last(loops, 1);
    SplitFolds split = SplitFolds.of(whole, 132);
    assertEquals(2, split.loops().size(), whole.toString());
    String source =
        WideSource.ofTiles(split.loops().get(0), "k")
            .orElseThrow(() -> new AssertionError(whole))
            .text();
    moves("divergence", source, 2 * 4, 2 * 4);
  }

  /** Gaussian noise alone. */
  @Test
  void gaussianSampling() throws Exception {
    List<Loop> loops =
        loops(weights(), (p, t) -> p.output("e", Tensor.normal(Key.ROOT, SIZE).add(0)));
    moves("noise", wide(last(loops, 1)), 0, 4);
  }

  /** A mask is drawn where it is used, and never stored. */
  @Test
  void masksForwardAndBackward() throws Exception {
    List<Loop> loops =
        loops(
            weights(),
            (p, t) -> {
              Tensor y = Dropout.apply(t.a(), 0.5, Key.ROOT);
              Tensor dx = Gradients.of(y.mul(t.b()).sumAll(), List.of(t.a())).get(0);
              return p.output("y", y).output("dx", dx);
            });
    for (Loop loop : loops) {
      assertTrue(loop.arguments().stream().noneMatch(a -> a.type().bytes() == 1), loop::toString);
    }
    // Here both directions are known at once, and one walk draws the mask for both.
    Loop mask = last(loops, 1);
    int written = (int) mask.arguments().stream().filter(Loop.Argument::written).count();
    assertEquals(4, mask.arguments().size(), mask::toString);
    moves("mask", wide(mask), 4 * (4 - written), 4 * written);
  }

  /** The update of a mean-field weight: its noise drawn again, the divergence's gradient added. */
  @Test
  void updateThatDrawsAgain() throws Exception {
    Three tree = new Three(fill(0, SIZE), fill(-2, SIZE), fill(0.1, SIZE));
    List<Loop> loops =
        loops(
            tree,
            (p, t) -> {
              Tensor noise = Tensor.normal(Key.ROOT, SIZE);
              Tensor mu = t.a().sub(t.c().add(t.a().mul(1e-3)).mul(0.1));
              Tensor rho = t.b().sub(t.c().mul(noise).add(sigma(t.b())).mul(0.1));
              return p.update(t.a(), mu).update(t.b(), rho);
            });
    moves("update", wide(last(loops, 1)), 3 * 4, 2 * 4);
  }

  /** The softmax of rows with its loss: one team of a warp a row, all walks in one kernel. */
  @Test
  void softmaxOfRowsWithLoss() throws Exception {
    List<Loop> loops =
        loops(
            new Two(fill(0, 128, 10), fill(1, 128, 10)),
            (p, t) -> {
              Tensor loss = t.a().logSoftmax(1).mul(t.b()).sumAll().neg();
              return p.output("loss", loss).output("g", Gradients.of(loss, List.of(t.a())).get(0));
            });
    List<String> rows =
        loops.stream()
            .filter(loop -> loop.kept().equals(List.of(128)))
            .map(loop -> WarpSource.of(loop, "k").orElseThrow().text())
            .toList();
    assertTrue(!rows.isEmpty());
    for (String source : rows) {
      assertTrue(!source.contains("CR_BARRIER"), source);
      assertTrue(count(Nvcc.ptx(folder, source), "shfl\\.sync") >= 4);
    }
  }
}
