package dev.credence.device.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.credence.run.TrainingTest;
import org.junit.jupiter.api.Test;

/** One seed, one training run: whatever the instruction level and the number of threads. */
class LevelsTest {
  @Test
  void trainingDoesNotDependOnTheLevelOrTheThreads() {
    NativeLibrary library = NativeLibraryTest.library();
    try (CpuDevice best = new CpuDevice(library, 1);
        CpuDevice floor = new CpuDevice(library.atFloor(), 1);
        CpuDevice two = new CpuDevice(library.atFloor(), 2)) {
      int weights = TrainingTest.train(best, true, 50);
      assertEquals(weights, TrainingTest.train(floor, true, 50));
      assertEquals(weights, TrainingTest.train(two, true, 50));
    }
  }
}
