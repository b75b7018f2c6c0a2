package dev.credence.benchmarks;

import dev.credence.device.Devices;
import dev.credence.run.Program;

/** Prints where a workload's time goes, kernel by kernel: ID [DEVICE [RUNS]]. */
final class Profile {
  private Profile() {}

  public static void main(String[] args) {
    if (args.length == 0) {
      System.err.println("Which workload? Say one of W1 to W10, and a device if not auto.");
      System.exit(2);
    }
    int runs = args.length > 2 ? Integer.parseInt(args[2]) : 31;
    try (Workload workload =
        Suite.workload(args[0], Devices.get(args.length > 1 ? args[1] : "auto"))) {
      if (workload == null) {
        System.err.println("There is no workload " + args[0] + ".");
        System.exit(2);
        return;
      }
      System.out.println(workload.verify());
      for (Program program : workload.programs()) {
        print(program, runs);
      }
    }
  }

  private static void print(Program program, int runs) {
    System.out.printf(
        "%n%d launches, %.3f MB moved, arena %.3f MB%n",
        program.launches(),
        program.plan().schedule().bytes() / 1e6,
        program.plan().arenaBytes() / 1e6);
    double sum = 0;
    for (Program.Timing t : program.profile(runs)) {
      sum += t.micros();
      System.out.printf(
          "%10.1f us %9.3f MB %7.1f GB/s  %-32s %s%n",
          t.micros(), t.bytes() / 1e6, t.bytes() / t.micros() / 1e3, t.kernel(), t.how());
    }
    System.out.printf("%10.1f us%n", sum);
  }
}
