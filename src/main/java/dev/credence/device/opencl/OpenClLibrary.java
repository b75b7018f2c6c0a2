package dev.credence.device.opencl;

import java.io.OutputStream;
import java.io.PrintStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.lwjgl.opencl.CL;
import org.lwjgl.system.Configuration;

/** The system's OpenCL loader, which knows the drivers; it is looked for once. */
final class OpenClLibrary {
  /** What distributions install for those who run programs; libOpenCL.so is for who builds them. */
  private static final String LINUX_NAME = "libOpenCL.so.1";

  private static @Nullable Optional<String> absence;

  private OpenClLibrary() {}

  /** Loads the library; gives the reason, in one sentence, if that cannot be done. */
  static synchronized Optional<String> whyAbsent() {
    if (absence == null) {
      absence = load();
    }
    return absence;
  }

  private static Optional<String> load() {
    Mute mute = new Mute();
    try {
      Configuration.OPENCL_EXPLICIT_INIT.set(true);
      if (Configuration.DEBUG_STREAM.get() == null) {
        Configuration.DEBUG_STREAM.set(new PrintStream(mute, true));
      }
      boolean named = Configuration.OPENCL_LIBRARY_NAME.get() != null;
      return isLoaded() || loads(null) || (!named && loads(LINUX_NAME))
          ? Optional.empty()
          : Optional.of("This machine has no OpenCL loader (libOpenCL), or none that works.");
    } catch (LinkageError unusable) {
      return Optional.of("The OpenCL binding has no native part for this machine.");
    } finally {
      mute.silent = false;
    }
  }

  /** Whether another user of the binding in this process was here before. */
  private static boolean isLoaded() {
    try {
      return CL.getFunctionProvider() != null;
    } catch (IllegalStateException notYet) {
      return false;
    }
  }

  private static boolean loads(@Nullable String name) {
    try {
      if (name == null) {
        CL.create();
      } else {
        CL.create(name);
      }
      return true;
    } catch (UnsatisfiedLinkError | IllegalStateException absent) {
      return false;
    }
  }

  /** Keeps the binding from telling standard error of what is told in a sentence. */
  private static final class Mute extends OutputStream {
    volatile boolean silent = true;

    @Override
    public void write(int b) {
      if (!silent) {
        System.err.write(b);
      }
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      if (!silent) {
        System.err.write(bytes, offset, length);
      }
    }
  }
}
