package dev.credence.device.opencl;
import dev.credence.device.*;
import dev.credence.device.Device.*;
import dev.credence.device.reference.*;
import dev.credence.kernel.*;
import dev.credence.kernel.Loop.*;
import dev.credence.type.DType;
import java.util.*;
import java.lang.foreign.MemorySegment;
public class GemmBench {
  static Loop product(int batch, int m, int n, int k, boolean ta, boolean tb) {
      Index b = Index.axis(0, batch), i = Index.axis(1, m), j = Index.axis(2, n), q = Index.axis(3, k);
      Index left = !ta ? i.times(k).plus(q) : q.times(m).plus(i);
      Index right = !tb ? q.times(n).plus(j) : j.times(k).plus(q);
      Fold fold = new Fold(FoldKind.CHAIN, new Scalar.Load(DType.FLOAT32,0,b.times((long) m * k).plus(left),List.of()), new Scalar.Load(DType.FLOAT32,1,b.times((long) k*n).plus(right),List.of()));
      Index at = b.times((long) m * n).plus(i.times(n)).plus(j);
      return new Loop("product", Loop.list(batch, m, n), List.of(new Phase(Loop.list(k), List.of(fold), List.of()),
                  new Phase(List.of(), List.of(), List.of(new Store(2, at, new Scalar.Folded(DType.FLOAT32,0,0))))),
              List.of(new Argument(DType.FLOAT32,(long)batch * m * k,false), new Argument(DType.FLOAT32,(long)batch * k * n,false), new Argument(DType.FLOAT32,(long)batch * m * n,true)));
  }
  public static void main(String[] a) {
    Device d = new OpenClProvider().open("opencl:0");
    Device r = new ReferenceDevice();
    Random random = new Random(1);
    if (a.length == 0) for (int[] s : new int[][] {{1,64,64,64},{2,37,45,19},{1,130,257,70},{3,8,9,1},{1,200,33,129}}) for (int t = 0; t < 4; t++) {
      Loop loop = product(s[0],s[1],s[2],s[3],(t&1)!=0,(t&2)!=0);
      List<MemorySegment> data = new ArrayList<>();
      for (Argument g : loop.arguments()) { float[] v = new float[(int) g.size()]; for (int i=0;i<v.length;i++) v[i]=(float)random.nextGaussian(); data.add(MemorySegment.ofArray(v)); }
      MemorySegment params = MemorySegment.ofArray(new int[16]);
      String diff = Twin.difference(loop, Twin.run(r, loop, data, params), Twin.run(d, loop, data, params));
      System.out.println(Arrays.toString(s) + t + " " + d.compile(loop).how() + " '" + diff + "'");
    }
    int[][] sizes = a.length > 0 ? new int[][] {{1, 1024, 1024, 1024}} : new int[][] {{1,1024,1024,1024},{1,128,1200,784},{1,128,10,1200},{1,128,128,128},{10,128,50,13}};
    for (int[] s : sizes) for (int t = 0; t < (a.length > 0 ? 1 : 4); t++) {
      Loop loop = product(s[0],s[1],s[2],s[3],(t&1)!=0,(t&2)!=0);
      Kernel kernel = d.compile(loop);
      List<Slice> slices = new ArrayList<>();
      for (Argument g : loop.arguments()) { Buffer b = d.allocate(4*g.size()); float[] v = new float[(int) g.size()]; Arrays.fill(v, 0.5f); d.write(b,0,MemorySegment.ofArray(v)); slices.add(new Slice(b,0,b.bytes())); }
      Buffer params = d.allocate(64);
      try (Prepared p = d.prepare(List.of(new Launch(kernel, slices)), params)) {
        p.run(); d.await();
        var os = (com.sun.management.OperatingSystemMXBean) java.lang.management.ManagementFactory.getOperatingSystemMXBean();
        int reps = 6; double best = 1e9; long c0 = os.getProcessCpuTime();
        for (int i = 0; i < reps; i++) { long t0 = System.nanoTime(); p.run(); d.await(); best = Math.min(best, (System.nanoTime()-t0)/1e9); }
        double cpu = (os.getProcessCpuTime() - c0) / 1e9 / reps;
        double gf = 2.0*s[0]*s[1]*s[2]*s[3]/1e9;
        System.out.printf("%s %d %s: best wall %.3f ms %.1f GFLOP/s, per cpu second %.1f%n", Arrays.toString(s), t, kernel.how(), best*1e3, gf/best, gf/cpu);
      }
      slices.forEach(x -> x.buffer().close()); params.close();
    }
    d.close();
  }
}
