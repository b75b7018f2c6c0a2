package dev.credence.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.device.Device.Buffer;
import dev.credence.device.Device.Launch;
import dev.credence.device.Device.Prepared;
import dev.credence.device.Device.Slice;
import dev.credence.device.reference.ReferenceDevice;
import dev.credence.device.reference.Twin;
import dev.credence.kernel.Loop.Argument;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A chain behind its padded copies is the chain with guards, bit for bit. */
class PaddingTest {
  @Test
  void guardsBecomeCopies() {
    RandomConvolutions convolutions = new RandomConvolutions(11);
    int padded = 0;
    try (ReferenceDevice device = new ReferenceDevice()) {
      for (int i = 0; i < 200; i++) {
        Loop loop = convolutions.next();
        List<MemorySegment> data = convolutions.data(loop);
        Optional<List<Loop>> loops = Padding.of(loop);
        if (loops.isEmpty()) {
          continue;
        }
        padded++;
        assertTrue(ChainProduct.of(loops.get().getLast()).isPresent(), () -> LoopText.of(loop));
        MemorySegment params = MemorySegment.ofArray(new int[16]);
        List<MemorySegment> wanted = Twin.run(device, loop, data, params);
        List<MemorySegment> got = run(device, loops.get(), data);
        got.add(params);
        assertEquals("", Twin.difference(loop, wanted, got), () -> LoopText.of(loop));
      }
    }
    assertTrue(padded > 100, padded + " of 200 were padded");
  }

  @Test
  void leavesAloneWhatHasNoGuard() {
    RandomConvolutions convolutions = new RandomConvolutions(12);
    for (int i = 0; i < 200; i++) {
      Loop loop = convolutions.next();
      if (ChainProduct.of(loop).isPresent()) {
        assertEquals(Optional.empty(), Padding.of(loop));
      }
    }
  }

  /** What the arguments of the first loops hold, without the room for copies, after all ran. */
  private static List<MemorySegment> run(
      ReferenceDevice device, List<Loop> loops, List<MemorySegment> data) {
    List<Buffer> buffers = new ArrayList<>();
    List<Argument> arguments = loops.get(0).arguments();
    for (Argument argument : arguments) {
      buffers.add(device.allocate(4 * argument.size()));
    }
    Buffer params = device.allocate(64);
    for (int i = 0; i < data.size(); i++) {
      device.write(buffers.get(i), 0, data.get(i));
    }
    List<Slice> slices = buffers.stream().map(b -> new Slice(b, 0, b.bytes())).toList();
    List<Launch> launches = loops.stream().map(l -> new Launch(device.compile(l), slices)).toList();
    try (Prepared prepared = device.prepare(launches, params)) {
      prepared.run();
    }
    List<MemorySegment> after = new ArrayList<>();
    for (int i = 0; i < data.size(); i++) {
      MemorySegment host = MemorySegment.ofArray(new float[(int) arguments.get(i).size()]);
      device.read(buffers.get(i), 0, host);
      after.add(host);
    }
    buffers.forEach(Buffer::close);
    params.close();
    return after;
  }
}
