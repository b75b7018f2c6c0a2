package dev.credence.device.cuda;

import dev.credence.device.BinaryCache;
import dev.credence.device.KernelHeaders;
import dev.credence.device.KernelHeaders.Header;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;

/**
 * Compiles the source of kernels, several side by side, and keeps what it made on disk. A kernel is
 * waited for when it is first launched, so that those of a program are compiled all at once.
 */
final class KernelCompiler implements AutoCloseable {
  private static final int MOST_THREADS = 8;

  private final BinaryCache cache;
  private final String architecture;
  private final String compiler;

  /** Under names that no header of the compiler's own has, such as math.h. */
  private final List<Header> headers =
      KernelHeaders.after("prelude_cuda.h").stream()
          .map(header -> new Header("credence_" + header.name(), header.text()))
          .toList();

  private final String includes =
      headers.stream().map(h -> "#include \"" + h.name() + "\"\n").collect(Collectors.joining());
  private final Map<String, Future<byte[]>> images = new ConcurrentHashMap<>();
  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors()),
          task -> {
            Thread thread = new Thread(task, "credence-nvrtc");
            thread.setDaemon(true);
            return thread;
          });

  /** A compiler for devices of a compute capability. */
  KernelCompiler(int capability, BinaryCache cache) {
    this.cache = cache;
    architecture = Nvrtc.architecture(capability);
    compiler = "NVRTC " + Nvrtc.versionText();
  }

  /** Begins to compile a kernel, unless the same text was compiled before. */
  Future<byte[]> compile(String symbol, String source) {
    return images.computeIfAbsent(
        source,
        text ->
            threads.submit(
                () -> {
                  try {
                    return image(symbol, includes + text);
                  } catch (CudaError e) {
                    // It was not the text's fault, so that it is worth another try.
                    images.remove(text);
                    throw e.of(symbol);
                  }
                }));
  }

  private byte[] image(String symbol, String source) {
    String headerTexts = headers.stream().map(Header::text).collect(Collectors.joining());
    String key =
        BinaryCache.key(
            compiler, architecture, String.join(" ", Nvrtc.OPTIONS), headerTexts, source);
    return cache
        .get(key)
        .orElseGet(
            () -> {
              byte[] made = Nvrtc.compile(symbol, source, headers, architecture);
              cache.put(key, made);
              return made;
            });
  }

  /** Begins nothing more, and waits for what is being compiled. */
  @Override
  public void close() {
    threads.shutdownNow();
    threads.close();
  }
}
