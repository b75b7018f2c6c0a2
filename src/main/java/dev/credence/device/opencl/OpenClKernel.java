package dev.credence.device.opencl;

import dev.credence.device.Device;
import dev.credence.device.KernelHeaders;
import dev.credence.device.KernelHeaders.Header;
import dev.credence.kernel.LaneSource;
import dev.credence.kernel.Loop;
import dev.credence.kernel.LoopSource;
import dev.credence.kernel.Routine;
import dev.credence.kernel.SplitFolds;
import dev.credence.kernel.WideSource;
import dev.credence.kernel.Work;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
   * @param program the program's handle
   * @param symbol the kernel's name
   * @param how the way it works, for listings
   * @param groups work groups
   * @param groupSize work items in a group
   * @param arrays what it is given
   * @param numbers more 64-bit arguments
   */
  record Stage(
      long program,
      String symbol,
      String how,
      long groups,
      int groupSize,
      List<Part> arrays,
      List<Long> numbers) {}

  /** An argument of the work from some element on. */
  record Part(int argument, long first) {}

  private static final List<Header> HEADERS = KernelHeaders.after("prelude_opencl.h");

  /** What every program begins with. */
  static final String HEAD = HEADERS.stream().map(Header::text).collect(Collectors.joining("\n"));

  static OpenClKernel compile(Work work, Hardware hardware, Programs programs, Products products) {
    return switch (work) {
      case Loop loop -> ofLoop(loop, hardware, programs, products);
      case Routine routine -> ofRoutine(routine, hardware, programs);
    };
  }

  private static OpenClKernel ofRoutine(Routine routine, Hardware hardware, Programs programs) {
    if (!HEAD.contains(" cr_" + routine.name() + "(")) {
      throw new UnsupportedOperationException(
          "The OpenCL device has no routine " + routine.name() + ".");
    }
    return new OpenClKernel(routine, generated(List.of(routine), hardware, programs), List.of());
  }

  private static OpenClKernel ofLoop(
      Loop loop, Hardware hardware, Programs programs, Products products) {
    SplitFolds parts = SplitFolds.of(loop, hardware.limits().threads());
    Optional<List<Loop>> padded = products.padded(loop);
    List<Loop> loops = padded.orElse(parts.loops());
    List<Optional<Stage>> found = loops.stream().map(products::find).toList();
    List<Work> rest =
        IntStream.range(0, found.size())
            .filter(i -> found.get(i).isEmpty())
            .<Work>mapToObj(loops::get)
            .toList();
    List<Stage> generated = generated(rest, hardware, programs);
    List<Stage> stages = new ArrayList<>();
    int next = 0;
    for (Optional<Stage> product : found) {
      stages.add(product.isPresent() ? product.get() : generated.get(next++));
    }
    List<Loop.Argument> all = loops.getLast().arguments();
    List<Loop.Argument> scratch =
        padded.isPresent() ? all.subList(loop.arguments().size(), all.size()) : parts.scratch();
    return new OpenClKernel(loop, stages, scratch);
  }

  /** A work in the dialect, and how it is handed out. */
  private record Printed(String text, String how, long groups, int groupSize) {
    static Printed of(Work work, String symbol, Hardware hardware) {
      Optional<LaneSource> lanes =
          work instanceof Loop loop && hardware.processor()
              ? LaneSource.of(loop, symbol)
              : Optional.empty();
      if (lanes.isPresent()) {
        return items(lanes.get().text(), "generated in lanes", lanes.get().items(), hardware);
      }
      Optional<WideSource> wide =
          work instanceof Loop loop && !hardware.processor()
              ? WideSource.of(loop, symbol)
              : Optional.empty();
      if (wide.isPresent()) {
        return items(wide.get().text(), "generated in fours", wide.get().items(), hardware);
      }
      String text = LoopSource.of(work, symbol);
      return LoopSource.form(work) == LoopSource.Form.GROUP
          ? new Printed(text, "generated, a group each", work.items(), hardware.groupSize())
          : items(text, "generated", work.items(), hardware);
    }

    private static Printed items(String text, String how, long items, Hardware hardware) {
      int size = hardware.groupSize(items);
      return new Printed(text, how, Math.ceilDiv(items, size), size);
    }
  }

  /** Some works as stages of one program. */
  private static List<Stage> generated(List<Work> works, Hardware hardware, Programs programs) {
    if (works.isEmpty()) {
      return List.of();
    }
    StringBuilder source = new StringBuilder(HEAD);
    List<Printed> printed = new ArrayList<>();
    for (int i = 0; i < works.size(); i++) {
      Printed kernel = Printed.of(works.get(i), symbol(i), hardware);
      refuseTooMuch(works.get(i), kernel.text, hardware);
      source.append('\n').append(Programs.group(kernel.groupSize)).append(kernel.text);
      printed.add(kernel);
    }
    // The name is left out of the source, so that loops which differ in nothing else share it.
    long program = programs.build(works.get(0).name(), source.toString());
    List<Stage> stages = new ArrayList<>();
    for (int i = 0; i < works.size(); i++) {
      Printed kernel = printed.get(i);
      stages.add(
          new Stage(
              program,
              symbol(i),
              kernel.how,
              kernel.groups,
              kernel.groupSize,
              IntStream.range(0, works.get(i).arguments().size())
                  .mapToObj(a -> new Part(a, 0))
                  .toList(),
              List.of()));
    }
    return stages;
  }

  private static String symbol(int number) {
    return "cr_work_" + number;
  }

  /** Drivers fail in many ways where a limit is passed, so it is told beforehand. */
  private static void refuseTooMuch(Work work, String text, Hardware hardware) {
    long words = 1 + 2L * work.arguments().size();
    long arrays = text.lines().filter(line -> line.strip().startsWith("CR_LOCAL ")).count();
    boolean fits =
        words * Long.BYTES <= hardware.argumentBytes()
            && arrays * LoopSource.LANES * Float.BYTES <= hardware.localBytes();
    if (!fits) {
      throw new UnsupportedOperationException(
          "The kernel "
              + work.name()
              + " takes "
              + work.arguments().size()
              + " arrays and makes "
              + arrays
              + " folds at once, more than "
              + hardware.name()
              + " has room for.");
    }
  }

  @Override
  public String how() {
    return stages.stream().map(Stage::how).collect(Collectors.joining(", then "));
  }
}
