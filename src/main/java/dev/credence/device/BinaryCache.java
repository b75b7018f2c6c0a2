package dev.credence.device;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Compiled kernels kept on disk, for devices that compile source while a program runs. An entry
 * carries a digest of its content, so that a damaged one is as good as none; it gets its name only
 * when complete, so that processes may share the folder. A folder that cannot be written keeps
 * nothing, which costs time and no more.
 *
 * <p>The folder is the property credence.cache, or else credence/ in XDG_CACHE_HOME or ~/.cache.
 */
public final class BinaryCache {
  private static final int DIGEST = 32;

  private final Path folder;

  /** A cache in this folder. */
  public BinaryCache(Path folder) {
    this.folder = folder;
  }

  /** The user's cache for one kind of device. */
  public static BinaryCache ofUser(String kind) {
    String chosen = System.getProperty("credence.cache");
    String xdg = System.getenv("XDG_CACHE_HOME");
    Path root =
        chosen != null
            ? Path.of(chosen)
            : (xdg != null && !xdg.isBlank()
                    ? Path.of(xdg)
                    : Path.of(System.getProperty("user.home"), ".cache"))
                .resolve("credence");
    return new BinaryCache(root.resolve(kind));
  }

  /** The name of what is made from some texts: compiler, options and source. */
  public static String key(String... texts) {
    MessageDigest digest = sha256();
    for (String text : texts) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      digest.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
      digest.update(bytes);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** What was kept under a key, unless it is damaged. */
  public Optional<byte[]> get(String key) {
    try {
      byte[] entry = Files.readAllBytes(folder.resolve(key));
      if (entry.length < DIGEST) {
        return Optional.empty();
      }
      byte[] content = Arrays.copyOfRange(entry, DIGEST, entry.length);
      boolean whole = Arrays.equals(entry, 0, DIGEST, sha256().digest(content), 0, DIGEST);
      return whole ? Optional.of(content) : Optional.empty();
    } catch (IOException none) {
      return Optional.empty();
    }
  }

  /** Keeps something. */
  public void put(String key, byte[] content) {
    try {
      Files.createDirectories(folder, ownersOnly());
      Path part = Files.createTempFile(folder, "part", "");
      try {
        byte[] entry = Arrays.copyOf(sha256().digest(content), DIGEST + content.length);
        System.arraycopy(content, 0, entry, DIGEST, content.length);
        Files.write(part, entry);
        Files.move(
            part,
            folder.resolve(key),
            StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(part);
      }
    } catch (IOException | UnsupportedOperationException notKept) {
      // It will be compiled again.
    }
  }

  private static FileAttribute<?>[] ownersOnly() {
    return Path.of("").getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
        }
        : new FileAttribute<?>[0];
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("Every Java has SHA-256.", e);
    }
  }
}
