package dev.credence.device.opencl;

import dev.credence.device.BinaryCache;
import dev.credence.device.KernelHeaders;
import dev.credence.device.KernelHeaders.Header;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.lwjgl.PointerBuffer;
import org.lwjgl.opencl.CL10;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.system.MemoryUtil;

/**
 * Builds kernels for one device, from source or from what was kept of an earlier build. They wait
 * until one of them is needed and are then built together, since the compiler takes longer to begin
 * than for a kernel.
 */
final class Programs {
  /** A line and a column, as all compilers of OpenCL give them somewhere in a message. */
  private static final Pattern PLACE = Pattern.compile("[:(](\\d+)[:,](\\d+)");

  private static final List<Header> HEADERS = KernelHeaders.after("prelude_opencl.h");

  /** What every program begins with. */
  private static final String HEAD =
      HEADERS.stream().map(Header::text).collect(Collectors.joining("\n"));

  private static final int LOG_LINES = 20;

  /** Digits of a text's digest that a kernel is called by. */
  private static final int NAME = 16;

  private final Hardware hardware;
  private final long context;
  private final BinaryCache cache;
  private final Map<String, Source> sources = new HashMap<>();
  private final Set<Source> waiting = new LinkedHashSet<>();
  private final List<Long> built = new ArrayList<>();

  /** A kernel's text, and, once it is built, its program. */
  static final class Source {
    private final String what;
    private final String symbol;
    private final String text;
    private long program;

    private Source(String what, String symbol, String text) {
      this.what = what;
      this.symbol = symbol;
      this.text = text;
    }

    /** The kernel's name in its program. */
    String symbol() {
      return symbol;
    }
  }

  Programs(Hardware hardware, long context, BinaryCache cache) {
    this.hardware = hardware;
    this.context = context;
    this.cache = cache;
  }

  /** Whether the headers have a function. */
  static boolean has(String function) {
    return HEAD.contains(" " + function + "(");
  }

  /**
   * A kernel to be built, the same for the same text.
   *
   * @param what its name, for errors
   * @param groupSize work items in a group
   * @param print gives the source when given the kernel's name in its program
   */
  synchronized Source source(String what, int groupSize, UnaryOperator<String> print) {
    String head = "#undef CR_GROUP_SIZE\n#define CR_GROUP_SIZE " + groupSize + "\n";
    // What it is called is left out, so that kernels which differ in nothing else are one.
    String key = BinaryCache.key(head + print.apply("cr_kernel"));
    return sources.computeIfAbsent(
        key,
        k -> {
          String symbol = "cr_" + k.substring(0, NAME);
          Source source = new Source(what, symbol, head + print.apply(symbol));
          waiting.add(source);
          return source;
        });
  }

  /**
   * The program that has a kernel.
   *
   * @throws IllegalStateException with the compiler's words and the line they are about
   */
  synchronized long program(Source source) {
    if (source.program == 0) {
      waiting.add(source);
      List<Source> all = List.copyOf(waiting);
      waiting.clear();
      build(all);
    }
    return source.program;
  }

  private void build(List<Source> sources) {
    try {
      String text = HEAD + sources.stream().map(s -> s.text).collect(Collectors.joining("\n"));
      long program = build(sources.getFirst().what, text);
      built.add(program);
      sources.forEach(source -> source.program = program);
    } catch (RuntimeException refused) {
      if (sources.size() == 1) {
        throw refused;
      }
      // Which one it is shows when each is built alone, and the others are none the worse.
      RuntimeException first = refused;
      boolean found = false;
      for (Source source : sources) {
        try {
          build(List.of(source));
        } catch (RuntimeException of) {
          first = found ? first : of;
          found = true;
        }
      }
      if (found) {
        throw first;
      }
    }
  }

  private String options() {
    return "-cl-std=CL1.2 -w -DCR_VECTOR="
        + hardware.vector()
        + (hardware.roundsDivision() ? " -cl-fp32-correctly-rounded-divide-sqrt" : "");
  }

