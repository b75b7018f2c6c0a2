package dev.credence.device.reference;

import dev.credence.device.Device;
import dev.credence.device.Device.Buffer;
import dev.credence.device.Device.Launch;
import dev.credence.device.Device.Prepared;
import dev.credence.device.Device.Slice;
import dev.credence.kernel.Loop;
import dev.credence.kernel.Work;
import dev.credence.type.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** Runs one piece of work on a device and compares what two of them gave. */
public final class Twin {
  private Twin() {}

  /** What the arguments and, last, the parameter block hold after the work was run. */
  public static List<MemorySegment> run(
      Device device, Work work, List<MemorySegment> arguments, MemorySegment params) {
    List<Buffer> buffers = new ArrayList<>();
    try {
      List<MemorySegment> all = new ArrayList<>(arguments);
      all.add(params);
      for (MemorySegment host : all) {
        Buffer buffer = device.allocate(host.byteSize());
        buffers.add(buffer);
        device.write(buffer, 0, host);
      }
      List<Slice> slices = new ArrayList<>();
      for (Buffer buffer : buffers.subList(0, arguments.size())) {
        slices.add(new Slice(buffer, 0, buffer.bytes()));
      }
      Launch launch = new Launch(device.compile(work), slices);
      try (Prepared prepared = device.prepare(List.of(launch), buffers.getLast())) {
        prepared.run();
        device.await();
      }
      List<MemorySegment> after = new ArrayList<>();
      for (Buffer buffer : buffers) {
        MemorySegment host = MemorySegment.ofArray(new long[(int) (buffer.bytes() + 7) / 8]);
        MemorySegment exact = host.asSlice(0, buffer.bytes());
        device.read(buffer, 0, exact);
        after.add(exact);
      }
      return after;
    } finally {
      buffers.forEach(Buffer::close);
    }
  }

  /**
   * The first difference between two runs in words, or nothing; any NaN equals any other.
   *
   * @param wanted from {@link #run} on the reference device
   */
  public static String difference(Work work, List<MemorySegment> wanted, List<MemorySegment> got) {
    for (int a = 0; a <= work.arguments().size(); a++) {
      boolean params = a == work.arguments().size();
      Loop.Argument argument =
          params
              ? new Loop.Argument(DType.INT32, wanted.get(a).byteSize() / 4, true)
              : work.arguments().get(a);
      for (long i = 0; i < argument.size(); i++) {
        Number w = element(wanted.get(a), argument.type(), i);
        Number g = element(got.get(a), argument.type(), i);
        if (!w.equals(g)) {
          String what = params ? "parameter word " : "argument " + a + " element ";
          return what + i + " is " + g + ", not " + w;
        }
      }
    }
    return "";
  }

  /** An element; boxed floats are equal if their bits are, all NaN being one. */
  static Number element(MemorySegment array, DType type, long i) {
    return switch (type) {
      case FLOAT32 -> array.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i);
      case FLOAT64 -> array.getAtIndex(ValueLayout.JAVA_DOUBLE_UNALIGNED, i);
      case INT32 -> array.getAtIndex(ValueLayout.JAVA_INT_UNALIGNED, i);
      case BOOL -> array.get(ValueLayout.JAVA_BYTE, i);
    };
  }
}
