package dev.credence.device.cuda;

import dev.credence.device.KernelHeaders.Header;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import jcuda.nvrtc.JNvrtc;
import jcuda.nvrtc.nvrtcProgram;

/** Every call of NVRTC, the compiler of CUDA C that runs inside the program. */
final class Nvrtc {
  /** Products and sums are fused only where the source says so, and nothing is approximated. */
  static final List<String> OPTIONS =
      List.of("--fmad=false", "--ftz=false", "--prec-div=true", "--prec-sqrt=true", "--std=c++17");

  private Nvrtc() {}

  static void load() {
    JNvrtc.setExceptionsEnabled(false);
  }

  static String versionText() {
    int[] major = new int[1];
    int[] minor = new int[1];
    check("nvrtcVersion", JNvrtc.nvrtcVersion(major, minor));
    return major[0] + "." + minor[0];
  }

  /**
   * The option that names what to compile for: the device itself, or, for a device newer than this
   * NVRTC, the newest intermediate code that its driver can translate.
   *
   * @param capability the device's compute capability
   */
  static String architecture(int capability) {
    int[] count = new int[1];
    check("nvrtcGetNumSupportedArchs", JNvrtc.nvrtcGetNumSupportedArchs(count));
    int[] known = new int[count[0]];
    check("nvrtcGetSupportedArchs", JNvrtc.nvrtcGetSupportedArchs(known));
    if (Arrays.stream(known).anyMatch(k -> k == capability)) {
      return "sm_" + capability;
    }
    int newest = Arrays.stream(known).filter(k -> k <= capability).max().orElse(capability);
    return "compute_" + newest;
  }

  /**
   * Compiles for an {@link #architecture}.
   *
   * @throws IllegalStateException with the compiler's words, if it refuses the source
   */
  static byte[] compile(String name, String source, List<Header> headers, String architecture) {
    nvrtcProgram program = new nvrtcProgram();
    String[] texts = headers.stream().map(Header::text).toArray(String[]::new);
    String[] names = headers.stream().map(Header::name).toArray(String[]::new);
    check(
        "nvrtcCreateProgram",
        JNvrtc.nvrtcCreateProgram(program, source, name + ".cu", texts.length, texts, names));
    try {
      String[] options = new String[OPTIONS.size() + 1];
      OPTIONS.toArray(options);
      options[OPTIONS.size()] = "--gpu-architecture=" + architecture;
      int status = JNvrtc.nvrtcCompileProgram(program, options.length, options);
      if (status != 0) {
        String[] log = new String[1];
        JNvrtc.nvrtcGetProgramLog(program, log);
        throw new IllegalStateException(
            "NVRTC refused the kernel "
                + name
                + " ("
                + JNvrtc.nvrtcGetErrorString(status)
                + "):\n"
                + log[0]);
      }
      return architecture.startsWith("sm_") ? cubin(program) : ptx(program);
    } finally {
      JNvrtc.nvrtcDestroyProgram(program);
    }
  }

  private static byte[] cubin(nvrtcProgram program) {
    long[] size = new long[1];
    check("nvrtcGetCUBINSize", JNvrtc.nvrtcGetCUBINSize(program, size));
    byte[] image = new byte[Math.toIntExact(size[0])];
    check("nvrtcGetCUBIN", JNvrtc.nvrtcGetCUBIN(program, image));
    return image;
  }

  private static byte[] ptx(nvrtcProgram program) {
    String[] text = new String[1];
    check("nvrtcGetPTX", JNvrtc.nvrtcGetPTX(program, text));
    return (text[0] + "\0").getBytes(StandardCharsets.US_ASCII);
  }

  private static void check(String call, int status) {
    if (status != 0) {
      throw new CudaError(call, CudaError.OF_A_LIBRARY, JNvrtc.nvrtcGetErrorString(status));
    }
  }
}