  private long build(String what, String source) {
    String options = options();
    String key = BinaryCache.key(hardware.identity(), options, source);
    Optional<Long> kept = cache.get(key).flatMap(bytes -> fromBinary(bytes, options));
    if (kept.isPresent()) {
      return kept.get();
    }
    long program = fromSource(what, source, options);
    binary(program).ifPresent(bytes -> cache.put(key, bytes));
    return program;
  }

  /** Gives all programs back. */
  synchronized void close() {
    built.forEach(CL10::clReleaseProgram);
    built.clear();
  }

  private int build(long program, String options) {
    return CL10.clBuildProgram(program, hardware.device(), options, null, MemoryUtil.NULL);
  }

  private long fromSource(String what, String source, String options) {
    long program;
    try (MemoryStack stack = MemoryStack.stackPush()) {
      IntBuffer code = stack.callocInt(1);
      program = CL10.clCreateProgramWithSource(context, source, code);
      if (code.get(0) != CL10.CL_SUCCESS) {
        throw Failures.of(hardware.name(), "compiling " + what, code.get(0));
      }
    }
    int code = build(program, options);
    if (code != CL10.CL_SUCCESS) {
      String log = Info.buildLog(program, hardware.device());
      CL10.clReleaseProgram(program);
      if (code != CL10.CL_BUILD_PROGRAM_FAILURE) {
        throw Failures.of(hardware.name(), "compiling " + what, code);
      }
      throw new IllegalStateException(
          "The OpenCL compiler of "
              + hardware.name()
              + " refuses the kernel "
              + what
              + explain(log, source));
    }
    return program;
  }

  /** The line that the first error is about, and the log. */
  static String explain(String log, String source) {
    List<String> lines = log.lines().toList();
    String place = "";
    for (String line : lines) {
      Matcher matcher = PLACE.matcher(line);
      if (line.contains("error") && matcher.find()) {
        int number = Integer.parseInt(matcher.group(1));
        String text = source.lines().skip(number - 1L).findFirst().orElse("").strip();
        place = " at line " + number + ": " + text;
        break;
      }
    }
    String shown = String.join("\n", lines.subList(0, Math.min(LOG_LINES, lines.size())));
    return place + "\n" + shown;
  }

  private Optional<Long> fromBinary(byte[] bytes, String options) {
    ByteBuffer binary = MemoryUtil.memAlloc(bytes.length).put(0, bytes);
    try (MemoryStack stack = MemoryStack.stackPush()) {
      IntBuffer code = stack.callocInt(1);
      IntBuffer status = stack.callocInt(1);
      long program =
          CL10.clCreateProgramWithBinary(
              context, stack.pointers(hardware.device()), binary, status, code);
      if (code.get(0) != CL10.CL_SUCCESS) {
        return Optional.empty();
      }
      if (status.get(0) != CL10.CL_SUCCESS || build(program, options) != CL10.CL_SUCCESS) {
        CL10.clReleaseProgram(program);
        return Optional.empty();
      }
      return Optional.of(program);
    } finally {
      MemoryUtil.memFree(binary);
    }
  }

  private static Optional<byte[]> binary(long program) {
    try (MemoryStack stack = MemoryStack.stackPush()) {
      PointerBuffer size = stack.callocPointer(1);
      int code = CL10.clGetProgramInfo(program, CL10.CL_PROGRAM_BINARY_SIZES, size, null);
      if (code != CL10.CL_SUCCESS || size.get(0) <= 0) {
        return Optional.empty();
      }
      ByteBuffer binary = MemoryUtil.memAlloc((int) size.get(0));
      try {
        PointerBuffer pointer = stack.pointers(binary);
        code = CL10.clGetProgramInfo(program, CL10.CL_PROGRAM_BINARIES, pointer, null);
        byte[] bytes = new byte[binary.capacity()];
        binary.get(0, bytes);
        return code == CL10.CL_SUCCESS ? Optional.of(bytes) : Optional.empty();
      } finally {
        MemoryUtil.memFree(binary);
      }
    }
  }
}
