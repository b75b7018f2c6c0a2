package dev.credence.device.opencl;

import dev.credence.device.Device;
import dev.credence.kernel.LoopSource;
import java.util.Optional;
import org.lwjgl.opencl.CL10;
import org.lwjgl.opencl.CL11;
import org.lwjgl.opencl.CL12;

/**
 * A device as its driver describes it.
 *
 * @param name what the user calls it, such as opencl:0
 * @param platform its platform's handle
 * @param device its own handle
 * @param limits what it can do
 * @param identity hardware and driver to the last version digit, to know its binaries by
 * @param processor whether it gets the kernels for CPUs, else those for GPUs
 * @param vector floats in a vector register
 * @param roundsDivision whether its compiler takes -cl-fp32-correctly-rounded-divide-sqrt
 * @param mostItems most work items that a group can have
 * @param localBytes memory that a group shares
 * @param argumentBytes what the arguments of a kernel may take together
 */
record Hardware(
    String name,
    long platform,
    long device,
    Device.Limits limits,
    String identity,
    boolean processor,
    int vector,
    boolean roundsDivision,
    long mostItems,
    long localBytes,
    long argumentBytes) {
  /** All that results need in order to equal the reference device's. */
  private static final long EXACT =
      CL10.CL_FP_ROUND_TO_NEAREST
          | CL10.CL_FP_INF_NAN
          | CL10.CL_FP_DENORM
          | CL10.CL_FP_FMA
          | CL12.CL_FP_CORRECTLY_ROUNDED_DIVIDE_SQRT;

  /** Whether processors, too, get the kernels for GPUs, so that these run where there is none. */
  private static final boolean AS_GPUS = Boolean.getBoolean("credence.opencl.gpu");

  /** Groups that each unit had better have. */
  private static final int GROUPS = 8;

  static Hardware of(String name, long platform, long device) {
    String vendor = Info.platform(platform, CL10.CL_PLATFORM_NAME);
    String hardware = Info.device(device, CL10.CL_DEVICE_NAME);
    String driver = Info.device(device, CL10.CL_DRIVER_VERSION);
    long arithmetic = Info.number(device, CL10.CL_DEVICE_SINGLE_FP_CONFIG);
    Device.Limits limits =
        new Device.Limits(
            hardware + ", " + vendor + " " + driver,
            Info.number(device, CL10.CL_DEVICE_GLOBAL_MEM_SIZE),
            Info.number(device, CL10.CL_DEVICE_MAX_MEM_ALLOC_SIZE),
            false,
            (arithmetic & EXACT) == EXACT,
            (int) Info.number(device, CL10.CL_DEVICE_MAX_COMPUTE_UNITS));
    return new Hardware(
        name,
        platform,
        device,
        limits,
        String.join(
            "\n",
            vendor,
            Info.platform(platform, CL10.CL_PLATFORM_VERSION),
            hardware,
            Info.device(device, CL10.CL_DEVICE_VERSION),
            driver),
        isProcessor(device) && !AS_GPUS,
        (int) Info.number(device, CL11.CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT),
        (arithmetic & CL12.CL_FP_CORRECTLY_ROUNDED_DIVIDE_SQRT) != 0,
        Math.max(1, Info.number(device, CL10.CL_DEVICE_MAX_WORK_GROUP_SIZE)),
        Info.number(device, CL10.CL_DEVICE_LOCAL_MEM_SIZE),
        Info.number(device, CL10.CL_DEVICE_MAX_PARAMETER_SIZE));
  }

  /** Work items in a group of a generated kernel that emulates lanes. */
  int groupSize() {
    return (int) Long.highestOneBit(Math.min(mostItems, LoopSource.LANES));
  }

  /** The same for work items on their own: few where there are few, so that all units get some. */
  int groupSize(long items) {
    long each = Math.ceilDiv(items, GROUPS * (long) limits.threads());
    return (int) Math.clamp(Long.highestOneBit(each), 1, groupSize());
  }

  static boolean isProcessor(long device) {
    return (Info.number(device, CL10.CL_DEVICE_TYPE) & CL10.CL_DEVICE_TYPE_CPU) != 0;
  }

  static boolean isGpu(long device) {
    return (Info.number(device, CL10.CL_DEVICE_TYPE) & CL10.CL_DEVICE_TYPE_GPU) != 0;
  }

  /** In one sentence, what the device lacks that nothing can make up for. */
  Optional<String> whyRefused() {
    String version = Info.device(device, CL11.CL_DEVICE_OPENCL_C_VERSION);
    boolean old = version.startsWith("OpenCL C 1.0") || version.startsWith("OpenCL C 1.1");
    if (Info.number(device, CL10.CL_DEVICE_AVAILABLE) == 0) {
      return Optional.of(limits.description() + " is not available now.");
    }
    if (Info.number(device, CL10.CL_DEVICE_COMPILER_AVAILABLE) == 0) {
      return Optional.of(limits.description() + " has no compiler.");
    }
    if (version.isEmpty() || old) {
      return Optional.of(limits.description() + " is older than OpenCL 1.2.");
    }
    if (Info.number(device, CL10.CL_DEVICE_ENDIAN_LITTLE) == 0) {
      return Optional.of(limits.description() + " puts the high byte of a number first.");
    }
    if (Info.device(device, CL10.CL_DEVICE_PROFILE).startsWith("EMBEDDED")) {
      return Optional.of(limits.description() + " has the embedded profile only.");
    }
    return Optional.empty();
  }
}
