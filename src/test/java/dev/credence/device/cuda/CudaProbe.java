package dev.credence.device.cuda;

import dev.credence.device.BinaryCache;
import dev.credence.device.Device;
import dev.credence.device.Devices;
import dev.credence.device.reference.ReferenceDevice;
import dev.credence.device.reference.Twin;
import dev.credence.kernel.RandomLoops;
import dev.credence.kernel.RandomLoops.Case;
import dev.credence.kernel.Work;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Says what CUDA a process has, and tries it: the main program of {@link CudaLibrariesTest}. */
final class CudaProbe {
  private static final int LOOPS = 20;

  private CudaProbe() {}

  /** Prints the reason or finding of the first entry, and what the device is and does. */
  public static void main(String[] none) {
    Devices.Entry entry = new CudaProvider().entries().get(0);
    System.out.println(entry.reason());
    if (entry.limits().isEmpty()) {
      return;
    }
    System.out.println(entry.limits().get().description());
    Path cache = Path.of(System.getProperty("credence.cache"));
    boolean blas = CudaLibraries.load().blas();
    try (ReferenceDevice reference = new ReferenceDevice();
        CudaDevice device =
            new CudaDevice(0, CudaDevice.Products.chosen(blas), new BinaryCache(cache))) {
      RandomLoops loops = new RandomLoops(5);
      List<Case> cases = new ArrayList<>();
      for (int i = 0; i < LOOPS; i++) {
        cases.add(loops.next());
        device.compile(cases.getLast().loop());
      }
      for (Case c : cases) {
        compare(reference, device, c.loop(), c.arguments(), c.params());
      }
      Work product = CudaDeviceTest.product(2, 5, 6, 7, false, true, false);
      List<MemorySegment> arguments = new ArrayList<>();
      product.arguments().forEach(a -> arguments.add(CudaDeviceTest.random((int) a.size())));
      compare(reference, device, product, arguments, CudaDeviceTest.params());
      if (device.compile(product).how().equals("cuBLAS")) {
        System.out.println(LOOPS + " random loops and a product by cuBLAS: no difference");
      }
    }
  }

  private static void compare(
      Device reference,
      Device device,
      Work work,
      List<MemorySegment> arguments,
      MemorySegment params) {
    String difference =
        Twin.difference(
            work,
            Twin.run(reference, work, arguments, params),
            Twin.run(device, work, arguments, params));
    if (!difference.isEmpty()) {
      throw new AssertionError(work + difference);
    }
  }
}
