package dev.credence.device.opencl;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.lwjgl.PointerBuffer;
import org.lwjgl.opencl.CL10;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.system.MemoryUtil;

/** Asks OpenCL about its objects; what cannot be had is empty or 0. */
final class Info {
  private Info() {}

  /** One of the clGet...Info functions with its object. */
  private interface Query {
    int ask(ByteBuffer value, PointerBuffer size);
  }

  static String platform(long platform, int what) {
    return text((value, size) -> CL10.clGetPlatformInfo(platform, what, value, size));
  }

  static String device(long device, int what) {
    return text((value, size) -> CL10.clGetDeviceInfo(device, what, value, size));
  }

  /** A number of 4 or 8 bytes. */
  static long number(long device, int what) {
    try (MemoryStack stack = MemoryStack.stackPush()) {
      ByteBuffer value = stack.calloc(8);
      PointerBuffer size = stack.callocPointer(1);
      if (CL10.clGetDeviceInfo(device, what, value, size) != CL10.CL_SUCCESS) {
        return 0;
      }
      return size.get(0) == 4 ? Integer.toUnsignedLong(value.getInt(0)) : value.getLong(0);
    }
  }

  /** What the compiler said. */
  static String buildLog(long program, long device) {
    long size;
    try (MemoryStack stack = MemoryStack.stackPush()) {
      PointerBuffer bytes = stack.callocPointer(1);
      CL10.clGetProgramBuildInfo(
          program, device, CL10.CL_PROGRAM_BUILD_LOG, (ByteBuffer) null, bytes);
      size = bytes.get(0);
    }
    ByteBuffer log = MemoryUtil.memCalloc((int) size + 1);
    try {
      CL10.clGetProgramBuildInfo(program, device, CL10.CL_PROGRAM_BUILD_LOG, log, null);
      return string(log);
    } finally {
      MemoryUtil.memFree(log);
    }
  }

  private static String text(Query query) {
    try (MemoryStack stack = MemoryStack.stackPush()) {
      ByteBuffer value = stack.calloc(2048);
      return query.ask(value, stack.callocPointer(1)) == CL10.CL_SUCCESS ? string(value) : "";
    }
  }

  /** The characters before the first zero byte. */
  private static String string(ByteBuffer bytes) {
    int end = 0;
    while (end < bytes.capacity() && bytes.get(end) != 0) {
      end++;
    }
    byte[] text = new byte[end];
    bytes.get(0, text);
    return new String(text, StandardCharsets.UTF_8).strip();
  }
}
