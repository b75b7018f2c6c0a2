package dev.credence.device;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Compiled kernels kept on disk, for devices that compile source while a program runs. An entry
 * carries a digest of its content, so that a damaged one is as good as none; it gets its name only
 * when complete, so that processes may share the folder. A folder that cannot be written keeps
 * nothing, which costs time and no more.
 *
 * <p>The folder is the property credence.cache, or else credence/ in XDG_CACHE_HOME or ~/.cache;
 * credence.cache=off keeps nothing. When all entries of a kind of device take more than the
 * property credence.cache.bytes, those go that were used longest ago.
 */
public final class BinaryCache {
  private static final int DIGEST = 32;

  /** What the name of a file begins with that is not yet complete. */
  private static final String PART = "part";

  /** What is kept unless somebody says otherwise. */
  private static final long MOST_BYTES = 1L << 28;

  private final Optional<Path> folder;
  private final long mostBytes;

  /** A cache in this folder. */
  public BinaryCache(Path folder) {
    this(folder, MOST_BYTES);
  }

  /** A cache that keeps no more than this. */
  public BinaryCache(Path folder, long mostBytes) {
    this(Optional.of(folder), mostBytes);
  }

  private BinaryCache(Optional<Path> folder, long mostBytes) {
    this.folder = folder;
    this.mostBytes = mostBytes;
  }

  /** The user's cache for one kind of device. */
  public static BinaryCache ofUser(String kind) {
    String chosen = System.getProperty("credence.cache");
    if ("off".equals(chosen)) {
      return new BinaryCache(Optional.empty(), 0);
    }
    String xdg = System.getenv("XDG_CACHE_HOME");
    Path root =
        chosen != null
            ? Path.of(chosen)
            : (xdg != null && !xdg.isBlank()
                    ? Path.of(xdg)
                    : Path.of(System.getProperty("user.home"), ".cache"))
                .resolve("credence");
    return new BinaryCache(root.resolve(kind), Long.getLong("credence.cache.bytes", MOST_BYTES));
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
    return folder.map(f -> f.resolve(key)).flatMap(BinaryCache::read);
  }

  private static Optional<byte[]> read(Path file) {
    try {
      byte[] entry = Files.readAllBytes(file);
      if (entry.length < DIGEST) {
        return Optional.empty();
      }
      byte[] content = Arrays.copyOfRange(entry, DIGEST, entry.length);
      boolean whole = Arrays.equals(entry, 0, DIGEST, sha256().digest(content), 0, DIGEST);
      if (whole) {
        Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
      }
      return whole ? Optional.of(content) : Optional.empty();
    } catch (IOException none) {
      return Optional.empty();
    }
  }

  /** Keeps something. */
  public void put(String key, byte[] content) {
    folder.ifPresent(f -> write(f, key, content));
  }

  private void write(Path folder, String key, byte[] content) {
    try {
      Files.createDirectories(folder, ownersOnly());
      Path part = Files.createTempFile(folder, PART, "");
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
      forget(folder);
    } catch (IOException | UncheckedIOException | UnsupportedOperationException notKept) {
      // It will be compiled again.
    }
  }

  /** An entry on disk. */
  private record Entry(Path file, long bytes, FileTime used) {
    static Entry of(Path file) {
      try {
        return new Entry(file, Files.size(file), Files.getLastModifiedTime(file));
      } catch (IOException gone) {
        return new Entry(file, 0, FileTime.fromMillis(0));
      }
    }
  }

  /** Deletes what was used longest ago until the rest is within the limit. */
  private void forget(Path folder) throws IOException {
    List<Entry> entries;
    try (Stream<Path> files = Files.list(folder)) {
      entries =
          files
              .filter(file -> !file.getFileName().toString().startsWith(PART))
              .map(Entry::of)
              .sorted(Comparator.comparing(Entry::used))
              .toList();
    }
    long bytes = entries.stream().mapToLong(Entry::bytes).sum();
    for (Entry entry : entries) {
      if (bytes > mostBytes) {
        Files.deleteIfExists(entry.file);
        bytes -= entry.bytes;
      }
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
