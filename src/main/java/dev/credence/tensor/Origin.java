package dev.credence.tensor;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where in the user's code a tensor was made.
 *
 * @param line the first source line outside Credence, such as Train.java:41
 * @param path the layers it lies in, such as encoder.layers.0; empty outside any
 */
public record Origin(String line, String path) {
  private static final ScopedValue<String> PATH = ScopedValue.newInstance();
  private static final StackWalker WALKER = StackWalker.getInstance();

  /** Runs something with a name added to the layer path. */
  public static <T> T within(String name, Supplier<T> body) {
    String outer = PATH.isBound() ? PATH.get() + "." : "";
    return ScopedValue.where(PATH, outer + name).call(body::get);
  }

  static Origin here() {
    return new Origin(WALKER.walk(Origin::line), PATH.isBound() ? PATH.get() : "");
  }

  private static String line(java.util.stream.Stream<StackWalker.StackFrame> frames) {
    StackWalker.@Nullable StackFrame last = null;
    for (StackWalker.StackFrame frame : (Iterable<StackWalker.StackFrame>) frames::iterator) {
      String name = frame.getClassName();
      if (name.startsWith("java.") || name.startsWith("jdk.")) {
        continue;
      }
      last = frame;
      if (!name.startsWith("dev.credence.")) {
        break;
      }
    }
    return last == null ? "?" : last.getFileName() + ":" + last.getLineNumber();
  }

  @Override
  public String toString() {
    return line + (path.isEmpty() ? "" : " in " + path);
  }
}
