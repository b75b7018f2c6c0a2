package dev.credence.benchmarks.peers;

import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import dev.credence.benchmarks.Server;
import dev.credence.benchmarks.Task;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** PyTorch through DJL, as a measured process; its argument is the number of threads. */
final class DjlPeer {
  private DjlPeer() {}

  public static void main(String[] args) throws IOException {
    NDManager manager = NDManager.newBaseManager("PyTorch");
    JniUtils.setNumThreads(Integer.parseInt(args[0]));
    // In-place updates of parameters are allowed only while no gradient is collected.
    JniUtils.setGradMode(false);
    manager.getEngine().setRandomSeed(1);
    Server.serve(id -> open(id, manager));
  }

  private static @Nullable Task open(String id, NDManager base) {
    NDManager m = base.newSubManager();
    return switch (id) {
      case "W1" -> new DjlElementwise.SampleWeights(m);
      case "W2" -> new DjlElementwise.GaussianKl(m);
      case "W3" -> new DjlElementwise.Mask(m);
      case "W4" -> new DjlPredict.McDropout(m);
      case "W5" -> new DjlTraining.BayesByBackprop(m, false);
      case "W5l" -> new DjlTraining.BayesByBackprop(m, true);
      case "W6" -> new DjlTraining.Vae(m);
      case "W7" -> new DjlTraining.Flow(m);
      case "W8" -> new DjlPredict.BnnPredict(m);
      case "W9" -> new DjlTraining.Cnn(m);
      case "W10" -> new DjlTraining.Tiny(m);
      default -> {
        m.close();
        yield null;
      }
    };
  }
}
