package dev.credence.device;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The texts of {@code kernels/}, for devices whose driver compiles source while a program runs. */
public final class KernelHeaders {
  private static final String FOLDER = "/dev/credence/kernels/";

  /** What every kernel may use, in the order in which it is included after a prelude. */
  private static final List<String> COMMON = List.of("math.h", "philox.h", "loops.h", "routines.h");

  private KernelHeaders() {}

  /** A header. */
  public record Header(String name, String text) {}

  /** A prelude, such as prelude_cuda.h, and after it all that the common dialect has. */
  public static List<Header> after(String prelude) {
    List<Header> headers = new ArrayList<>();
    headers.add(read(prelude));
    COMMON.forEach(name -> headers.add(read(name)));
    return List.copyOf(headers);
  }

  /** One of the headers. */
  public static Header read(String name) {
    try (InputStream text = KernelHeaders.class.getResourceAsStream(FOLDER + name)) {
      if (text == null) {
        throw new IllegalStateException("The kernel header " + name + " is not in this build.");
      }
      return new Header(name, new String(text.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException("The kernel header " + name + " cannot be read.", e);
    }
  }
}
