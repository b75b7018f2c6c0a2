package dev.credence.device.opencl;
import dev.credence.device.*;
import dev.credence.device.reference.*;
import dev.credence.kernel.*;
import java.util.*;
import java.lang.foreign.MemorySegment;
public class Scratch {
  public static void main(String[] a) {
    OpenClProvider p = new OpenClProvider();
    System.out.println(p.entries());
    if (p.entries().get(0).limits().isEmpty()) return;
    Device d = p.open("opencl:0");
    RandomLoops loops = new RandomLoops(Long.parseLong(a[0]));
    int n = Integer.parseInt(a[1]);
    Device r = new ReferenceDevice();
    long t0 = System.nanoTime(); int bad = 0;
    for (int i = 0; i < n; i++) {
      RandomLoops.Case c = loops.next();
      List<MemorySegment> wanted = Twin.run(r, c.loop(), c.arguments(), c.params());
      try {
        List<MemorySegment> got = Twin.run(d, c.loop(), c.arguments(), c.params());
        String s = Twin.difference(c.loop(), wanted, got);
        if (!s.isEmpty()) { bad++; System.out.println(i + " " + s + "\n" + c.loop() + d.compile(c.loop()).how()); }
      } catch (RuntimeException e) { bad++; System.out.println(i + " " + e); if (bad > 3) throw e; }
      if (bad > 5) break;
    }
    System.out.println(n + " loops, bad " + bad + ", " + (System.nanoTime() - t0) / 1e9 + " s, allocated " + d.allocatedBytes());
    d.close();
  }
}
