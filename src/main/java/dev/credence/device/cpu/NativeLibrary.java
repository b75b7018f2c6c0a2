package dev.credence.device.cpu;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The C kernels of {@code native/}, as found in the jar or the build folder.
 *
 * <p>Every kernel has one signature, {@code void kernel(void *descriptor, int64_t lo, int64_t hi)},
 * and stands in the library once per instruction level. The level is chosen once, from what the
 * processor can do; {@code credence.cpu.level} or {@code CREDENCE_CPU_LEVEL} may ask for a lower
 * one.
 */
public final class NativeLibrary {
  private static final String FOLDER = "/dev/credence/native/linux-x86_64/";
  private static final String FILE = "libcredence.so";

  private static @Nullable Outcome outcome;

  private final SymbolLookup symbols;
  private final int level;

  private NativeLibrary(SymbolLookup symbols, int level) {
    this.symbols = symbols;
    this.level = level;
  }

  /** The library, or empty where {@link #whyAbsent} says why. It is loaded once. */
  public static Optional<NativeLibrary> load() {
    return Optional.ofNullable(outcome().library);
  }

  /** One sentence that says why {@link #load} is empty; an empty string where it is not. */
  public static String whyAbsent() {
    return outcome().whyAbsent;
  }

  /** The instruction level in use: {@code "v3"} (AVX2 and FMA) or {@code "v4"} (AVX-512). */
  public String level() {
    return "v" + level;
  }

  /** This library with its kernels of level v3, whatever the processor can do. */
  NativeLibrary atFloor() {
    return new NativeLibrary(symbols, 3);
  }

  /** Whether the library holds this kernel. */
  public boolean has(String kernel) {
    return find(kernel).isPresent();
  }

  /** The address of a kernel at the level in use, or at a lower one where it exists only there. */
  public long address(String kernel) {
    return find(kernel)
        .orElseThrow(
            () -> new IllegalArgumentException("The native library has no kernel " + kernel + "."))
        .address();
  }

  private Optional<MemorySegment> find(String kernel) {
    for (int candidate = level; candidate >= 3; candidate--) {
      Optional<MemorySegment> found = symbols.find(kernel + "_v" + candidate);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  /** Calls a kernel over {@code [lo, hi)}. */
  public static void call(long address, long descriptor, long lo, long hi) {
    try {
      Caller.CALL.invokeExact(address, descriptor, lo, hi);
    } catch (Throwable e) {
      throw new AssertionError("C throws nothing.", e);
    }
  }

  /**
   * The one handle all kernels are called through: bound to one C function that takes the kernel's
   * address as a number, so that calling makes no object, not even before the JIT has seen it.
   */
  private static final class Caller {
    static final MethodHandle CALL =
        Linker.nativeLinker()
            .downcallHandle(
                load().orElseThrow().symbols.find("cr_call").orElseThrow(),
                FunctionDescriptor.ofVoid(
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG));
  }

  // What follows finds, loads and probes the library.

  private record Outcome(@Nullable NativeLibrary library, String whyAbsent) {
    static Outcome absent(String why) {
      return new Outcome(null, why);
    }
  }

  private static synchronized Outcome outcome() {
    // A refused setting is thrown at every caller, rather than once and then forgotten.
    if (outcome == null) {
      outcome = open();
    }
    return outcome;
  }

  private static Outcome open() {
    int ceiling = ceiling();
    String system = System.getProperty("os.name");
    String processor = System.getProperty("os.arch");
    if (!system.equals("Linux") || !processor.equals("amd64")) {
      return Outcome.absent(
          "The native library serves Linux on x86-64, and this is "
              + (system + " on " + processor + "."));
    }
    URL resource = NativeLibrary.class.getResource(FOLDER + FILE);
    if (resource == null) {
      return Outcome.absent(whyNotBuilt());
    }
    SymbolLookup symbols;
    try {
      symbols = lookup(resource);
    } catch (IOException | IllegalArgumentException e) {
      return Outcome.absent("The native library could not be loaded: " + e.getMessage() + ".");
    }
    long cpu = cpuLevel(symbols);
    if (cpu < 3) {
      return Outcome.absent(
          "The native library needs a processor of level x86-64-v3 (AVX2 and FMA) or above.");
    }
    return new Outcome(new NativeLibrary(symbols, (int) Math.min(cpu, ceiling)), "");
  }

  private static int ceiling() {
    String value = Setting.of("credence.cpu.level");
    return switch (value) {
      case null -> 4;
      case "v3" -> 3;
      case "v4" -> 4;
      default -> throw Setting.refused("credence.cpu.level", "v3 or v4", value);
    };
  }

  /** The native build leaves its reason beside the place where the library would be. */
  private static String whyNotBuilt() {
    try (InputStream reason = NativeLibrary.class.getResourceAsStream(FOLDER + "absent.txt")) {
      if (reason != null) {
        return new String(reason.readAllBytes(), StandardCharsets.UTF_8).strip();
      }
    } catch (IOException e) {
      return "The native library is missing, and the reason for it could not be read.";
    }
    return "The native library was not built with this copy of Credence.";
  }

  private static SymbolLookup lookup(URL resource) throws IOException {
    if (resource.getProtocol().equals("file")) {
      return SymbolLookup.libraryLookup(Path.of(URI.create(resource.toString())), Arena.global());
    }
    // Nobody else may write where we are about to load code from. Once loaded, the file lives on
    // without its name, so that even a killed process leaves nothing behind.
    Path folder =
        Files.createTempDirectory(
            "credence",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Path copy = folder.resolve(FILE);
    try (InputStream bytes = resource.openStream()) {
      Files.copy(bytes, copy);
      return SymbolLookup.libraryLookup(copy, Arena.global());
    } finally {
      Files.deleteIfExists(copy);
      Files.delete(folder);
    }
  }

  private static long cpuLevel(SymbolLookup symbols) {
    MethodHandle probe =
        Linker.nativeLinker()
            .downcallHandle(
                symbols.findOrThrow("cr_cpu_level"), FunctionDescriptor.of(ValueLayout.JAVA_LONG));
    try {
      return (long) probe.invokeExact();
    } catch (Throwable e) {
      throw new AssertionError("C throws nothing.", e);
    }
  }
}
