import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Holds the Java sources to google-java-format. Maven runs this file as it is, on the JDK that
 * compiles the project: {@code java Format.java check|write|off BUILD_DIR FORMATTER_JAR}.
 *
 * <p>Only files changed since the last clean run are looked at.
 */
final class Format {
  private static final List<String> ROOTS =
      List.of("src/main/java", "src/test/java", "src/build", "benchmarks/src");

  public static void main(String[] args) throws IOException, InterruptedException {
    List<String> action =
        switch (args[0]) {
          case "check" -> List.of("--dry-run", "--set-exit-if-changed");
          case "write" -> List.of("--replace");
          case "off" -> List.of();
          default -> {
            System.err.println("-Dformat takes check, write or off, not '" + args[0] + "'.");
            System.exit(2);
            yield List.of();
          }
        };
    if (action.isEmpty()) {
      return;
    }
    Path build = Path.of(args[1]);
    Path jar = Path.of(args[2]);
    Path stamp = build.resolve("format.stamp");

    // Dated before the files are listed, so that one edited meanwhile is seen the next time.
    FileTime now = FileTime.from(Instant.now());
    List<String> changed = changedSince(lastCleanRun(stamp, jar));
    if (!changed.isEmpty()) {
      int status = format(jar, action, Files.write(build.resolve("format.files"), changed));
      if (status != 0) {
        if (args[0].equals("check")) {
          System.err.println(
              "Not in the house style: the files above. 'mvn validate -Dformat=write' rewrites"
                  + " them.");
        }
        System.exit(status);
      }
    }
    Files.write(stamp, new byte[0]);
    Files.setLastModifiedTime(stamp, now);
  }

  /** The stamp's time, or the beginning of time where a new formatter makes it worthless. */
  private static FileTime lastCleanRun(Path stamp, Path jar) throws IOException {
    if (!Files.exists(stamp)) {
      return FileTime.fromMillis(0);
    }
    FileTime time = Files.getLastModifiedTime(stamp);
    return time.compareTo(Files.getLastModifiedTime(jar)) > 0 ? time : FileTime.fromMillis(0);
  }

  private static List<String> changedSince(FileTime time) throws IOException {
    List<String> changed = new ArrayList<>();
    for (String root : ROOTS) {
      if (!Files.isDirectory(Path.of(root))) {
        continue;
      }
      try (Stream<Path> files = Files.walk(Path.of(root))) {
        for (Path file : (Iterable<Path>) files::iterator) {
          if (file.toString().endsWith(".java")
              && Files.getLastModifiedTime(file).compareTo(time) >= 0) {
            changed.add(file.toString());
          }
        }
      }
    }
    return changed;
  }

  /** The formatter gets a JVM of its own, since its jar's manifest opens javac to it. */
  private static int format(Path jar, List<String> action, Path files)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-jar", jar.toString()));
    command.addAll(action);
    command.add("@" + files);
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }
}
