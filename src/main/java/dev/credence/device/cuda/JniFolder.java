package dev.credence.device.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A folder of this process alone from which JCuda loads its JNI libraries. JCuda would unpack them
 * into java.io.tmpdir and trust whatever lies there already, so it is shown a fresh folder instead,
 * in which they stand, turned to the CUDA at hand. Once loaded a library needs its file no more:
 * closing deletes all.
 */
final class JniFolder implements AutoCloseable {
  /** The version that all JNI libraries are asked for by. */
  static final String JCUDA = "12.6.0";

  /** The version that JCudnn's is packed under. */
  static final String JCUDNN = "11.7.0";

  private static final String TEMPORARY = "java.io.tmpdir";

  private final Path folder;
  private final List<Path> files = new ArrayList<>();

  /** A new folder. */
  JniFolder() throws IOException {
    folder =
        Files.createTempDirectory(
            "credence",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }

  /**
   * Loads a JNI library.
   *
   * @param name such as JCublas2
   * @param version that it is packed under
   * @param targets what it needs, and what it shall need instead
   * @param use makes JCuda load it
   */
  void load(String name, String version, Map<String, String> targets, Runnable use)
      throws IOException {
    ElfImage image = new ElfImage(packed(name, version));
    targets.forEach(image::retarget);
    Path file = folder.resolve(file(name, JCUDA));
    files.add(file);
    Files.write(file, image.bytes());
    String before = System.getProperty(TEMPORARY);
    System.setProperty(TEMPORARY, folder.toString());
    try {
      use.run();
    } finally {
      System.setProperty(TEMPORARY, before);
    }
  }

  /** A library's bytes, as JCuda's jar has them. */
  static byte[] packed(String name, String version) throws IOException {
    String resource = "/lib/" + file(name, version);
    try (InputStream bytes = JniFolder.class.getResourceAsStream(resource)) {
      if (bytes == null) {
        throw new IOException("the class path has no " + resource.substring(1));
      }
      return bytes.readAllBytes();
    }
  }

  private static String file(String name, String version) {
    return "lib" + name + "-" + version + "-linux-x86_64.so";
  }

  @Override
  public void close() throws IOException {
    for (Path file : files) {
      Files.deleteIfExists(file);
    }
    Files.deleteIfExists(folder);
  }
}
