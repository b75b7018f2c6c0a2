package dev.credence.device.cpu;

import dev.credence.device.Device;
import dev.credence.device.cpu.BlockProgram.Fused;
import dev.credence.device.cpu.BlockProgram.Step;
import dev.credence.kernel.ChainProduct;
import dev.credence.kernel.Loop;
import dev.credence.kernel.MatrixProduct;
import dev.credence.kernel.Routine;
import dev.credence.kernel.Work;
import dev.credence.type.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A loop or routine compiled for the CPU.
 *
 * @param work what is computed
 * @param passes what is run, one after the other
 * @param scratch arrays that the passes share, numbered on from the loop's arguments
 */
record CpuKernel(Work work, List<Pass> passes, List<Loop.Argument> scratch)
    implements Device.Kernel {
  /** About what the caches hold. */
  private static final long FAR_BYTES = 32L << 20;

  /** One native call, or one run of the pool. */
  sealed interface Pass {}

  /** A matrix product. */
  record Product(MatrixProduct product) implements Pass {}

  /** A sum of products over several axes: a convolution. */
  record Chain(ChainProduct product) implements Pass {}

  /** The same with a factor that is 0 outside its array. */
  record Padded(PaddedProduct product) implements Pass {}

  /** A routine, written in C. */
  record Written(Routine routine) implements Pass {}

  /**
   * A program of the block interpreter.
   *
   * @param apart for arrays that share no memory
   * @param shared for arrays written that share memory with arrays read
   */
  record Blocks(BlockProgram apart, BlockProgram shared) implements Pass {}

  static CpuKernel compile(Routine routine, NativeLibrary library) {
    refuseFloat64(routine);
    if (!library.has(entry(routine))) {
      throw new UnsupportedOperationException(
          "The CPU device knows no routine " + routine.name() + ".");
    }
    return new CpuKernel(routine, List.of(new Written(routine)), List.of());
  }

  /** The C function that runs a routine over a range of its items. */
  static String entry(Routine routine) {
    return "cr_" + routine.name() + "_items";
  }

  private static void refuseFloat64(Work work) {
    for (Loop.Argument argument : work.arguments()) {
      if (argument.type() == DType.FLOAT64) {
        throw BlockSteps.unsupported(DType.FLOAT64);
      }
    }
  }

  static CpuKernel compile(Loop loop, BlockWords words, int threads) {
    refuseFloat64(loop);
    List<Pass> passes = new ArrayList<>();
    List<Loop.Argument> arguments = loop.arguments();
    for (LoopPasses.Pass pass : LoopPasses.of(loop, threads)) {
      Loop part = Tiling.of(pass.loop());
      arguments = part.arguments();
      Optional<Pass> product = product(part);
      if (product.isPresent()) {
        passes.add(product.get());
      } else if (part.extent() > 0) {
        BlockLayout layout = BlockLayout.of(part, threads, pass.split(), streamBytes(loop));
        passes.add(
            new Blocks(
                BlockCompiler.compile(part, layout, words, pass.tiles(), true),
                BlockCompiler.compile(part, layout, words, pass.tiles(), false)));
      }
    }
    int own = loop.arguments().size();
    return new CpuKernel(
        loop, List.copyOf(passes), List.copyOf(arguments.subList(own, arguments.size())));
  }

  /** The product that a loop is, if it is one that C has a kernel for. */
  static Optional<Pass> product(Loop loop) {
    Optional<ChainProduct> chain = ChainProduct.of(loop);
    Optional<Pass> matrix = chain.flatMap(MatrixProduct::of).map(Product::new);
    return matrix
        .or(() -> chain.filter(ConvDescriptor::holds).map(Chain::new))
        .or(() -> PaddedProduct.of(loop).map(Padded::new));
  }

  /**
   * The size from which on an array written goes past the caches: any but a small one, if the loop
   * moves more than the caches hold.
   */
  private static long streamBytes(Loop loop) {
    return loop.bytes() < FAR_BYTES ? Long.MAX_VALUE : FAR_BYTES / 32;
  }

  @Override
  public String how() {
    if (work instanceof Routine) {
      return "written in C";
    }
    if (passes.size() == 1 && passes.get(0) instanceof Product only) {
      return "matrix product " + only.product().shape();
    }
    if (passes.stream().anyMatch(p -> p instanceof Chain || p instanceof Padded)) {
      return passes.size() == 1 ? "convolution" : "convolution in " + passes.size() + " passes";
    }
    if (passes.stream().anyMatch(p -> p instanceof Product)) {
      return "matrix product in " + passes.size() + " passes";
    }
    List<String> bodies = passes.stream().flatMap(CpuKernel::bodies).distinct().toList();
    String how = bodies.isEmpty() ? "interpreted" : "fused " + String.join(", ", bodies);
    return passes.size() < 2 ? how : how + " in " + passes.size() + " passes";
  }

  private static Stream<String> bodies(Pass pass) {
    return pass instanceof Blocks blocks
        ? blocks.apart.steps().stream().map(Step::more).mapMulti(CpuKernel::name)
        : Stream.of();
  }

  private static void name(@Nullable Object more, Consumer<String> take) {
    if (more instanceof Fused fused) {
      take.accept(fused.name());
    }
  }
}
