package dev.credence.device.opencl;

import dev.credence.device.Device;
import dev.credence.kernel.LaneSource;
import dev.credence.kernel.Loop;
import dev.credence.kernel.LoopSource;
import dev.credence.kernel.PackedArrays;
import dev.credence.kernel.Routine;
import dev.credence.kernel.SplitFolds;
import dev.credence.kernel.WarpSource;
import dev.credence.kernel.WideSource;
import dev.credence.kernel.Work;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Work compiled for an OpenCL device.
 *
 * @param work what it computes
 * @param stages what is enqueued, one after the other
 * @param scratch arrays that the stages share, numbered on from the work's arguments
 */
record OpenClKernel(Work work, List<Stage> stages, List<Loop.Argument> scratch)
    implements Device.Kernel {
  /**
   * A kernel of a program. It takes the parameter block, the arrays with the element at which each
   * begins, and some numbers.
   *
   * @param source what it is built from
   * @param how the way it works, for listings
   * @param groups work groups
   * @param groupSize work items in a group
   * @param arrays what it is given
   * @param numbers more 64-bit arguments
   */
  record Stage(
      Programs.Source source,
      String how,
      long groups,
      int groupSize,
      List<Part> arrays,
      List<Long> numbers) {
    /** The same with its arrays numbered otherwise. */
    Stage with(List<Integer> numbering) {
      return new Stage(
          source,
          how,
          groups,
          groupSize,
          arrays.stream().map(p -> new Part(numbering.get(p.argument), p.first)).toList(),
          numbers);
    }
  }

  /** A kernel's name before it has one. */
  private static final String SYMBOL = "cr_kernel";

  /** An array of 32-bit words that a group shares. */
  private static final Pattern LOCAL = Pattern.compile("CR_LOCAL [\\w ]+\\[(\\d+)\\];");

  /** An argument of the work from some element on. */
  record Part(int argument, long first) {}

  static OpenClKernel compile(Work work, Hardware hardware, Programs programs, Products products) {
    return switch (work) {
      case Loop loop -> ofLoop(loop, hardware, programs, products);
      case Routine routine -> ofRoutine(routine, hardware, programs);
    };
  }

  private static OpenClKernel ofRoutine(Routine routine, Hardware hardware, Programs programs) {
    if (!Programs.has("cr_" + routine.name())) {
      throw new UnsupportedOperationException(
          "The OpenCL device has no routine " + routine.name() + ".");
    }
    return new OpenClKernel(routine, List.of(generated(routine, hardware, programs)), List.of());
  }

  private static OpenClKernel ofLoop(
      Loop loop, Hardware hardware, Programs programs, Products products) {
    Optional<PackedArrays> packed = PackedArrays.of(loop, mostArrays(hardware));
    if (packed.isPresent()) {
      return ofPacked(loop, packed.get(), hardware, programs, products);
    }
    SplitFolds parts = SplitFolds.of(loop, hardware.limits().threads());
    Optional<List<Loop>> padded = products.padded(loop);
    List<Loop> loops = padded.orElse(parts.loops());
    List<Stage> stages = new ArrayList<>();
    for (Loop part : loops) {
      stages.add(products.find(part).orElseGet(() -> generated(part, hardware, programs)));
    }
    List<Loop.Argument> all = loops.getLast().arguments();
    List<Loop.Argument> scratch =
        padded.isPresent() ? all.subList(loop.arguments().size(), all.size()) : parts.scratch();
    return new OpenClKernel(loop, stages, scratch);
  }

  /** Arrays of which a kernel may take two words each, beside the parameter block. */
  private static int mostArrays(Hardware hardware) {
    return (int) Math.min(hardware.argumentBytes() / (2 * Long.BYTES) - 1, Integer.MAX_VALUE);
  }

  /** A loop of many arrays by the kernels of its parts. */
  private static OpenClKernel ofPacked(
      Loop loop, PackedArrays packed, Hardware hardware, Programs programs, Products products) {
    List<Stage> stages = new ArrayList<>();
    List<Loop.Argument> scratch = new ArrayList<>(packed.scratch());
    for (PackedArrays.Part part : packed.parts()) {
      OpenClKernel kernel = ofLoop(part.loop(), hardware, programs, products);
      // The part's own arrays are the whole's or packed ones, and its scratch comes after these.
      List<Integer> arrays = new ArrayList<>(part.arrays());
      for (Loop.Argument more : kernel.scratch) {
        arrays.add(loop.arguments().size() + scratch.size());
        scratch.add(more);
      }
      kernel.stages.forEach(stage -> stages.add(stage.with(arrays)));
    }
    return new OpenClKernel(loop, stages, scratch);
  }

  /** A work printed in the form that suits the device. */
  private static Stage generated(Work work, Hardware hardware, Programs programs) {
    if (work instanceof Loop loop) {
      Optional<Stage> tuned =
          hardware.processor()
              ? inLanes(loop, hardware, programs)
              : folding(loop, hardware, programs).or(() -> inFours(loop, hardware, programs));
      if (tuned.isPresent()) {
        return tuned.get();
      }
    }
    UnaryOperator<String> print = symbol -> LoopSource.of(work, symbol);
    if (LoopSource.form(work) == LoopSource.Form.ITEM) {
      return items(work, "generated", work.items(), print, hardware, programs);
    }
    String how = "generated, a group each";
    return stage(work, how, work.items(), hardware.groupSize(), print, hardware, programs);
  }

  private static Optional<Stage> inLanes(Loop loop, Hardware hardware, Programs programs) {
    UnaryOperator<String> print = symbol -> LaneSource.of(loop, symbol).orElseThrow().text();
    return LaneSource.of(loop, SYMBOL)
        .map(lanes -> items(loop, "generated in lanes", lanes.items(), print, hardware, programs));
  }

  private static Optional<Stage> inFours(Loop loop, Hardware hardware, Programs programs) {
    UnaryOperator<String> print = symbol -> WideSource.of(loop, symbol).orElseThrow().text();
    return WideSource.of(loop, SYMBOL)
        .map(wide -> items(loop, "generated in fours", wide.items(), print, hardware, programs));
  }

  /** A loop that folds, in groups of all lanes; nothing if the device has no room for these. */
  private static Optional<Stage> folding(Loop loop, Hardware hardware, Programs programs) {
    if (hardware.groupSize() < LoopSource.LANES) {
      return Optional.empty();
    }
    Optional<Stage> tiles =
        WideSource.ofTilesInLocalMemory(loop, SYMBOL)
            .filter(source -> localBytes(source.text()) <= hardware.localBytes())
            .map(
                source ->
                    stage(
                        loop,
                        "generated, a tile a group",
                        loop.extent(),
                        LoopSource.LANES,
                        symbol ->
                            WideSource.ofTilesInLocalMemory(loop, symbol).orElseThrow().text(),
                        hardware,
                        programs));
    return tiles.or(
        () ->
            WarpSource.inLocalMemory(loop, SYMBOL)
                .filter(source -> localBytes(source.text()) <= hardware.localBytes())
                .map(
                    source ->
                        stage(
                            loop,
                            "generated, folds in teams",
                            source.groups(),
                            WarpSource.ITEMS,
                            symbol -> WarpSource.inLocalMemory(loop, symbol).orElseThrow().text(),
                            hardware,
                            programs)));
  }

  private static Stage items(
      Work work,
      String how,
      long items,
      UnaryOperator<String> print,
      Hardware hardware,
      Programs programs) {
    int size = hardware.groupSize(items);
    return stage(work, how, Math.ceilDiv(items, size), size, print, hardware, programs);
  }

  private static Stage stage(
      Work work,
      String how,
      long groups,
      int groupSize,
      UnaryOperator<String> print,
      Hardware hardware,
      Programs programs) {
    refuseTooMuch(work, print.apply(SYMBOL), hardware);
    List<Part> arrays =
        IntStream.range(0, work.arguments().size()).mapToObj(a -> new Part(a, 0)).toList();
    Programs.Source source = programs.source(work.name(), groupSize, print);
    return new Stage(source, how, groups, groupSize, arrays, List.of());
  }

  /** Drivers fail in many ways where a limit is passed, so it is told beforehand. */
  private static void refuseTooMuch(Work work, String text, Hardware hardware) {
    long words = 1 + 2L * work.arguments().size();
    boolean fits =
        words * Long.BYTES <= hardware.argumentBytes() && localBytes(text) <= hardware.localBytes();
    if (!fits) {
      throw new UnsupportedOperationException(
          "The kernel "
              + work.name()
              + " takes "
              + work.arguments().size()
              + " arrays and "
              + localBytes(text)
              + " bytes of local memory, more than "
              + hardware.name()
              + " has room for.");
    }
  }

  /** What the arrays that a group shares take together. */
  private static long localBytes(String text) {
    return LOCAL.matcher(text).results().mapToLong(m -> 4 * Long.parseLong(m.group(1))).sum();
  }

  @Override
  public String how() {
    return stages.stream().map(Stage::how).collect(Collectors.joining(", then "));
  }
}
