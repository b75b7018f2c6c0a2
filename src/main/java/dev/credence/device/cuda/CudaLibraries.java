package dev.credence.device.cuda;

import dev.credence.device.cuda.LibrarySearch.Library;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The CUDA that this process has: found by {@link LibrarySearch}, loaded once, in the order in
 * which the libraries need each other. JCuda is built for CUDA 12 and cuDNN 8; where only CUDA 13
 * or cuDNN 9 is there, {@link JniFolder} turns it to those.
 *
 * <p>The driver decides which majors serve, since one for CUDA 12 runs nothing of CUDA 13. NVRTC
 * must be there; without cuBLAS the products are our own, and without cuDNN the convolutions.
 */
final class CudaLibraries {
  /** The driver's name to the linker. */
  static final String DRIVER = "libcuda.so.1";

  private static @Nullable CudaLibraries loaded;

  private final boolean present;
  private final String sentence;
  private final boolean driverByHand;
  private final boolean blas;
  private final boolean dnn;

  private CudaLibraries(
      boolean present, String sentence, boolean driverByHand, boolean blas, boolean dnn) {
    this.present = present;
    this.sentence = sentence;
    this.driverByHand = driverByHand;
    this.blas = blas;
    this.dnn = dnn;
  }

  /** Loads what there is; never throws, and says nothing to anybody but the caller. */
  static synchronized CudaLibraries load() {
    if (loaded == null) {
      loaded = find();
    }
    return loaded;
  }

  /** Whether there is a device, and all that it takes to use one. */
  boolean present() {
    return present;
  }

  /** In one sentence, what was found, or why there is no device. */
  String sentence() {
    return sentence;
  }

  /** Whether the driver itself was named by hand, as the tests do. */
  boolean driverByHand() {
    return driverByHand;
  }

  /** Whether cuBLAS is there. */
  boolean blas() {
    return blas;
  }

  /** Whether cuDNN is there. */
  boolean dnn() {
    return dnn;
  }

  private static CudaLibraries absent(String sentence) {
    return new CudaLibraries(false, sentence, false, false, false);
  }

  private static CudaLibraries find() {
    String system = System.getProperty("os.name");
    String processor = System.getProperty("os.arch");
    if (!system.equals("Linux") || !processor.equals("amd64")) {
      return absent(
          "CUDA is used on Linux on x86-64 only, and this is " + system + " on " + processor + ".");
    }
    LibrarySearch search = LibrarySearch.ofSystem();
    Optional<Library> byHand =
        search.chosen() ? search.find("libcuda", List.of(1)) : Optional.empty();
    if (!preload(byHand.map(library -> library.path().toString()).orElse(DRIVER))) {
      return absent("There is no NVIDIA driver on this machine: " + DRIVER + " was not found.");
    }
    try (JniFolder jni = new JniFolder()) {
      jni.load("JCudaDriver", JniFolder.JCUDA, Map.of(), Driver::load);
      return withDriver(search, byHand.isPresent(), jni);
    } catch (CudaError e) {
      return absent("The NVIDIA driver gives no device: " + e.reason() + ".");
    } catch (LinkageError | IOException e) {
      return absent("JCuda could not be loaded beside the NVIDIA driver: " + firstLine(e) + ".");
    }
  }

  private static CudaLibraries withDriver(LibrarySearch search, boolean byHand, JniFolder jni)
      throws IOException {
    Driver.initialize();
    String driver = "The NVIDIA driver serves CUDA " + Driver.versionText();
    if (Driver.deviceCount() == 0) {
      return absent(driver + ", but sees no device.");
    }
    int newest = Driver.version() / 1000;
    if (newest < 12) {
      return absent(driver + ", but CUDA 12 or 13 is needed.");
    }
    List<Integer> majors = newest >= 13 ? List.of(13, 12) : List.of(12);
    Optional<Library> nvrtc = search.find("libnvrtc", majors);
    if (nvrtc.isEmpty()) {
      return absent(
          driver + ", but NVRTC is missing: " + missing("libnvrtc", majors, search) + ".");
    }
    List<String> found = new ArrayList<>();
    boolean blas = loadBlas(search, majors, jni, found);
    boolean dnn = loadDnn(search, jni, found);
    LibrarySearch.beside(nvrtc.get(), "libnvrtc-builtins.so." + nvrtc.get().major() + "*")
        .ifPresent(builtins -> preload(builtins.toString()));
    if (!preload(nvrtc.get().path().toString())) {
      return absent(driver + ", but " + nvrtc.get().path() + " cannot be loaded.");
    }
    jni.load(
        "JNvrtc", JniFolder.JCUDA, Map.of("libnvrtc.so.12", nvrtc.get().soname()), Nvrtc::load);
    found.add("NVRTC " + Nvrtc.versionText() + " in " + nvrtc.get().folder());
    String sentence = driver + "; " + String.join("; ", found) + ".";
    return new CudaLibraries(true, sentence, byHand, blas, dnn);
  }

  private static boolean loadBlas(
      LibrarySearch search, List<Integer> majors, JniFolder jni, List<String> found)
      throws IOException {
    Optional<Library> blas = search.find("libcublas", majors);
    if (blas.isPresent()) {
      Library library = blas.get();
      LibrarySearch.beside(library, "libcublasLt.so." + library.major())
          .ifPresent(light -> preload(light.toString()));
      if (preload(library.path().toString())) {
        jni.load(
            "JCublas2", JniFolder.JCUDA, Map.of("libcublas.so.12", library.soname()), Cublas::load);
        found.add("cuBLAS in " + library.folder());
        return true;
      }
    }
    found.add("no cuBLAS, so products are Credence's own");
    return false;
  }

  private static boolean loadDnn(LibrarySearch search, JniFolder jni, List<String> found)
      throws IOException {
    Optional<Library> dnn = search.find("libcudnn", List.of(9, 8));
    if (dnn.isPresent() && preload(dnn.get().path().toString())) {
      Map<String, String> targets = Map.of("libcudnn.so.8", dnn.get().soname());
      jni.load("JCudnn", JniFolder.JCUDNN, targets, Cudnn::load);
      found.add("cuDNN " + Cudnn.versionText() + " in " + dnn.get().folder());
      return true;
    }
    found.add("no cuDNN, so convolutions are Credence's own");
    return false;
  }

  private static String missing(String name, List<Integer> majors, LibrarySearch search) {
    String names =
        majors.stream().map(major -> name + ".so." + major).collect(Collectors.joining(" or "));
    return search.chosen()
        ? names + " is not in " + System.getProperty(LibrarySearch.PROPERTY)
        : names
            + " is in no CUDA toolkit, no linker folder and no Python package; the property "
            + LibrarySearch.PROPERTY
            + " can name its folder";
  }

  /** Loads a library for others to need. */
  private static boolean preload(String library) {
    try {
      if (library.contains("/")) {
        SymbolLookup.libraryLookup(Path.of(library), Arena.global());
      } else {
        SymbolLookup.libraryLookup(library, Arena.global());
      }
      return true;
    } catch (IllegalArgumentException notLoaded) {
      return false;
    }
  }

  private static String firstLine(Throwable e) {
    String message = String.valueOf(e.getMessage());
    return message.lines().findFirst().orElse("no reason given").replaceAll("[.:]\\s*$", "");
  }
}
